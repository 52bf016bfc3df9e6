import assert from "node:assert/strict";
import test from "node:test";
import { doable, widened } from "../../static/js/components/changes.js";

const order = { window_start: "2026-03-10T09:00:00+02:00", window_end: "2026-03-10T11:00:00+02:00" };

test("a change of the window is made in the window, others by the move alone", () => {
  assert.deepEqual(widened(order, { kind: "window_later", amount: 20 }), { window_end: "2026-03-10T09:20:00.000Z" });
  assert.deepEqual(widened(order, { kind: "window_earlier", amount: 30 }), { window_start: "2026-03-10T06:30:00.000Z" });
  assert.equal(widened(order, { kind: "overtime", amount: 20 }), null);
  assert.equal(widened({ window_end: null }, { kind: "window_later", amount: 20 }), null);
});

test("what a plan of an older version told in words only has no button", () => {
  assert.ok(doable({ kind: "overtime", shift_id: 3 }));
  assert.ok(!doable({ words: "Let it be" }));
  assert.ok(!doable({ kind: "reload", shift_id: 3 }));
});
