// A text field with a list of suggestions, by the ARIA pattern "editable combobox with list autocomplete".

import { h } from "../core/dom.js";

const WAIT_MS = 250;

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} list an empty element with role=listbox and an id.
 * @param {object} options ask(text) -> Promise<array or null>, label(item), take(item), tell(count), fewest letters.
 */
export function combobox(input, list, { ask, label, take, tell, fewest = 3 }) {
  let items = [];
  let at = -1;
  let due = null;
  let asked = 0;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  function close() {
    asked += 1; // an answer that is still on its way opens nothing
    clearTimeout(due);
    items = [];
    at = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open(found) {
    items = found;
    at = -1;
    list.replaceChildren(...found.map((item, i) => h("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false", dataset: { at: String(i) } }, label(item))));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    tell(found.length);
  }

  function move(to) {
    at = (to + items.length) % items.length;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function choose(i) {
    const item = items[i];
    close();
    take(item);
    input.focus();
  }

  input.addEventListener("input", () => {
    clearTimeout(due);
    const text = input.value.trim();
    if (text.length < fewest) {
      close();
      return;
    }
    due = setTimeout(async () => {
      asked += 1;
      const mine = asked;
      const found = await ask(text);
      if (mine === asked && found) open(found);
    }, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || !items.length) return;
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at < 0 ? items.length - 1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) choose(at);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-at]");
    if (option) choose(Number(option.dataset.at));
  });
}
