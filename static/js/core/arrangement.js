// Whole routes by hand: what each shift would visit after it was reversed, merged, split, or its work swapped. Pure.
//
// A sequence is what is still to be visited; what is done or under way stays where it is.

import { isDone } from "./select.js";

/** The orders that a route is still to visit, in order; the stop at whose door the van stands is not among them. */
export const sequenceOf = (route) =>
  route.stops.filter((stop) => !isDone(stop) && stop.state !== "arrived").flatMap((stop) => stop.order_ids);

/** The same stops the other way round; orders of one stop stay together in their order. */
export function reversed(route) {
  const stops = route.stops.filter((stop) => !isDone(stop) && stop.state !== "arrived");
  return { [route.shift_id]: stops.toReversed().flatMap((stop) => stop.order_ids) };
}

/** All of `route` behind what `other` visits. */
export const merged = (route, other) => ({
  [other.shift_id]: [...sequenceOf(other), ...sequenceOf(route)],
  [route.shift_id]: [],
});

/** From this stop on, the route is another shift's. */
export function split(route, stopId, shiftId) {
  const at = route.stops.findIndex((stop) => stop.id === stopId);
  const rest = new Set(route.stops.slice(at).flatMap((stop) => stop.order_ids));
  const all = sequenceOf(route);
  return { [route.shift_id]: all.filter((id) => !rest.has(id)), [shiftId]: all.filter((id) => rest.has(id)) };
}

/** Each visits what the other was to visit. */
export const swapped = (route, other) => ({
  [route.shift_id]: sequenceOf(other),
  [other.shift_id]: sequenceOf(route),
});

/**
 * The place before or after the stop at `index`, as the server counts: orders still to be visited, without those that
 * are being moved themselves.
 */
export function positionAt(route, index, after, orderIds) {
  const moving = new Set(orderIds);
  const before = route.stops.slice(0, index + (after ? 1 : 0)).filter((stop) => !isDone(stop));
  return before.reduce((count, stop) => count + stop.order_ids.filter((id) => !moving.has(id)).length, 0);
}
