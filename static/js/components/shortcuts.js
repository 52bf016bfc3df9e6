// Keys of the board. None of them fires while one types, and each has a button or a menu that does the same.

import { h } from "../core/dom.js";
import { dialog } from "./dialog.js";
import { S } from "../core/strings.js";

const KEY = "lastmile.keys";
const ALWAYS = new Set(["?", "Escape"]); // how one finds the switch again

/** Whether keys of one letter work: who speaks to a computer, or has a cat, can turn them off. */
export function keysOn(storage = globalThis.localStorage) {
  try {
    return storage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function turnKeys(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Without storage they stay on.
  }
}

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]") && !target.matches("[type=checkbox], [type=radio]");

/**
 * @param {{key: string, alt?: boolean, ctrl?: boolean, shift?: boolean, words: string, shown?: string, edits?: boolean, run: (event: KeyboardEvent) => void}[]} keys
 * @param {boolean} may whether keys that change something work
 */
export function shortcuts(keys, may) {
  const usable = keys.filter((one) => may || !one.edits);
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || typing(event.target)) return;
    if (document.querySelector("dialog[open], .popover")) return;
    const hit = usable.find((one) => one.key === (event.key.length === 1 ? event.key.toLowerCase() : event.key) && Boolean(one.alt) === event.altKey
      && Boolean(one.ctrl) === (event.ctrlKey || event.metaKey) && (one.shift === undefined || one.shift === event.shiftKey));
    if (!hit || (!keysOn() && !hit.ctrl && !ALWAYS.has(hit.key))) return;
    event.preventDefault();
    hit.run(event);
  });
  return {
    overlay() {
      const rows = usable.filter((one) => one.words).map((one) => h("div", { class: "key" }, h("kbd", {}, one.shown ?? one.key.toUpperCase()), h("span", {}, one.words)));
      rows.push(
        h("div", { class: "key" }, h("kbd", {}, "↑ ↓"), h("span", {}, S.keys.rows)),
        h("div", { class: "key" }, h("kbd", {}, S.keys.click), h("span", {}, S.keys.several)),
      );
      const use = h("input", { type: "checkbox", checked: keysOn(), onchange: () => turnKeys(use.checked) });
      dialog(S.keys.title, [h("div", { class: "keys" }, rows), h("label", { class: "choice" }, use, S.keys.use)]);
    },
  };
}
