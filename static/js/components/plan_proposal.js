// A proposal: what it costs, what it changes of each route, what stays behind; accepted whole, in part, or discarded.

import { h, setText } from "../core/dom.js";
import { planDiff } from "../core/plan_diff.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { changes } from "./changes.js";
import { comparison, costParts } from "./plan_totals.js";

function leftOut(list, state) {
  if (!list.length) return h("p", { class: "plan__all" }, S.everyOrderPlaced);
  return h("details", { class: "plan__left", open: list.length <= 4 }, h("summary", {}, S.leftOutMany(list.length)),
    h("ul", {}, list.map((one) => {
      const order = state.orders.get(one.order_id);
      return h("li", {}, h("strong", {}, order ? `${order.number} ${order.address}` : `#${one.order_id}`), h("span", {}, said(one.words)), changes(one.changes));
    })));
}

/** What becomes of one route, in words. */
export function rowWords(row) {
  if (row.state === "new") return S.diff.fresh(row.added);
  if (row.state === "gone") return S.diff.gone;
  if (row.state === "same") return S.diff.same;
  return [row.added && `+${row.added}`, row.removed && `−${row.removed}`, row.resequenced && S.diff.resequenced(row.resequenced)].filter(Boolean).join(", ");
}

function diffRow(app, row, box, fmt) {
  const swatch = h("span", { class: "route__swatch" }, row.name);
  swatch.style.backgroundColor = colourOf(row.colour);
  swatch.style.color = inkOn(colourOf(row.colour));
  return h("tr", { class: row.state === "same" ? "is-quiet" : "" },
    h("th", { scope: "row" }, h("label", { class: "choice" }, box, swatch)),
    h("td", {}, rowWords(row), row.late.length > 0 && h("span", { class: "badge badge--warn" }, S.diff.late(row.late.length))),
    h("td", { class: "num" }, row.cents ? fmt.signed(row.cents, fmt.money) : ""));
}

export function planProposal(app) {
  const content = h("div", { class: "plan__scroll" });
  const accept = h("button", { type: "button", class: "button button--primary" }, S.accept);
  const discard = h("button", { type: "button", class: "button" }, S.discard);
  const show = h("input", { type: "checkbox", checked: true });
  const besides = h("input", { type: "checkbox" });
  let plan = null, routes = null;
  let boxes = [];

  const picked = () => boxes.filter((box) => box.checked && !box.disabled).map((box) => Number(box.value));
  function count() {
    const some = picked().length, all = boxes.filter((box) => !box.disabled).length;
    accept.disabled = some === 0 && all > 0;
    setText(accept, some === all ? S.accept : S.acceptSome(some, all));
  }
  const decide = (verb, button) => async () => {
    button.disabled = true;
    const some = picked(), whole = some.length === boxes.filter((box) => !box.disabled).length;
    const card = await app.do[verb](plan, verb === "acceptPlan" && !whole ? { shift_ids: some } : {});
    button.disabled = false;
    if (card && verb === "acceptPlan") app.planAccepted();
  };
  accept.addEventListener("click", decide("acceptPlan", accept));
  discard.addEventListener("click", decide("discardPlan", discard));
  show.addEventListener("change", () => app.set({ showProposal: show.checked }));
  besides.addEventListener("change", () => app.set({ beside: besides.checked, showProposal: true }));
  content.addEventListener("change", (event) => event.target.matches("[data-route-box]") && count());

  function diff(proposal, fmt) {
    const base = Object.keys(proposal.base ?? {}).map(Number);
    const found = planDiff(routes, proposal, base);
    const offered = new Set(proposal.routes.map((route) => route.shift_id));
    const kept = new Set(boxes.filter((box) => !box.checked).map((box) => Number(box.value)));
    boxes = found.rows.map((row) => h("input", {
      type: "checkbox", value: row.shiftId, checked: !kept.has(row.shiftId), disabled: !app.may || !offered.has(row.shiftId),
      "aria-label": S.acceptRoute(row.name), dataset: { routeBox: "" },
    }));
    count();
    return h("details", { class: "plan__diff", open: base.length > 0 && found.rows.length <= 12 }, h("summary", {}, S.diff.title(found.moved, found.late, found.drivers)),
      h("table", { class: "compare" }, h("tbody", {}, found.rows.map((row, i) => diffRow(app, row, boxes[i], fmt)))));
  }

  return {
    element: h("div", { class: "plan__body" }, content, h("div", { class: "plan__row" }, h("label", { class: "choice plan__show" }, show, S.showOnMap), h("label", { class: "choice plan__side" }, besides, S.sideBySide),
      app.may && h("span", { class: "plan__buttons" }, discard, accept))),
    update(next, state, ui, fmt) {
      show.checked = ui.showProposal;
      besides.checked = ui.beside;
      show.disabled = ui.beside;
      if (plan === next && routes === state.routes) return;
      if (plan?.id !== next.id) boxes = [];
      plan = next;
      routes = state.routes;
      const { proposal } = plan;
      content.replaceChildren(...[comparison(proposal, fmt), diff(proposal, fmt), costParts(proposal, fmt), leftOut(proposal.left_out ?? [], state)].filter(Boolean));
    },
  };
}
