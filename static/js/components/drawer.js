// What lies below the map: timeline or order table, at a height that is dragged (or set by arrow keys) and remembered.

import { S } from "../core/strings.js";

const LEAST = 120, STEP = 24;
const KEY = "lastmile.drawer.height";

/** A height that leaves the map some room. Pure. */
export const fitting = (height, screen) => Math.round(Math.max(LEAST, Math.min(height, screen * 0.7)));

/**
 * @param {HTMLElement} root the drawer
 * @param {object} app the board: `remember`, `set`, `ui`
 * @param {string|null} kept the height of the last time
 */
export function drawer(root, app, kept) {
  const handle = root.querySelector('[data-part="divider"]');
  let height = Number(kept) || 232;

  function apply(next, remember = true) {
    height = fitting(next, innerHeight);
    root.style.height = `${height}px`;
    handle.setAttribute("aria-valuenow", String(height));
    if (remember) app.remember(KEY, String(height));
  }

  handle.setAttribute("aria-label", S.divider);
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const from = event.clientY, was = height;
    const move = (moved) => apply(was + from - moved.clientY);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", () => handle.removeEventListener("pointermove", move), { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    apply(height + by);
  });
  for (const tab of root.querySelectorAll("[data-drawer]")) tab.addEventListener("click", () => app.showDrawer(tab.dataset.drawer));
  root.querySelector('[data-part="drawer-close"]').addEventListener("click", () => app.showDrawer("off"));
  addEventListener("resize", () => apply(height, false));
  apply(height, false);

  return {
    render(_state, ui) {
      root.hidden = ui.drawer === "off";
      for (const tab of root.querySelectorAll("[data-drawer]")) tab.setAttribute("aria-selected", tab.dataset.drawer === ui.drawer);
    },
  };
}

export const heightKey = KEY;
