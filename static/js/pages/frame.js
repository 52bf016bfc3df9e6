// What every page's frame does: the theme switch, and menus that close when one looks elsewhere.

import { choose, chosen } from "../core/theme.js";

const NEXT = { auto: "light", light: "dark", dark: "auto" };

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const label = () => {
    const words = button.dataset[chosen()];
    button.setAttribute("aria-label", words);
    button.title = words;
    button.dataset.theme = chosen();
  };
  button.addEventListener("click", () => {
    choose(NEXT[chosen()]);
    label();
  });
  label();
}

// On a phone the navigation scrolls sideways: the page one is on must not be the one out of sight.
const here = document.querySelector(".nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
