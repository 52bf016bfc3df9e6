// Keys of the board. None of them fires while one types, and each has a button or a menu that does the same.

import { h } from "../core/dom.js";
import { dialog } from "./dialog.js";
import { S } from "../core/strings.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]") && !target.matches("[type=checkbox], [type=radio]");

/**
 * @param {{key: string, alt?: boolean, words: string, shown?: string, edits?: boolean, run: (event: KeyboardEvent) => void}[]} keys
 * @param {boolean} may whether keys that change something work
 */
export function shortcuts(keys, may) {
  const usable = keys.filter((one) => may || !one.edits);
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || typing(event.target)) return;
    if (document.querySelector("dialog[open], .popover")) return;
    const hit = usable.find((one) => one.key === (event.key.length === 1 ? event.key.toLowerCase() : event.key) && Boolean(one.alt) === event.altKey);
    if (!hit) return;
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
      dialog(S.keys.title, h("div", { class: "keys" }, rows));
    },
  };
}
