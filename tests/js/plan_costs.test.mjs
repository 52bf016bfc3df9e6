import assert from "node:assert/strict";
import test from "node:test";
import { costLines } from "../../static/js/components/plan_totals.js";

test("parts of the cost are named, the dearest first, and none is lost", () => {
  const lines = costLines({ distance: 300, time: 900, fixed: 0 }, { late: 450 });
  assert.deepEqual(lines, [["Paid hours", 900], ["late", 450], ["Kilometres", 300]]);
  assert.deepEqual(costLines(undefined, undefined), []);
});
