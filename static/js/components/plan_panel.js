// A running plan, then its proposal: cost falling, before and after, what stays behind and why.

import { h, setText } from "../core/dom.js";
import { currentPlan } from "../core/select.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { changes } from "./changes.js";

const SVG = "http://www.w3.org/2000/svg";
const SILENCE_MS = 8000;
const BETTER_WHEN_LESS = new Set(["cost_cents", "each_cents", "distance_m", "drive_s", "routes", "late", "left_out"]);

function spark() {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "polyline");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return {
    element: svg,
    /** points: [{at, cost}] */
    draw(points, limit) {
      const costs = points.map((point) => point.cost);
      const low = Math.min(...costs), span = Math.max(...costs) - low || 1;
      path.setAttribute("points", points.map(({ at, cost }) => `${Math.min(100, (100 * at) / limit).toFixed(1)},${(28 - (26 * (cost - low)) / span).toFixed(1)}`).join(" "));
    },
  };
}

function running(app) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": S.timeUsed });
  const cost = h("strong", { class: "plan__cost num" });
  const time = h("span", { class: "num muted" });
  const facts = h("p", { class: "muted" });
  const curve = spark();
  const cancel = h("button", { type: "button", class: "button button--small", onclick: () => app.do.cancelPlan(plan) }, S.cancel);
  let plan = null;
  let history = [];
  let heard = false;
  // The screen is not told when a worker takes the plan up, only what it finds.
  const silent = (id) => setTimeout(() => {
    if (plan?.id === id && !heard) setText(facts, S.waitingForWorker);
  }, SILENCE_MS);
  return {
    element: h("div", { class: "plan__body" }, h("div", { class: "plan__row" }, cost, time), curve.element, bar, h("div", { class: "plan__row" }, facts, app.may && cancel)),
    update(next, progress, fmt) {
      const other = plan?.id !== next.id;
      if (other) history = [];
      plan = next;
      heard = Boolean(progress);
      if (other) silent(next.id);
      const limit = progress?.limit_s ?? plan.time_limit_s;
      setText(cost, progress ? fmt.money(progress.cost_cents) : S.preparing);
      setText(time, progress ? `${Math.round(progress.elapsed_s)} / ${Math.round(limit)} s` : S.upTo(limit));
      if (progress || other) setText(facts, progress ? S.planSoFar(progress.routes.length, progress.unassigned) : S.fetchingTimes);
      if (!progress) return bar.removeAttribute("value");
      bar.value = Math.min(1, progress.elapsed_s / limit);
      if (history.at(-1)?.at !== progress.elapsed_s) history.push({ at: progress.elapsed_s, cost: progress.cost_cents });
      curve.draw(history, limit);
    },
  };
}

function words(key, value, fmt) {
  if (value === undefined || value === null) return "–";
  if (key.endsWith("_cents")) return fmt.money(value);
  if (key === "distance_m") return fmt.distance(value);
  if (key === "drive_s") return fmt.duration(value);
  return fmt.number(value);
}

const GROWS = new Set(["cost_cents", "distance_m", "drive_s", "routes"]);
// More orders cost more: what an order costs is what one can compare.
const withAverage = (totals) => totals && { ...totals, each_cents: totals.orders ? Math.round(totals.cost_cents / totals.orders) : null };

function comparison(proposal, fmt) {
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

function leftOut(list, state) {
  if (!list.length) return h("p", { class: "plan__all" }, S.everyOrderPlaced);
  return h("details", { class: "plan__left", open: list.length <= 4 }, h("summary", {}, S.leftOutMany(list.length)),
    h("ul", {}, list.map((one) => {
      const order = state.orders.get(one.order_id);
      return h("li", {}, h("strong", {}, order ? `${order.number} ${order.address}` : `#${one.order_id}`), h("span", {}, said(one.words)), changes(one.changes));
    })));
}

function proposal(app) {
  const content = h("div", { class: "plan__scroll" });
  const accept = h("button", { type: "button", class: "button button--primary" }, S.accept);
  const discard = h("button", { type: "button", class: "button" }, S.discard);
  const show = h("input", { type: "checkbox", checked: true });
  let plan = null;
  const decide = (verb, button) => async () => {
    button.disabled = true;
    const card = await app.do[verb](plan);
    button.disabled = false;
    if (card && verb === "acceptPlan") app.planAccepted();
  };
  accept.addEventListener("click", decide("acceptPlan", accept));
  discard.addEventListener("click", decide("discardPlan", discard));
  show.addEventListener("change", () => app.set({ showProposal: show.checked }));
  return {
    element: h("div", { class: "plan__body" }, content, h("div", { class: "plan__row" }, h("label", { class: "choice" }, show, S.showOnMap),
      app.may && h("span", { class: "plan__buttons" }, discard, accept))),
    update(next, state, ui, fmt) {
      show.checked = ui.showProposal;
      if (plan === next) return;
      plan = next;
      content.replaceChildren(comparison(plan.proposal, fmt), leftOut(plan.proposal.left_out ?? [], state));
    },
  };
}

export function planPanel(root, app) {
  const title = h("h2", {});
  const run = running(app), offer = proposal(app);
  root.replaceChildren(h("div", { class: "plan__head" }, title), run.element, offer.element);
  const asked = new Set();
  return {
    render(state, ui) {
      const plan = currentPlan(state.plans);
      root.hidden = !plan;
      if (!plan) return;
      const ready = plan.state === "proposed";
      if (ready && !plan.proposal && !asked.has(plan.id)) {
        asked.add(plan.id); // a frame may carry the card without its proposal
        app.fetchPlan(plan.id);
      }
      setText(title, !ready ? S.optimizing : plan.first_plan_ms ? S.proposalAfter(app.fmt.tenths(plan.first_plan_ms / 1000)) : S.proposal);
      run.element.hidden = ready;
      offer.element.hidden = !ready || !plan.proposal;
      if (ready && plan.proposal) offer.update(plan, state, ui, app.fmt);
      if (!ready) run.update(plan, state.progress.get(plan.id), app.fmt);
    },
  };
}
