import assert from "node:assert/strict";
import test from "node:test";
import { priceWords } from "../../static/js/components/choices_dialog.js";
import { asked } from "../../static/js/components/slots.js";
import { formats } from "../../static/js/core/format.js";

const fmt = formats({ time_zone: "UTC", currency: "EUR" });

test("the cheapest van shows its price, the others how much dearer they are", () => {
  assert.equal(priceWords({ cents: 250 }, 250, fmt), "+€2.50");
  assert.equal(priceWords({ cents: 400 }, 250, fmt), "+€4.00 (+€1.50)");
  assert.equal(priceWords({ cents: null }, 250, fmt), "");
});

test("a question about windows says where and what, never to whom", () => {
  const row = asked([["address", "Kaivokatu 1"], ["recipient", "Aino"], ["phone", "040"], ["window_start", "09:00"], ["weight_kg", " 2 "], ["goods", ""]]);
  assert.deepEqual(row, { address: "Kaivokatu 1", weight_kg: " 2 " });
});
