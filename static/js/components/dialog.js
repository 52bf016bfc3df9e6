// A modal dialog on the platform's own element.

import { h, icon } from "../core/dom.js";
import { S } from "../core/strings.js";

/** Open a dialog; `foot` are its buttons. Returns {element, close}. It is removed when closed. */
export function dialog(title, body, foot = []) {
  const close = () => element.close();
  const element = h(
    "dialog",
    { class: "dialog", "aria-label": title },
    h("div", { class: "dialog__head" }, h("h2", {}, title),
      h("button", { type: "button", class: "button button--quiet button--icon", "aria-label": S.dismiss, onclick: () => close() }, icon("close"))),
    h("div", { class: "dialog__body" }, body),
    foot.length > 0 && h("div", { class: "dialog__foot" }, foot),
  );
  element.addEventListener("close", () => element.remove());
  element.addEventListener("click", (event) => event.target === element && close());
  document.body.append(element);
  element.showModal();
  return { element, close };
}
