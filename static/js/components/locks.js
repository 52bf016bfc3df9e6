// Locks of single orders: which of those selected can be held, and holding them.

import { placements } from "../core/select.js";

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
