// Locking the selected orders: to their van, or to their van and place; what no planning may change.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";
import { lockable } from "./locks.js";
import { item, popover } from "./popover.js";

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
