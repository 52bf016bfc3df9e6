import assert from "node:assert/strict";
import { test } from "node:test";

import {
  currentPlan, freshness, grouped, isEarly, listed, matches, placements, progressOf, remembered, slackLevel, standing,
} from "../../static/js/core/select.js";

const at = (time) => `2026-06-01T${time}:00Z`;
const stop = (over = {}) => ({
  id: 1, state: "planned", order_ids: [1], window_start: at("09:00"), window_end: at("11:00"),
  planned_arrival: at("10:00"), eta: null, slack_s: null, arrived_at: null, ...over,
});

test("slack is ok from 15 minutes, near below, late below nothing", () => {
  // Statement 11 of the board: colour follows these three words and nothing else.
  assert.equal(slackLevel(stop({ slack_s: 900 })), "ok");
  assert.equal(slackLevel(stop({ slack_s: 899 })), "near");
  assert.equal(slackLevel(stop({ slack_s: 0 })), "near");
  assert.equal(slackLevel(stop({ slack_s: -1 })), "late");
  assert.equal(slackLevel(stop({ window_end: null })), "free");
});

test("without an estimate the plan decides, and a done stop is judged by its arrival", () => {
  assert.equal(slackLevel(stop()), "ok");
  assert.equal(slackLevel(stop({ planned_arrival: at("10:50") })), "near");
  assert.equal(slackLevel(stop({ state: "completed", arrived_at: at("11:01"), slack_s: 900 })), "late");
});

test("early means before the window opens, by more than a minute", () => {
  assert.ok(isEarly(stop({ eta: at("08:50") })));
  assert.ok(!isEarly(stop({ eta: at("09:00") })));
  assert.ok(!isEarly(stop({ eta: at("08:00"), window_start: null })));
});

test("progress counts done, failed and late stops", () => {
  const stops = [stop({ state: "completed" }), stop({ state: "failed" }), stop({ slack_s: -60 }), stop({ slack_s: 60 })];
  assert.deepEqual(progressOf({ stops }), { done: 2, failed: 1, late: 1, total: 4 });
});

test("a stop that nobody reached is not done, though nothing more is to do there", () => {
  assert.equal(progressOf({ stops: [stop({ state: "completed" }), stop({ state: "cancelled" })] }).done, 1);
});

test("a position is live for two minutes, stale for a day, then hidden", () => {
  // Statement 9: an old position must never look live.
  const now = Date.parse(at("12:00"));
  assert.equal(freshness({ at: at("11:58") }, now), "live");
  assert.equal(freshness({ at: at("11:57") }, now), "stale");
  assert.equal(freshness({ at: "2026-05-31T11:59:00Z" }, now), "hidden");
  assert.equal(freshness(null, now), "hidden");
});

test("search needs every word, in any field", () => {
  const order = { number: "L-104", recipient: "Aino Virtanen", address: "Mannerheimintie 5", postcode: "00100", place: "Helsinki", shop: "Kirja" };
  assert.ok(matches(order, " aino mann "));
  assert.ok(matches(order, "104"));
  assert.ok(!matches(order, "aino espoo"));
  assert.ok(matches(order, ""));
});

test("standing exceptions: open first, most severe, newest; resolved ones are gone", () => {
  const card = (id, state, severity, time) => ({ id, state, severity, raised_at: at(time) });
  const cards = [card(1, "acknowledged", 3, "10:00"), card(2, "open", 2, "10:05"), card(3, "open", "critical", "09:00"),
    card(4, "open", 2, "10:09"), card(5, "resolved", 3, "10:10"), card(6, "snoozed", 3, "10:11")];
  assert.deepEqual(standing(new Map(cards.map((c) => [c.id, c]))).map((c) => c.id), [3, 4, 2, 1, 6]);
});

test("routes are listed by name with numbers by value", () => {
  const routes = new Map([["R10", 1], ["R2", 2]].map(([name, id]) => [id, { id, name }]));
  assert.deepEqual(listed(routes).map((r) => r.name), ["R2", "R10"]);
});

test("the current plan is the newest that runs or waits for a decision", () => {
  const plans = [{ id: 1, state: "proposed" }, { id: 2, state: "running" }, { id: 3, state: "discarded" }];
  assert.equal(currentPlan(new Map(plans.map((p) => [p.id, p]))).id, 2);
  assert.equal(currentPlan(new Map()), null);
});

test("orders are grouped by reason or window, those without a window last", () => {
  const orders = [
    { id: 1, window_start: at("12:00"), window_end: at("14:00"), left_out: { code: "capacity" } },
    { id: 2, window_start: at("08:00"), window_end: at("10:00"), left_out: null },
    { id: 3, window_start: null, window_end: null, left_out: null },
  ];
  const hour = (time) => time.slice(11, 16);
  assert.deepEqual(grouped(orders, "window", hour).map((g) => g.key), ["08:00–10:00", "12:00–14:00", "~"]);
  assert.deepEqual(grouped(orders, "reason", hour).map((g) => [g.key, g.orders.length]), [["", 2], ["capacity", 1]]);
});

test("placements find the stop of each order", () => {
  const route = { id: 1, stops: [stop({ id: 5, order_ids: [7, 8] })] };
  assert.equal(placements(new Map([[1, route]])).get(8).stop.id, 5);
});

test("remembered computes once for the same objects", () => {
  let calls = 0;
  const f = remembered((a) => { calls += 1; return a.length; });
  const list = [1];
  f(list); f(list); f([1]);
  assert.equal(calls, 2);
});

test("of exceptions that are as severe, what breaks first stands first", () => {
  const card = (id, more = {}) => ({ id, state: "open", severity: 2, raised_at: `2026-03-10T0${id}:00:00Z`, route_id: 1, stop_id: id, ...more });
  const routes = new Map([[1, { stops: [{ id: 1, window_end: "2026-03-10T12:00:00Z" }, { id: 2, window_end: "2026-03-10T11:00:00Z" }, { id: 3, window_end: null }] }]]);
  const exceptions = new Map([card(1), card(2), card(3), card(4, { severity: 3 }), card(5, { state: "acknowledged", severity: 3 })].map((one) => [one.id, one]));
  assert.deepEqual(standing(exceptions, routes).map((one) => one.id), [4, 2, 1, 3, 5]);
});
