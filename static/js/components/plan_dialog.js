// Asking for a plan: what it may touch, what it should make most of, and how long it may think.

import { h } from "../core/dom.js";
import { listed } from "../core/select.js";
import { S } from "../core/strings.js";
import { dialog } from "./dialog.js";

const LIMITS = [5, 10, 20, 60];

/** The request's body from what the form says. Pure. `weights` are typed in the currency, sent in cents. */
export function planRequest(said, { day, selection }) {
  const body = { day, scope: said.scope, preset: said.preset, time_limit_s: Number(said.limit) };
  if (said.scope === "routes") body.route_ids = said.routes.map(Number);
  if (said.scope === "selection") body.order_ids = selection;
  const weights = Object.entries(said.weights).filter(([, typed]) => typed.trim() !== "");
  if (weights.length) body.weights = Object.fromEntries(weights.map(([name, typed]) => [name, Math.round(100 * Number(typed.replace(",", ".")))]));
  return body;
}

function scopes(begin, { drafts, selection }) {
  const possible = { routes: drafts.length > 0, selection: selection.length > 0 };
  return Object.entries(S.planScopes).filter(([value]) => possible[value] ?? true).map(([value, [title, help]]) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "scope", value, checked: value === begin }),
      h("span", {}, h("strong", {}, value === "selection" ? `${title} (${selection.length})` : title), h("span", { class: "field__help block" }, help))));
}

function routePicker(drafts, chosen) {
  return h("div", { class: "plan-form__routes", role: "group", "aria-label": S.planScopes.routes[0] },
    drafts.map((route) => h("label", { class: "choice" }, h("input", { type: "checkbox", name: "routes", value: route.id, checked: chosen.includes(route.id) }), route.name)));
}

function fineTuning(currency) {
  return h("details", { class: "plan-form__weights" }, h("summary", {}, S.fineTuning),
    h("p", { class: "field__help" }, S.fineTuningHelp(currency)),
    h("div", { class: "plan-form__grid" }, Object.entries(S.weights).map(([name, words]) =>
      h("label", { class: "field" }, h("span", {}, words), h("input", { type: "number", name, min: "0", step: "0.01", inputmode: "decimal" })))));
}

/** @param {{scope?: string, routeIds?: number[]}} given what is chosen to begin with */
export function optimizeDialog(app, counts, given = {}) {
  const drafts = listed(app.state.routes).filter((route) => route.state === "draft" && !route.locked);
  const selection = [...app.ui.selected].filter((id) => ["open", "planned"].includes(app.state.orders.get(id)?.state));
  const routes = routePicker(drafts, given.routeIds ?? drafts.map((route) => route.id));
  const limit = h("select", { id: "plan-limit", name: "limit" }, LIMITS.map((s) => h("option", { value: s, selected: s === 10 }, S.seconds(s))));
  const preset = h("select", { id: "plan-preset", name: "preset" }, Object.entries(S.presets).map(([value, [words]]) => h("option", { value }, words)));
  const presetHelp = h("p", { class: "field__help" }, S.presets.station[1]);
  const go = h("button", { type: "submit", class: "button button--primary" }, S.optimize);
  const form = h("form", { class: "form", id: "plan-form" },
    h("p", { class: "muted" }, S.planCounts(counts.open, counts.drafts, counts.shifts)),
    h("fieldset", { class: "fieldset" }, h("legend", { class: "label" }, S.whatToPlan), scopes(given.scope ?? "all", { drafts, selection }), routes),
    h("div", { class: "plan-form__grid" },
      h("div", { class: "field" }, h("label", { for: "plan-preset" }, S.makeMostOf), preset, presetHelp),
      h("div", { class: "field" }, h("label", { for: "plan-limit" }, S.timeToSearch), limit, h("p", { class: "field__help" }, S.timeToSearchHelp))),
    fineTuning(app.state.station.currency));
  go.setAttribute("form", "plan-form");
  const { close } = dialog(S.optimize, form, [h("button", { type: "button", class: "button", onclick: () => close() }, S.cancel), go]);
  const showRoutes = () => (routes.hidden = new FormData(form).get("scope") !== "routes");
  form.addEventListener("change", showRoutes);
  preset.addEventListener("change", () => presetHelp.replaceChildren(S.presets[preset.value][1]));
  showRoutes();
  go.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const data = new FormData(form);
    const said = {
      scope: data.get("scope"), preset: data.get("preset"), limit: data.get("limit"), routes: data.getAll("routes"),
      weights: Object.fromEntries(Object.keys(S.weights).map((name) => [name, data.get(name) ?? ""])),
    };
    const plan = await app.do.optimize(planRequest(said, { day: app.state.day, selection }));
    if (!plan) return (go.disabled = false);
    app.set({ plan: plan.id });
    close();
  });
}
