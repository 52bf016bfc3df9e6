// Asking for a plan: what it may touch, and how long it may think.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";
import { dialog } from "./dialog.js";

const SCOPES = [
  ["all", "Plan the whole day", "Every draft route is made anew. Locked and released routes stay as they are."],
  ["unassigned", "Only place unassigned orders", "Stops that are planned keep their route."],
];
const LIMITS = [5, 10, 20, 60];

export function optimizeDialog(app, counts) {
  const choices = SCOPES.map(([value, title, help], i) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "scope", value, checked: i === 0 }),
      h("span", {}, h("strong", {}, title), h("span", { class: "field__help block" }, help))));
  const limit = h("select", { id: "plan-limit" }, LIMITS.map((s) => h("option", { value: s, selected: s === 10 }, `${s} seconds`)));
  const go = h("button", { type: "submit", class: "button button--primary" }, "Optimize");
  const form = h("form", { class: "form", id: "plan-form" },
    h("p", { class: "muted" }, `${S.orders(counts.open)} unassigned, ${S.routes(counts.drafts)} in draft, ${counts.shifts} shifts.`),
    h("fieldset", { class: "fieldset" }, h("legend", { class: "label" }, "What to plan"), choices),
    h("div", { class: "field" }, h("label", { for: "plan-limit" }, "Time to search"), limit,
      h("p", { class: "field__help" }, "A first plan appears within seconds; more time makes it cheaper. You can cancel, and nothing changes until you accept.")));
  go.setAttribute("form", "plan-form");
  const { close } = dialog("Optimize", form, [h("button", { type: "button", class: "button", onclick: () => close() }, "Cancel"), go]);
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
