import assert from "node:assert/strict";
import test from "node:test";
import { wanted } from "../../static/js/map/tracks.js";

const route = (id, state) => [id, { id, state }];
const routes = new Map([route(1, "draft"), route(2, "departed"), route(3, "closed"), route(4, "departed")]);
const ui = { lines: "both", hidden: new Set([4]), solo: null, focusRoute: null };

test("lines of what was driven and is shown, of the focused route alone, and none where nobody asked", () => {
  const ids = (more) => wanted(routes, { ...ui, ...more }).map((one) => one.id);
  assert.deepEqual(ids({}), [2, 3]);
  assert.deepEqual(ids({ focusRoute: 3 }), [3]);
  assert.deepEqual(ids({ focusRoute: 1 }), [2, 3]);
  assert.deepEqual(ids({ solo: 4 }), [4]);
  assert.deepEqual(ids({ lines: "planned" }), []);
});
