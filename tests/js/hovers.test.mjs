import assert from "node:assert/strict";
import test from "node:test";
import { idsOf, selectorOf } from "../../static/js/components/hovers.js";

test("a row stands for its order, a stop for all that are handed over there", () => {
  assert.deepEqual(idsOf({ dataset: { order: "7" } }), [7]);
  assert.deepEqual(idsOf({ dataset: { orders: "7,12" } }), [7, 12]);
  assert.deepEqual(idsOf({ dataset: {} }), []);
});

test("an order is found wherever it stands in a list, and no other whose number holds the same digits", () => {
  const forms = selectorOf([7]).split(",[").map((one, i) => (i ? `[${one}` : one));
  assert.ok(forms.includes('[data-order="7"]'));
  assert.ok(forms.includes('[data-orders^="7,"]'));
  assert.ok(!selectorOf([7]).includes('*="7"'));
});
