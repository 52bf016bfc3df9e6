// What the board asks of its state. Pure; `now` is the station's business time in milliseconds.

export const AMBER_S = 15 * 60;
export const STALE_MS = 2 * 60_000;
export const HIDDEN_MS = 24 * 3600_000;

const DONE = new Set(["completed", "failed", "cancelled"]);
export const isDone = (stop) => DONE.has(stop.state);

/** A function that computes again only when its arguments are other objects than the last time. */
export function remembered(compute) {
  let last = null;
  let result;
  return (...given) => {
    if (last && last.length === given.length && last.every((value, i) => value === given[i])) return result;
    result = compute(...given);
    last = given;
    return result;
  };
}

export const unassigned = (orders) => [...orders.values()].filter((order) => order.state === "open");
export const unlocated = (orders) => [...orders.values()].filter((order) => order.state === "needs_location");

/** Where each order stands: order id -> {route, stop}. */
export function placements(routes) {
  const found = new Map();
  for (const route of routes.values()) {
    for (const stop of route.stops) for (const id of stop.order_ids) found.set(id, { route, stop });
  }
  return found;
}

/** Whether every word of the query begins somewhere in the order's number, name, address, place or shop. */
export function matches(order, query) {
  const words = query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const text = [
    order.number, order.external_id, order.recipient, order.address, order.postcode, order.place, order.shop, order.phone,
  ].join(" ").toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/** "ok", "near" (less than 15 minutes), "late" or "free" (no window), for a stop at its newest expected time. */
export function slackLevel(stop) {
  const slack = slackOf(stop);
  if (slack === null) return "free";
  if (slack < 0) return "late";
  return slack < AMBER_S ? "near" : "ok";
}

/** Seconds between the expected arrival and the end of the window; negative is late; null without a window. */
export function slackOf(stop) {
  if (stop.window_end === null || stop.window_end === undefined) return null;
  if (isDone(stop)) {
    const at = stop.arrived_at ?? stop.planned_arrival;
    return (Date.parse(stop.window_end) - Date.parse(at)) / 1000;
  }
  if (stop.slack_s !== null && stop.slack_s !== undefined) return stop.slack_s;
  return (Date.parse(stop.window_end) - Date.parse(expected(stop))) / 1000;
}

/** When the van is, was or will be there: arrived, newest estimate, plan. */
export const expected = (stop) => stop.arrived_at ?? stop.eta ?? stop.planned_arrival;

/** Whether the van gets there before the window opens and waits. */
export const isEarly = (stop) =>
  Boolean(stop.window_start) && !isDone(stop) && Date.parse(expected(stop)) < Date.parse(stop.window_start) - 60_000;

/** {done, failed, total, late}: how far a route is. A stop that was called off or never reached is not done. */
export function progressOf(route) {
  let done = 0, failed = 0, late = 0;
  for (const stop of route.stops) {
    if (isDone(stop) && stop.state !== "cancelled") done += 1;
    if (stop.state === "failed") failed += 1;
    if (!isDone(stop) && slackLevel(stop) === "late") late += 1;
  }
  return { done, failed, late, total: route.stops.length };
}

/** "live", "stale" (older than two minutes), "hidden" (older than a day, or never seen). */
export function freshness(position, now) {
  if (!position) return "hidden";
  const age = now - Date.parse(position.at);
  if (age > HIDDEN_MS) return "hidden";
  return age > STALE_MS ? "stale" : "live";
}

const SHOWN_EXCEPTIONS = new Set(["open", "acknowledged", "snoozed"]);
const STATE_RANK = { open: 0, acknowledged: 1, snoozed: 2 };

/** When the promise that an exception is about breaks: the end of its stop's window, in milliseconds; Infinity without. */
export function breaksAt(card, routes) {
  const stop = routes?.get(card.route_id)?.stops.find((one) => one.id === card.stop_id);
  return stop?.window_end ? Date.parse(stop.window_end) : Infinity;
}

/** Exceptions that still stand: open before acknowledged before snoozed, most severe, what breaks first, newest. */
export function standing(exceptions, routes = null) {
  const due = new Map([...exceptions.values()].map((card) => [card, breaksAt(card, routes)]));
  const sooner = (a, b) => (due.get(a) === due.get(b) ? 0 : due.get(a) - due.get(b));
  return [...exceptions.values()]
    .filter((card) => SHOWN_EXCEPTIONS.has(card.state))
    .sort(
      (a, b) =>
        STATE_RANK[a.state] - STATE_RANK[b.state] ||
        severity(b) - severity(a) ||
        sooner(a, b) ||
        Date.parse(b.raised_at) - Date.parse(a.raised_at) ||
        b.id - a.id,
    );
}

const WORDS = { info: 1, warning: 2, critical: 3 };
/** 1 info, 2 warning, 3 critical, whether the card says it in a number or a word. */
export const severity = (card) => WORDS[card.severity] ?? card.severity;

/** Routes in the order they are listed: by name, numbers by value. */
export const listed = (routes) =>
  [...routes.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));

const SHOWN_PLANS = new Set(["running", "proposed"]);

/** The plan whose run or proposal the board shows: the chosen one, else the newest that is running or proposed. */
export function currentPlan(plans, chosen = null) {
  if (chosen !== null && SHOWN_PLANS.has(plans.get(chosen)?.state)) return plans.get(chosen);
  return [...plans.values()].filter((plan) => SHOWN_PLANS.has(plan.state)).reduce((best, plan) => (best && best.id > plan.id ? best : plan), null);
}

/** Proposals that can be compared, the newest first. */
export const proposals = (plans) => [...plans.values()].filter((plan) => plan.state === "proposed").sort((a, b) => b.id - a.id);

/** Orders in groups: [{key, orders}] by "reason", "window", "zone" or "none"; groups in a steady order. */
export function grouped(orders, by, hourOf, zoneOf = () => "") {
  if (by === "none") return [{ key: "", orders }];
  const keyOf = { reason: (order) => order.left_out?.code ?? "", window: (order) => windowKey(order, hourOf), zone: zoneOf }[by];
  const groups = new Map();
  for (const order of orders) {
    const key = keyOf(order);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(order);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => ({ key, orders: list }));
}

function windowKey(order, hourOf) {
  if (!order.window_end) return "~"; // after every time of day
  return `${order.window_start ? hourOf(order.window_start) : ""}–${hourOf(order.window_end)}`;
}
