import assert from "node:assert/strict";
import test from "node:test";
import { inside, zonesOf } from "../../static/js/core/loop.js";
import { box } from "../../static/js/map/area.js";

test("inside a box, whichever corner it was begun at", () => {
  for (const loop of [box([0, 0], [10, 10]), box([10, 10], [0, 0]), box([0, 10], [10, 0])]) {
    assert.ok(inside([5, 5], loop));
    assert.ok(!inside([15, 5], loop));
  }
});

test("a loop drawn by hand leaves its bay out", () => {
  const loop = [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10]];
  assert.ok(inside([1, 5], loop));
  assert.ok(!inside([5, 6], loop));
});

test("an order lies in all zones over its place", () => {
  const zone = (name, north) => ({ name, polygon: [[60, 24], [60, 25], [north, 25], [north, 24]] });
  const zones = [zone("City", 60.5), zone("South", 60.1), { name: "Blank", polygon: [] }];
  assert.equal(zonesOf({ lat: 60.05, lng: 24.5 }, zones), "City, South");
  assert.equal(zonesOf({ lat: 60.3, lng: 24.5 }, zones), "City");
  assert.equal(zonesOf({ lat: null, lng: null }, zones), "");
});
