// Locking the selected orders: to their van, or to their van and place; what no planning may change.

import { h } from "../core/dom.js";
import { placements } from "../core/select.js";
import { S } from "../core/strings.js";
import { item, popover } from "./popover.js";

/** Selected orders that stand on a route: what a lock can hold. */
export const lockable = (state, ids) => {
  const where = placements(state.routes);
  return ids.filter((id) => where.has(id) && ["planned", "out"].includes(state.orders.get(id)?.state));
};

/** Lock all, or free all where all are locked. */
export function togglePins(app, ids) {
  const held = lockable(app.state, ids);
  if (!held.length) return;
  const locked = held.every((id) => app.state.orders.get(id).pinned);
  app.pin(held, locked ? "" : "route");
}

export function pinMenu(app, anchor, ids) {
  const held = lockable(app.state, ids);
  const some = held.some((id) => app.state.orders.get(id).pinned);
  popover(anchor, [
    h("div", { class: "popover__title" }, S.lockTitle),
    item(S.pins.route, () => app.pin(held, "route"), { end: h("kbd", {}, "L") }),
    item(S.pins.place, () => app.pin(held, "place")),
    some && item(S.pins[""], () => app.pin(held, "")),
  ].filter(Boolean), { label: S.lockTitle });
}
