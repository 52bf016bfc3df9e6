// Short notices at the edge of the page. They wait while one points at them; errors last longest.

import { h, icon } from "../core/dom.js";
import { S } from "../core/strings.js";

const LIFE_MS = { info: 6000, success: 4000, warning: 10_000, error: 20_000 };
const LIMIT = 3;

/** Show a notice: `text` says what happened, `action` what to do; `buttons` are [{text, run}]. */
export function toast({ text, action = "", kind = "info", buttons = [] }) {
  const root = document.getElementById("toasts");
  const close = () => note.remove();
  const note = h(
    "div",
    { class: `toast toast--${kind}`, role: kind === "error" ? "alert" : "status" },
    h("div", { class: "toast__cause" }, text),
    action && h("div", { class: "toast__action" }, action),
    buttons.length > 0 &&
      h("div", { class: "toast__buttons" }, buttons.map(({ text: label, run }) =>
        h("button", { type: "button", class: "button button--small", onclick: () => { close(); run(); } }, label))),
    h("button", { type: "button", class: "button button--quiet button--icon button--small toast__close", "aria-label": S.dismiss, onclick: close }, icon("close")),
  );
  root.append(note);
  while (root.children.length > LIMIT) root.firstElementChild.remove();
  let timer = setTimeout(close, LIFE_MS[kind]);
  const stay = () => clearTimeout(timer);
  const leave = () => (timer = setTimeout(close, LIFE_MS[kind]));
  note.addEventListener("pointerenter", stay);
  note.addEventListener("pointerleave", leave);
  note.addEventListener("focusin", stay);
  return close;
}
