// What a proposal would change of the routes there are: who gets and loses which orders, what comes late by it. Pure.

const ordersOf = (route) => route.stops.flatMap((stop) => stop.order_ids);
const lateOn = (route) => new Set((route?.violations ?? []).filter((one) => one.code === "late").map((one) => one.order_id));

/** How many of the orders that stay do not stand in the longest run of them that keeps its order. */
export function resequenced(before, after) {
  const at = new Map(before.map((id, index) => [id, index]));
  const tails = []; // the smallest end of an ascending run of each length
  let stayed = 0;
  for (const id of after) {
    if (!at.has(id)) continue;
    stayed += 1;
    const place = at.get(id);
    const length = tails.findIndex((end) => end >= place);
    tails[length < 0 ? tails.length : length] = place;
  }
  return stayed - tails.length;
}

/**
 * @param {Map} routes the board's routes
 * @param {object} proposal routes by shift
 * @param {number[]} base ids of the drafts that the proposal was made from
 * @returns {{rows: object[], moved: number, late: number, drivers: number}} a row for each route that there is or would
 *   be: {shiftId, name, colour, added, removed, resequenced, late: newly late orders, cents: change of its cost, state:
 *   "new", "gone", "changed" or "same"}. `drivers`: whose work changes.
 */
export function planDiff(routes, proposal, base) {
  const drafts = new Map([...routes.values()].filter((route) => base.includes(route.id)).map((route) => [route.shift_id, route]));
  const placed = new Map([...drafts.values()].flatMap((route) => ordersOf(route).map((id) => [id, route.shift_id])));
  const after = new Map(proposal.routes.map((route) => [route.shift_id, route]));
  const rows = [...new Set([...drafts.keys(), ...after.keys()])].map((shift) => compared(shift, drafts.get(shift), after.get(shift)));
  let moved = 0;
  for (const route of after.values()) {
    for (const id of ordersOf(route)) if (placed.has(id) && placed.get(id) !== route.shift_id) moved += 1;
  }
  const changed = rows.filter((row) => row.state !== "same");
  return { rows, moved, late: rows.reduce((sum, row) => sum + row.late.length, 0), drivers: changed.length };
}

function compared(shiftId, before, after) {
  const had = before ? ordersOf(before) : [], has = after ? ordersOf(after) : [];
  const was = new Set(had), is = new Set(has);
  const lateBefore = lateOn(before);
  const row = {
    shiftId,
    name: (after ?? before).name,
    colour: (after ?? before).colour,
    added: has.filter((id) => !was.has(id)).length,
    removed: had.filter((id) => !is.has(id)).length,
    resequenced: resequenced(had, has),
    late: [...lateOn(after)].filter((id) => !lateBefore.has(id)),
    cents: (after?.cost_cents ?? 0) - (before?.cost_cents ?? 0),
  };
  const same = !row.added && !row.removed && !row.resequenced;
  return { ...row, state: !before ? "new" : !after ? "gone" : same ? "same" : "changed" };
}
