import assert from "node:assert/strict";
import test from "node:test";
import { planDiff, resequenced } from "../../static/js/core/plan_diff.js";
import { planRequest } from "../../static/js/components/plan_dialog.js";
import { rowWords } from "../../static/js/components/plan_proposal.js";

const route = (id, shift_id, orders, more = {}) => ({ id, shift_id, name: `R${id}`, colour: 0, cost_cents: 100, violations: [], stops: orders.map((order) => ({ order_ids: [order] })), ...more });
const byId = (...routes) => new Map(routes.map((one) => [one.id, one]));

test("how many orders stand in another order, whatever came and went between them", () => {
  assert.equal(resequenced([1, 2, 3, 4], [1, 9, 2, 3, 4]), 0);
  assert.equal(resequenced([1, 2, 3, 4], [4, 1, 2, 3]), 1);
  assert.equal(resequenced([1, 2, 3, 4], [4, 3, 2, 1]), 3);
  assert.equal(resequenced([1, 2], []), 0);
});

test("a proposal against the drafts it was made from", () => {
  const routes = byId(route(1, 10, [1, 2, 3]), route(2, 20, [4, 5]), route(3, 30, [6], { state: "released" }));
  const proposal = { routes: [
    route(0, 10, [1, 3, 2, 4], { name: "R1", cost_cents: 150, violations: [{ code: "late", order_id: 4 }, { code: "overload", order_id: null }] }),
    route(0, 40, [7], { name: "R4" }),
  ] };
  const found = planDiff(routes, proposal, [1, 2]);
  assert.deepEqual(found.rows.map((row) => [row.name, row.state, row.added, row.removed, row.resequenced, row.late, row.cents]), [
    ["R1", "changed", 1, 0, 1, [4], 50],
    ["R2", "gone", 0, 2, 0, [], -100],
    ["R4", "new", 1, 0, 0, [], 100],
  ]);
  assert.deepEqual([found.moved, found.late, found.drivers], [1, 1, 3]);
  assert.equal(rowWords(found.rows[0]), "+1, 1 in another order");
});

test("what is asked for: only what belongs to the scope, weights in cents, empty ones left to the preset", () => {
  const said = { scope: "routes", preset: "even", limit: "20", routes: ["3", "4"], weights: { weight_vehicle_cents: "12,5", weight_stops_cents: " " } };
  const given = { day: "2026-03-10", selection: [7, 8] };
  assert.deepEqual(planRequest(said, given), { day: "2026-03-10", scope: "routes", preset: "even", time_limit_s: 20, route_ids: [3, 4], weights: { weight_vehicle_cents: 1250 } });
  assert.deepEqual(planRequest({ ...said, scope: "selection", weights: {} }, given).order_ids, [7, 8]);
});
