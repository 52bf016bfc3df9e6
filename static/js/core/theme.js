// The colour theme: as the system says unless the person chose one, which this browser remembers.

const KEY = "lastmile.theme";
const dark = () => matchMedia("(prefers-color-scheme: dark)");

export const chosen = () => document.documentElement.dataset.theme ?? "auto";

/** "light" or "dark", whatever decided it. */
export function effective() {
  const theme = chosen();
  if (theme !== "auto") return theme;
  return dark().matches ? "dark" : "light";
}

export function choose(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: effective() }));
}

/** Call `listener("light"|"dark")` whenever the theme in force changes. */
export function watch(listener) {
  document.addEventListener("themechange", (event) => listener(event.detail));
  dark().addEventListener("change", () => chosen() === "auto" && listener(effective()));
}
