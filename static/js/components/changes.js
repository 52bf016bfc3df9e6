// What would fit an order in that was left out: the planner's smallest changes, the cheapest first, and a button each.

import { h } from "../core/dom.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";

const MINUTE_MS = 60_000;
// A stop at the station or at a charger on the way is nothing that can be drawn on a route yet.
const NOT_BY_HAND = new Set(["reload", "charge"]);

/** The order's window after a change that widens it: {window_start, window_end} in ISO, null for any other change. Pure. */
export function widened(order, { kind, amount }) {
  const moved = (at, minutes) => new Date(Date.parse(at) + minutes * MINUTE_MS).toISOString();
  if (kind === "window_later" && order.window_end) return { window_end: moved(order.window_end, amount) };
  if (kind === "window_earlier" && order.window_start) return { window_start: moved(order.window_start, -amount) };
  return null;
}

/** Whether somebody could do it by a click: plans made by older versions told only the words. */
export const doable = (change) => Boolean(change.shift_id) && !NOT_BY_HAND.has(change.kind);

/** The list, or nothing where no single change would do. `act(change)` does one, where the reader may. */
export function changes(list, act = null) {
  if (!list?.length) return null;
  return h("div", { class: "changes" }, h("span", {}, S.wouldFit), h("ul", {}, list.map((one) => {
    const change = typeof one === "string" ? { words: one } : one;
    const button = act && doable(change) && h("button", { type: "button", class: "button button--small", onclick: () => act(change) }, S.doIt);
    return h("li", {}, said(change.words), " ", button);
  })));
}
