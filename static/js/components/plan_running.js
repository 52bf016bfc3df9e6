// A run that goes on: its cost falling, how far its time is, and a button that stops it.

import { h, setText } from "../core/dom.js";
import { S } from "../core/strings.js";

const SVG = "http://www.w3.org/2000/svg";
const SILENCE_MS = 8000;

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

export function planRunning(app) {
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
