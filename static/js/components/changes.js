// What would fit an order in that was left out: the planner's smallest changes, the cheapest first.

import { h } from "../core/dom.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";

/** The list, or nothing where no single change would do. */
export function changes(list) {
  if (!list?.length) return null;
  return h("div", { class: "changes" }, h("span", {}, S.wouldFit), h("ul", {}, list.map((words) => h("li", {}, said(words)))));
}
