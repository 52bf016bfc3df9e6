// The day's orders as rows of a table: filtered, sorted, each with where it stands. Pure.

import { isDone, matches, placements, slackLevel, slackOf, expected } from "./select.js";

/** {order, route, stop, eta, slack} of every order; `eta` in milliseconds and `slack` in seconds, null where there is none. */
export function rowsOf(orders, routes) {
  const where = placements(routes);
  return [...orders.values()].map((order) => {
    const { route = null, stop = null } = where.get(order.id) ?? {};
    return { order, route, stop, eta: stop ? Date.parse(expected(stop)) : null, slack: stop ? slackOf(stop) : null };
  });
}

/** What a row can be filtered by, each a question with yes or no. */
export const FILTERS = {
  open: ({ order }) => order.state === "open" || order.state === "needs_location",
  planned: ({ order }) => order.state === "planned" || order.state === "out",
  late: ({ stop }) => Boolean(stop) && !isDone(stop) && slackLevel(stop) === "late",
  delivered: ({ order }) => order.state === "delivered",
  failed: ({ order }) => order.state === "failed" || order.state === "returned",
  locked: ({ order }) => Boolean(order.pinned),
};

/** Rows that match the words and any of the filters; no filter lets everything through. */
export function filtered(rows, { query = "", filters = [], routeId = null }) {
  const asked = filters.map((name) => FILTERS[name]).filter(Boolean);
  return rows.filter((row) => matches(row.order, query) && (routeId === null || row.route?.id === routeId) && (!asked.length || asked.some((is) => is(row))));
}

const text = (value) => value ?? "";
const last = Number.MAX_SAFE_INTEGER; // what has no value stands behind everything that has one
/** How a column is ordered: the value of a row. */
export const COLUMNS = {
  number: ({ order }) => text(order.number),
  recipient: ({ order }) => text(order.recipient),
  address: ({ order }) => text(order.address),
  window: ({ order }) => (order.window_end ? Date.parse(order.window_start ?? order.window_end) : last),
  state: ({ order }) => text(order.state),
  route: ({ route, stop }) => (route ? `${route.name.replace(/\d+/, (n) => n.padStart(6, "0"))} ${String(stop.sequence).padStart(5, "0")}` : "~"),
  eta: ({ eta }) => eta ?? last,
  slack: ({ slack }) => slack ?? last,
  weight: ({ order }) => order.weight_g,
  shop: ({ order }) => text(order.shop),
};

/** Rows by a column, stable; `down` turns it round, but what has no value stays at the end. */
export function sorted(rows, column, down = false) {
  const valueOf = COLUMNS[column] ?? COLUMNS.number;
  const keyed = rows.map((row, at) => ({ row, at, value: valueOf(row) }));
  const none = (value) => value === last || value === "~" || value === "";
  keyed.sort((a, b) => {
    if (none(a.value) !== none(b.value)) return none(a.value) ? 1 : -1;
    const order = typeof a.value === "string" ? a.value.localeCompare(b.value, undefined, { numeric: true }) : a.value - b.value;
    return (down ? -order : order) || a.at - b.at;
  });
  return keyed.map(({ row }) => row);
}

/** The rows that a list of this height shows at this scroll, a few more on both sides: {from, to}. */
export function visible(count, rowHeight, scrollTop, height, spare = 8) {
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  return { from, to: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare) };
}
