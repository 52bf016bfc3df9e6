// The plan over the map: a run that goes on, or a proposal; several proposals stand beside each other.

import { h, setText } from "../core/dom.js";
import { currentPlan, proposals } from "../core/select.js";
import { S } from "../core/strings.js";
import { planProposal } from "./plan_proposal.js";
import { planRunning } from "./plan_running.js";
import { askedFor, beside } from "./plan_totals.js";

export function planPanel(root, app) {
  const title = h("h2", {}), about = h("p", { class: "muted plan__about" });
  const others = h("div", {});
  const run = planRunning(app), offer = planProposal(app);
  root.replaceChildren(h("div", { class: "plan__head" }, title, about), others, run.element, offer.element);
  const asked = new Set();
  let compared = "";

  async function fetchWhole(id) {
    if (asked.has(id)) return;
    asked.add(id); // lists tell a proposal's sums only
    await app.fetchPlan(id);
    asked.delete(id);
  }

  function compare(list, plan) {
    const key = `${list.map((one) => one.id)}|${plan.id}`;
    if (key === compared) return;
    compared = key;
    others.replaceChildren(...(list.length > 1 ? [beside(list, plan.id, app.fmt, (one) => app.set({ plan: one.id }))] : []));
  }

  return {
    render(state, ui) {
      const plan = currentPlan(state.plans, ui.plan);
      root.hidden = !plan;
      if (!plan) return;
      const ready = plan.state === "proposed";
      if (ready && !plan.proposal) fetchWhole(plan.id);
      setText(title, !ready ? S.optimizing : plan.first_plan_ms ? S.proposalAfter(app.fmt.tenths(plan.first_plan_ms / 1000)) : S.proposal);
      setText(about, askedFor(plan));
      compare(proposals(state.plans), plan);
      run.element.hidden = ready;
      offer.element.hidden = !ready || !plan.proposal;
      if (ready && plan.proposal) offer.update(plan, state, ui, app.fmt);
      if (!ready) run.update(plan, state.progress.get(plan.id), app.fmt);
    },
  };
}
