import assert from "node:assert/strict";
import { test } from "node:test";

import { nearestRoutes } from "../../static/js/components/assign_menu.js";
import { deltaWords } from "../../static/js/components/delta.js";
import { positionAt } from "../../static/js/core/arrangement.js";
import { chosen } from "../../static/js/components/rows.js";
import { changes, versionsFor } from "../../static/js/core/commands.js";
import { formats } from "../../static/js/core/format.js";
import { inkOn, luminance, PALETTE } from "../../static/js/map/palette.js";

const stop = (state, ...order_ids) => ({ state, order_ids, lat: 60, lng: 24 });
const route = { id: 1, version: 4, name: "R1", state: "departed", locked: false, stops: [stop("completed", 1), stop("planned", 2, 3), stop("planned", 4), stop("planned", 5)] };

test("a place in a route counts orders still to be visited, without the moved ones", () => {
  // The server counts so; a stop may hold two orders, done stops and the moved order itself do not count.
  assert.equal(positionAt(route, 1, false, [9]), 0);
  assert.equal(positionAt(route, 1, true, [9]), 2);
  assert.equal(positionAt(route, 3, true, [9]), 4);
  assert.equal(positionAt(route, 3, true, [4]), 3);
  assert.equal(positionAt(route, 2, true, [2, 3]), 1);
  assert.equal(positionAt(route, 0, true, [9]), 0);
});

test("clicks replace, toggle and extend the selection", () => {
  const plain = {}, ctrl = { ctrlKey: true }, shift = { shiftKey: true };
  assert.deepEqual([...chosen(new Set([1]), 1, [2], plain, [])], [2]);
  assert.deepEqual([...chosen(new Set([1]), 1, [2], ctrl, [])], [1, 2]);
  assert.deepEqual([...chosen(new Set([1, 2]), 1, [2], ctrl, [])], [1]);
  assert.deepEqual([...chosen(new Set([1]), 1, [4], shift, [1, 2, 4, 5])], [1, 2, 4]);
  assert.deepEqual([...chosen(new Set([4]), 4, [1], shift, [1, 2, 4, 5])].sort(), [1, 2, 4]);
});

test("a move names the versions of the routes it takes from and gives to", () => {
  // Without the source's version a colleague's edit of it would be overwritten in silence.
  const state = { routes: new Map([[1, route], [2, { ...route, id: 2, version: 7, stops: [] }]]) };
  assert.deepEqual(versionsFor(state, [4], 2), { 1: 4, 2: 7 });
  assert.deepEqual(versionsFor(state, [99], null), {});
});

test("a conflict says what changed", () => {
  const newest = { ...route, version: 5, stops: route.stops.slice(1), locked: true };
  assert.equal(changes(new Map([[1, route]]), [newest]), "R1: 4 → 3 stops, locked.");
});

test("a preview is told as differences, a refusal in its own words", () => {
  const fmt = formats({ time_zone: "UTC", currency: "EUR" });
  const delta = { drive_s: 240, distance_m: -1200, cost_cents: 80, late: 1, violations: [] };
  assert.equal(deltaWords({ delta }, fmt), "+4 min · −1.2 km · +€0.80 · +1 late");
  assert.equal(deltaWords({ refused: "R1 is locked." }, fmt), "R1 is locked.");
});

test("routes are offered nearest first, closed ones never", () => {
  const far = { id: 2, name: "R2", state: "draft", stops: [{ lat: 61, lng: 24 }] };
  const near = { id: 3, name: "R3", state: "draft", stops: [{ lat: 60.01, lng: 24 }] };
  const closed = { id: 4, name: "R4", state: "closed", stops: [{ lat: 60, lng: 24 }] };
  const routes = new Map([far, near, closed].map((one) => [one.id, one]));
  assert.deepEqual(nearestRoutes(routes, { lat: 60, lng: 24 }).map((one) => one.name), ["R3", "R2"]);
});

test("numbers on route colours can be read", () => {
  // WCAG AA for the small bold numbers on pins, tiles and swatches.
  for (const colour of PALETTE) {
    const ground = luminance(colour), ink = luminance(inkOn(colour));
    const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    assert.ok(contrast >= 4.5, `${colour}: ${contrast.toFixed(2)}`);
  }
});
