import assert from "node:assert/strict";
import test from "node:test";

import { parts } from "../../static/js/core/address.js";

test("a label of the search falls into the fields of the form", () => {
  assert.deepEqual(parts("Mannerheimintie 5, 00100 Helsinki"), { address: "Mannerheimintie 5", postcode: "00100", place: "Helsinki" });
  assert.deepEqual(parts("Bahnhofstraße 3 a, 91207 Lauf an der Pegnitz"), { address: "Bahnhofstraße 3 a", postcode: "91207", place: "Lauf an der Pegnitz" });
  assert.deepEqual(parts("Nyhavn 1, København"), { address: "Nyhavn 1", postcode: "", place: "København" });
  assert.deepEqual(parts("Teststreet 5"), { address: "Teststreet 5", postcode: "", place: "" });
  assert.deepEqual(parts("Rua A 1, 4000-123 Porto"), { address: "Rua A 1", postcode: "4000-123", place: "Porto" });
});
