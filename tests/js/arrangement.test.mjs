import assert from "node:assert/strict";
import test from "node:test";
import { merged, reversed, split, swapped } from "../../static/js/core/arrangement.js";

const stop = (id, order_ids, state = "planned") => ({ id, order_ids, state });
const one = { shift_id: 1, stops: [stop(1, [11], "completed"), stop(2, [12], "arrived"), stop(3, [13, 14]), stop(4, [15])] };
const two = { shift_id: 2, stops: [stop(5, [21]), stop(6, [22])] };

test("what is done or under way stays; orders of one stop stay together", () => {
  assert.deepEqual(reversed(one), { 1: [15, 13, 14] });
  assert.deepEqual(merged(one, two), { 1: [], 2: [21, 22, 13, 14, 15] });
  assert.deepEqual(swapped(one, two), { 1: [21, 22], 2: [13, 14, 15] });
  assert.deepEqual(split(one, 4, 9), { 1: [13, 14], 9: [15] });
});
