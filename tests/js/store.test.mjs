import assert from "node:assert/strict";
import { test } from "node:test";

import { fromSnapshot, patched, reduce } from "../../static/js/core/store.js";

const snapshot = (over = {}) => ({
  epoch: "e1", seq: 10, day: "2026-06-01",
  station: { id: 1, clock: { wall: "2026-06-01T06:00:00Z", business: "2026-06-01T06:00:00Z", speed: 1 } },
  tiles: {}, roads: {},
  orders: [{ id: 1, version: 3, day: "2026-06-01", state: "open" }, { id: 2, version: 1, day: "2026-06-01", state: "open" }],
  routes: [{ id: 7, version: 2, day: "2026-06-01", stops: [] }],
  vehicles: [{ id: 4, name: "Van 4", position: { lat: 1, lng: 1, at: "2026-06-01T06:00:00Z" } }],
  drivers: [], shifts: [], plans: [{ id: 5, day: "2026-06-01", state: "running" }], exceptions: [], jobs: [],
  ...over,
});
const event = (seq, patch) => ({ type: "event", seq, name: "orders.changed", patch });

test("old snapshot plus patches equals a fresh snapshot", () => {
  // The promise that the whole page rests on.
  const moved = { id: 1, version: 4, day: "2026-06-01", state: "planned", route_id: 8 };
  const route = { id: 8, version: 1, day: "2026-06-01", stops: [{ id: 1, order_ids: [1] }] };
  let state = fromSnapshot(snapshot());
  state = reduce(state, event(11, { orders: [moved], routes: [route] }));
  state = reduce(state, event(12, { removed_routes: [7] }));
  const fresh = fromSnapshot(snapshot({ seq: 12, orders: [moved, snapshot().orders[1]], routes: [route] }));
  assert.deepEqual(state, { ...fresh, ahead: null });
});

test("a frame that the snapshot already holds changes nothing", () => {
  // Frames queue while the snapshot is fetched; the overlap must not be applied twice.
  const state = fromSnapshot(snapshot());
  assert.equal(reduce(state, event(10, { orders: [{ id: 1, version: 9, day: "2026-06-01" }] })), state);
});

test("a missing number asks for a new snapshot and applies nothing", () => {
  const state = reduce(fromSnapshot(snapshot()), event(12, { removed_routes: [7] }));
  assert.equal(state.gap, "missed");
  assert.ok(state.routes.has(7));
  assert.equal(state.seq, 10);
});

test("another epoch asks for a new snapshot, whether hello or beat tells it", () => {
  const state = fromSnapshot(snapshot());
  assert.equal(reduce(state, { type: "hello", epoch: "e2", seq: 1 }).gap, "epoch");
  assert.equal(reduce(state, { type: "beat", epoch: "e2", seq: 10 }).gap, "epoch");
});

test("hello behind the snapshot is fine, ahead of it means frames were missed", () => {
  const state = fromSnapshot(snapshot());
  assert.equal(reduce(state, { type: "hello", epoch: "e1", seq: 9 }), state);
  assert.equal(reduce(state, { type: "hello", epoch: "e1", seq: 11 }).gap, "missed");
});

test("a beat ahead is noted until the frame arrives", () => {
  // The frame may be in flight: only the clock decides that it was lost.
  let state = reduce(fromSnapshot(snapshot()), { type: "beat", epoch: "e1", seq: 11 });
  assert.equal(state.ahead, 11);
  assert.equal(state.gap, null);
  state = reduce(state, event(11, {}));
  assert.equal(state.ahead, null);
});

test("cards of other days are ignored, and a card that moved to another day leaves", () => {
  let state = fromSnapshot(snapshot());
  state = reduce(state, event(11, { orders: [{ id: 99, version: 1, day: "2026-06-02" }] }));
  assert.ok(!state.orders.has(99));
  state = reduce(state, event(12, { orders: [{ id: 2, version: 2, day: "2026-06-02" }] }));
  assert.ok(!state.orders.has(2));
});

test("an answer that comes after a newer frame does not turn the card back", () => {
  // POST answers and frames race; versions decide.
  const state = patched(fromSnapshot(snapshot()), { orders: [{ id: 1, version: 2, day: "2026-06-01", state: "old" }] });
  assert.equal(state.orders.get(1).state, "open");
});

test("sections and cards that a frame did not touch keep their identity", () => {
  // Drawing compares references; without this every frame would redraw the page.
  const before = fromSnapshot(snapshot());
  const after = reduce(before, event(11, { orders: [{ id: 2, version: 2, day: "2026-06-01", state: "planned" }] }));
  assert.equal(after.routes, before.routes);
  assert.equal(after.orders.get(1), before.orders.get(1));
  assert.notEqual(after.orders, before.orders);
});

test("vehicles move by live frames, never backwards in time", () => {
  const frame = (at, lat) => ({ type: "live", name: "vehicles.moved", data: { vehicles: [{ id: 4, lat, lng: 1, at }] } });
  let state = reduce(fromSnapshot(snapshot()), frame("2026-06-01T06:00:05Z", 2));
  assert.equal(state.vehicles.get(4).position.lat, 2);
  assert.equal(state.vehicles.get(4).name, "Van 4");
  state = reduce(state, frame("2026-06-01T06:00:01Z", 3));
  assert.equal(state.vehicles.get(4).position.lat, 2);
  assert.equal(state.seq, 10);
});

test("a plan's progress ends with the run, and a late echo does not bring it back", () => {
  const progress = { type: "live", name: "plan.progressed", data: { plan_id: 5, cost_cents: 100, routes: [] } };
  let state = reduce(fromSnapshot(snapshot()), progress);
  assert.equal(state.progress.get(5).cost_cents, 100);
  state = reduce(state, event(11, { plans: [{ id: 5, day: "2026-06-01", state: "proposed" }] }));
  assert.equal(state.progress.size, 0);
  assert.equal(reduce(state, progress).progress.size, 0);
});

test("the station's clock is patched without losing the rest of the station", () => {
  const clock = { wall: "2026-06-01T06:00:00Z", business: "2026-06-01T09:00:00Z", speed: 30 };
  const state = reduce(fromSnapshot(snapshot()), event(11, { station: { clock } }));
  assert.deepEqual(state.station, { id: 1, clock });
});

test("a clock that was set back takes the pins of its future along, and fixes move the vans again", () => {
  // Pages refuse fixes older than the pin they hold: without this, vans stand still until a reload.
  const set = { type: "event", seq: 11, name: "clock.changed", patch: { station: {}, vehicles: [{ id: 4, name: "Van 4", position: null }] } };
  let state = reduce(fromSnapshot(snapshot()), set);
  assert.equal(state.vehicles.get(4).position, null);
  const fix = (at, lat) => ({ type: "live", name: "vehicles.moved", data: { vehicles: [{ id: 4, lat, lng: 1, at }] } });
  state = reduce(state, fix("2026-06-01T05:00:00Z", 2));
  state = reduce(state, fix("2026-06-01T04:59:00Z", 3)); // older than the one before: only live frames are judged
  assert.equal(state.vehicles.get(4).position.lat, 2);
});

test("the fleet comes whole: what was taken away goes, and a card says where its van is", () => {
  // A van that was taken out of service must not stand on the map until the next reload.
  const seen = { lat: 1, lng: 1, at: "2026-06-01T05:00:00Z" };
  const patch = { vehicles: [{ id: 4, name: "Van 4b", position: seen }], drivers: [{ id: 1, name: "A" }], shifts: [{ id: 9, day: "2026-06-01" }] };
  let state = fromSnapshot(snapshot({ vehicles: [...snapshot().vehicles, { id: 5, name: "Old", position: null }] }));
  state = reduce(state, { type: "event", seq: 11, name: "fleet.changed", data: { day: "2026-06-01" }, patch });
  assert.deepEqual([...state.vehicles.keys()], [4]);
  assert.equal(state.vehicles.get(4).name, "Van 4b");
  assert.deepEqual(state.vehicles.get(4).position, seen);
  const other = reduce(state, { type: "event", seq: 12, name: "fleet.changed", data: { day: "2026-06-02" }, patch: { ...patch, shifts: [] } });
  assert.deepEqual([...other.shifts.keys()], [9]);
});

test("a day that was closed elsewhere is fetched afresh, another day's closing is not", () => {
  // Its orders are tomorrow's now and nothing on it may be changed: a patch could not say all that.
  const state = fromSnapshot(snapshot({ closed: false }));
  const frame = { type: "event", seq: 11, name: "day.changed", data: { what: "closed", day: state.day }, patch: {} };
  assert.equal(reduce(state, frame).gap, "missed");
  assert.equal(reduce(state, { ...frame, data: { what: "closed", day: "2026-05-01" } }).gap, null);
  assert.equal(fromSnapshot(snapshot({ closed: true })).closed, true);
});

test("resolved exceptions and finished jobs leave, as a fresh snapshot would not hold them", () => {
  const exception = { id: 3, day: "2026-06-01", state: "open" };
  let state = fromSnapshot(snapshot({ exceptions: [exception], jobs: [{ id: 6, state: "running" }] }));
  state = reduce(state, event(11, { exceptions: [{ ...exception, state: "resolved" }], jobs: [{ id: 6, state: "done" }] }));
  assert.equal(state.exceptions.size + state.jobs.size, 0);
});
