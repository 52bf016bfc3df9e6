import assert from "node:assert/strict";
import test from "node:test";
import { fitting } from "../../static/js/components/drawer.js";
import { filtered, rowsOf, sorted, visible } from "../../static/js/core/order_rows.js";
import { dropView, saveView, savedViews } from "../../static/js/core/views.js";

const order = (id, more = {}) => ({ id, number: `N-${id}`, recipient: "", address: "", state: "open", weight_g: 1000 * id, window_end: null, ...more });
const orders = new Map([order(2, { state: "planned" }), order(10), order(1, { recipient: "Aino", state: "delivered", pinned: "route" })].map((one) => [one.id, one]));
const stop = { sequence: 3, order_ids: [2], state: "planned", planned_arrival: "2026-03-10T10:00:00Z", window_end: "2026-03-10T09:30:00Z", slack_s: null };
const routes = new Map([[7, { id: 7, name: "R7", stops: [stop] }]]);
const ids = (rows) => rows.map((row) => row.order.id);

test("a row knows where its order stands and how much time is in hand", () => {
  const [row] = rowsOf(orders, routes);
  assert.deepEqual([row.route.name, row.stop.sequence, row.slack], ["R7", 3, -1800]);
});

test("words and filters narrow, several filters widen", () => {
  const rows = rowsOf(orders, routes);
  assert.deepEqual(ids(filtered(rows, { query: "ain" })), [1]);
  assert.deepEqual(ids(filtered(rows, { filters: ["open", "late"] })), [2, 10]);
  assert.deepEqual(ids(filtered(rows, { filters: ["locked"] })), [1]);
  assert.deepEqual(ids(filtered(rows, { routeId: 7 })), [2]);
});

test("numbers sort by value, and what has no value stands at the end both ways", () => {
  const rows = rowsOf(orders, routes);
  assert.deepEqual(ids(sorted(rows, "number")), [1, 2, 10]);
  assert.deepEqual(ids(sorted(rows, "number", true)), [10, 2, 1]);
  assert.deepEqual(ids(sorted(rows, "route"))[0], 2);
  assert.deepEqual(ids(sorted(rows, "route", true))[0], 2);
  assert.deepEqual(ids(sorted(rows, "slack"))[0], 2);
});

test("of five thousand rows only those in sight are drawn", () => {
  assert.deepEqual(visible(5000, 28, 0, 280), { from: 0, to: 18 });
  assert.deepEqual(visible(5000, 28, 28_000, 280), { from: 992, to: 1018 });
  assert.deepEqual(visible(3, 28, 0, 280), { from: 0, to: 3 });
});

test("views are kept by name; what is broken is nothing", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  assert.deepEqual(savedViews(storage), []);
  saveView({ name: "Late", filters: ["late"] }, storage);
  saveView({ name: "Late", filters: ["late", "failed"] }, storage);
  assert.deepEqual(savedViews(storage).map((view) => view.filters), [["late", "failed"]]);
  assert.deepEqual(dropView("Late", storage), []);
  storage.setItem("lastmile.views", "{");
  assert.deepEqual(savedViews(storage), []);
});

test("the drawer leaves the map some room", () => {
  assert.equal(fitting(10, 1000), 120);
  assert.equal(fitting(5000, 1000), 700);
});
