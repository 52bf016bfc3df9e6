// A small menu beside what opened it: arrows move, Escape and a click elsewhere close, focus goes back.

import { h } from "../core/dom.js";

let open = null;

export function closePopover() {
  open?.close();
}

/**
 * @param {HTMLElement|{x: number, y: number}} anchor
 * @param {(Node|false|null)[]} content
 */
export function popover(anchor, content, { label, wide = false } = {}) {
  closePopover();
  const before = document.activeElement;
  const menu = h("div", { class: `popover${wide ? " popover--wide" : ""}`, role: "dialog", "aria-label": label }, content);
  document.body.append(menu);
  place(menu, anchor);
  const close = () => {
    if (open?.menu !== menu) return;
    open = null;
    const had = menu.contains(document.activeElement);
    menu.remove();
    removeEventListener("pointerdown", outside, true);
    if (had && before?.isConnected) before.focus();
  };
  const outside = (event) => !menu.contains(event.target) && close();
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
  addEventListener("pointerdown", outside, true);
  open = { menu, close };
  menu.querySelector("input, button:not(:disabled)")?.focus();
  return { menu, close };
}

/** A line of a menu: text, what it does, what stands at its end. */
export function item(text, run, { disabled = false, end = null, start = null } = {}) {
  const label = typeof text === "string" ? h("span", {}, text) : text;
  return h("button", { type: "button", class: "popover__item", disabled, onclick: () => { closePopover(); run(); } }, start, label, end);
}

function step(menu, by) {
  const items = [...menu.querySelectorAll("input, button:not(:disabled):not([hidden])")];
  const at = items.indexOf(document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}

function place(menu, anchor) {
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
  const below = box.bottom + 4 + height <= innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - height - 4)}px`;
}
