import assert from "node:assert/strict";
import test from "node:test";
import { chips } from "../../static/js/components/exceptions.js";

const card = (id, kind, severity, route_id) => ({ id, kind, severity, route_id });
const cards = [card(1, "late", 3, 7), card(2, "late", 2, 8), card(3, "silent", 2, 7)];
const said = (route) => chips(cards, route).map(({ key, words, count }) => `${key}: ${words} ${count}`);

test("exceptions can be narrowed by severity and kind, each with its count", () => {
  assert.deepEqual(said(), ["all: All 3", "severity 3: Critical 1", "severity 2: Warning 2", "late: Late 2", "silent: No GPS 1"]);
});

test("a route in focus is one more way to narrow them, where it has any", () => {
  assert.equal(said({ id: 7, name: "R1" }).at(-1), "route: R1 2");
  assert.equal(said({ id: 9, name: "R3" }).length, said().length);
});
