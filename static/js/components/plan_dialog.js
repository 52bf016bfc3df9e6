// Asking for a plan: what it may touch, and how long it may think.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";
import { dialog } from "./dialog.js";

const LIMITS = [5, 10, 20, 60];

export function optimizeDialog(app, counts) {
  const choices = Object.entries(S.planScopes).map(([value, [title, help]], i) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "scope", value, checked: i === 0 }),
      h("span", {}, h("strong", {}, title), h("span", { class: "field__help block" }, help))));
  const limit = h("select", { id: "plan-limit" }, LIMITS.map((s) => h("option", { value: s, selected: s === 10 }, S.seconds(s))));
  const go = h("button", { type: "submit", class: "button button--primary" }, S.optimize);
  const form = h("form", { class: "form", id: "plan-form" },
    h("p", { class: "muted" }, S.planCounts(counts.open, counts.drafts, counts.shifts)),
    h("fieldset", { class: "fieldset" }, h("legend", { class: "label" }, S.whatToPlan), choices),
    h("div", { class: "field" }, h("label", { for: "plan-limit" }, S.timeToSearch), limit,
      h("p", { class: "field__help" }, S.timeToSearchHelp)));
  go.setAttribute("form", "plan-form");
  const { close } = dialog(S.optimize, form, [h("button", { type: "button", class: "button", onclick: () => close() }, S.cancel), go]);
  go.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const scope = new FormData(form).get("scope");
    const plan = await app.do.optimize({ day: app.state.day, scope, time_limit_s: Number(limit.value) });
    if (plan) close();
    else go.disabled = false;
  });
}
