// A classic script in the head: sets the remembered theme before the first paint, so that nothing flashes.
(() => {
  try {
    const theme = localStorage.getItem("lastmile.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden by the browser; the system's theme is used then.
  }
})();
