import assert from "node:assert/strict";
import test from "node:test";
import { heard, initials, others } from "../../static/js/core/presence.js";

const frame = (page, name, more = {}) => ({ page, name, day: "2026-03-10", route_id: null, dragging: [], gone: false, ...more });

test("others on my day, one line per person, forgotten when they fall silent or go", () => {
  let pages = heard(new Map(), frame("me", "Ann"), 0);
  pages = heard(pages, frame("b1", "Bob", { route_id: 7 }), 0);
  pages = heard(pages, frame("b2", "Bob", { dragging: [1, 2] }), 1000);
  pages = heard(pages, frame("c", "Cid", { day: "2026-03-11" }), 1000);
  assert.deepEqual(others(pages, "me", "2026-03-10", 2000), [{ name: "Bob", routeIds: [7], dragging: [1, 2] }]);
  assert.deepEqual(others(pages, "me", "2026-03-10", 45_500), [{ name: "Bob", routeIds: [], dragging: [1, 2] }]);
  pages = heard(pages, { page: "b2", gone: true }, 2000);
  assert.deepEqual(others(pages, "me", "2026-03-10", 46_000), []);
});

test("initials", () => {
  assert.equal(initials("Anna Maria Berg"), "AM");
  assert.equal(initials("åsa"), "Å");
});
