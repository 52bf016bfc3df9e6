// A proposal in numbers: against the drafts there are, by what its cost is made of, and beside other proposals.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";

const BETTER_WHEN_LESS = new Set(["cost_cents", "each_cents", "distance_m", "drive_s", "routes", "late", "left_out"]);
const GROWS = new Set(["cost_cents", "distance_m", "drive_s", "routes"]);
const BESIDE = ["cost_cents", "distance_m", "routes", "late", "left_out"];

/** A total in words. */
export function words(key, value, fmt) {
  if (value === undefined || value === null) return "–";
  if (key.endsWith("_cents")) return fmt.money(value);
  if (key === "distance_m") return fmt.distance(value);
  if (key === "drive_s") return fmt.duration(value);
  return fmt.number(value);
}

// More orders cost more: what an order costs is what one can compare.
const withAverage = (totals) => totals && { ...totals, each_cents: totals.orders ? Math.round(totals.cost_cents / totals.orders) : null };

/** Now, proposal, change. */
export function comparison(proposal, fmt) {
  const totals = withAverage(proposal.totals), before = withAverage(proposal.before);
  const rows = Object.keys(S.planTotals).map((key) => {
    const known = totals[key] !== null && before?.[key] !== null && before?.[key] !== undefined;
    const change = known ? totals[key] - before[key] : 0;
    const neutral = change === 0 || (GROWS.has(key) && totals.orders !== before?.orders);
    const good = neutral ? "" : key === "orders" ? (change > 0 ? "is-better" : "is-worse") : BETTER_WHEN_LESS.has(key) === change < 0 ? "is-better" : "is-worse";
    return h("tr", {}, h("th", { scope: "row" }, S.planTotals[key]), h("td", { class: "num" }, words(key, before?.[key], fmt)),
      h("td", { class: "num strong" }, words(key, totals[key], fmt)), h("td", { class: `num ${good}` }, known ? fmt.signed(change, (value) => words(key, value, fmt)) : ""));
  });
  return h("table", { class: "compare" },
    h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, S.compareNow), h("th", { scope: "col" }, S.proposal), h("th", { scope: "col" }, S.compareChange))), h("tbody", {}, rows));
}

/** The cost by what it is made of, the dearest first; rules at a price by their own names. They add up to the cost. */
export function costLines(costs, prices) {
  const named = [...Object.entries(costs ?? {}).map(([key, cents]) => [S.costParts[key] ?? key, cents]),
    ...Object.entries(prices ?? {}).map(([code, cents]) => [S.rules[code] ?? code.replaceAll("_", " "), cents])];
  return named.filter(([, cents]) => cents).sort((a, b) => b[1] - a[1]);
}

export function costParts({ costs, prices }, fmt) {
  const lines = costLines(costs, prices);
  if (!lines.length) return null;
  return h("details", { class: "plan__costs" }, h("summary", {}, S.whatItCosts),
    h("table", { class: "compare" }, h("tbody", {}, lines.map(([name, cents]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "num" }, fmt.money(cents)))))));
}

/** What a plan was asked for, in words: its scope, and what it was to make most of. */
export function askedFor(plan) {
  const goal = plan.goals?.preset ? S.presets[plan.goals.preset]?.[0] : null;
  return [S.scopeNames[plan.scope] ?? plan.scope, goal].filter(Boolean).join(", ");
}

/** Proposals beside each other, the best of each column marked; `choose(plan)` shows one. */
export function beside(plans, chosen, fmt, choose) {
  const best = Object.fromEntries(BESIDE.map((key) => [key, Math.min(...plans.map((plan) => plan.totals?.[key] ?? Infinity))]));
  const letter = (at) => String.fromCharCode(65 + ((plans.length - 1 - at) % 26)); // the oldest is A
  const rows = plans.map((plan, at) =>
    h("tr", { class: plan.id === chosen ? "is-current" : "" },
      h("th", { scope: "row" }, h("label", { class: "choice" }, h("input", { type: "radio", name: "scenario", checked: plan.id === chosen, onchange: () => choose(plan) }),
        h("span", {}, h("strong", {}, letter(at)), " ", h("span", { class: "muted" }, askedFor(plan))))),
      BESIDE.map((key) => h("td", { class: `num ${plan.totals?.[key] === best[key] ? "is-better" : ""}` }, words(key, plan.totals?.[key], fmt)))));
  return h("div", { class: "table-frame plan__beside", tabindex: "0" }, h("table", { class: "compare" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, S.scenarios(plans.length)), BESIDE.map((key) => h("th", { scope: "col" }, S.planTotals[key])))), h("tbody", {}, rows)));
}
