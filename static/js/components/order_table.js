// Every order of the day as a table: search, filters, saved views, selection. Only the rows in sight are in the page.

import { h, icon, setText } from "../core/dom.js";
import { COLUMNS, FILTERS, filtered, rowsOf, sorted, visible } from "../core/order_rows.js";
import { remembered, slackLevel, isDone } from "../core/select.js";
import { S } from "../core/strings.js";
import { dropView, saveView, savedViews } from "../core/views.js";
import { colourOf, inkOn } from "../map/palette.js";
import { dialog } from "./dialog.js";

const ROW_PX = 28;

function cells(app, { order, route, stop, eta, slack }) {
  const swatch = route && h("span", { class: "route__swatch" }, route.name);
  if (swatch) {
    swatch.style.backgroundColor = colourOf(route.colour);
    swatch.style.color = inkOn(colourOf(route.colour));
  }
  const level = stop && !isDone(stop) ? slackLevel(stop) : "";
  return [
    h("td", { class: "num" }, order.pinned && icon("lock"), order.number),
    h("td", {}, order.recipient),
    h("td", {}, [order.address, order.postcode].filter(Boolean).join(", ")),
    h("td", { class: "num" }, app.fmt.window(order.window_start, order.window_end)),
    h("td", {}, S.orderStates[order.state] ?? order.state),
    h("td", {}, swatch, stop && h("span", { class: "num muted" }, ` ${stop.sequence}`)),
    h("td", { class: "num" }, eta === null ? "" : app.fmt.time(eta)),
    h("td", { class: "num", dataset: { level } }, slack === null ? "" : app.fmt.signed(Math.round(slack / 60) * 60, app.fmt.duration)),
    h("td", { class: "num" }, app.fmt.weight(order.weight_g)),
    h("td", {}, order.shop),
  ];
}

export function orderTable(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const scroller = part("table-scroll"), head = part("table-head"), body = part("table-body"), count = part("table-count");
  const chips = part("table-filters"), views = part("table-view"), bulk = part("table-bulk");
  const above = h("tr", { "aria-hidden": "true" }, h("td", { colspan: String(Object.keys(COLUMNS).length) }));
  const below = above.cloneNode(true);
  let view = { filters: [], sort: "number", down: false };
  let list = [], sequence = [], cursor = -1;
  let last = [], drawn = {};
  const rows = remembered(rowsOf);
  const found = remembered((all, query, filters) => filtered(all, { query, filters }));
  const inOrder = remembered(sorted);

  const heads = Object.keys(COLUMNS).map((name) => {
    const button = h("button", { type: "button", class: "order-table__sort", onclick: () => change({ sort: name, down: view.sort === name && !view.down }) }, S.columns[name]);
    return h("th", { scope: "col", dataset: { column: name } }, button);
  });
  head.replaceChildren(h("tr", {}, heads));
  chips.replaceChildren(...Object.keys(FILTERS).map((name) =>
    h("button", { type: "button", class: "chip", dataset: { filter: name }, "aria-pressed": "false" }, S.filters[name])));

  function change(next) {
    view = { ...view, ...next };
    app.frames.schedule();
  }
  chips.addEventListener("click", (event) => {
    const name = event.target.closest("[data-filter]")?.dataset.filter;
    if (!name) return;
    const on = view.filters.includes(name);
    change({ filters: on ? view.filters.filter((one) => one !== name) : [...view.filters, name] });
  });

  // --- saved views
  function listViews() {
    views.replaceChildren(h("option", { value: "" }, S.allOrders), ...savedViews().map((one) => h("option", { value: one.name }, one.name)));
    views.value = view.name ?? "";
    part("table-drop").hidden = !views.value;
  }
  views.addEventListener("change", () => {
    const one = savedViews().find((saved) => saved.name === views.value);
    view = one ?? { filters: [], sort: "number", down: false };
    app.set({ query: one?.query ?? "" });
    listViews();
  });
  part("table-save").addEventListener("click", () => nameDialog((name) => {
    view = { ...view, name, query: app.ui.query };
    saveView(view);
    listViews();
  }));
  part("table-drop").addEventListener("click", () => {
    dropView(views.value);
    change({ name: undefined });
    listViews();
  });
  listViews();

  // --- choosing rows
  const idOf = (event) => Number(event.target.closest("[data-order]")?.dataset.order ?? 0);
  body.addEventListener("click", (event) => {
    const id = idOf(event);
    if (!id) return;
    cursor = sequence.indexOf(id);
    app.choose([id], event, sequence);
  });
  body.addEventListener("pointerdown", (event) => idOf(event) && app.lift([idOf(event)], event));
  scroller.addEventListener("keydown", (event) => {
    const to = { ArrowDown: cursor + 1, ArrowUp: cursor - 1, Home: 0, End: list.length - 1, PageDown: cursor + 10, PageUp: cursor - 10 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey || !list.length) return;
    event.preventDefault();
    cursor = Math.max(0, Math.min(list.length - 1, to));
    const top = cursor * ROW_PX, room = scroller.clientHeight - head.offsetHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_PX > scroller.scrollTop + room) scroller.scrollTop = top + ROW_PX - room;
    app.choose([sequence[cursor]], event, sequence);
  });
  scroller.addEventListener("scroll", () => requestAnimationFrame(() => draw(app.ui)), { passive: true });
  new ResizeObserver(() => draw(app.ui)).observe(scroller);

  function draw(ui) {
    if (root.hidden) return;
    const { from, to } = visible(list.length, ROW_PX, scroller.scrollTop, scroller.clientHeight);
    if (drawn.list === list && drawn.from === from && drawn.to === to && drawn.selected === ui.selected) return;
    drawn = { list, from, to, selected: ui.selected };
    above.firstElementChild.style.height = `${from * ROW_PX}px`;
    below.firstElementChild.style.height = `${(list.length - to) * ROW_PX}px`;
    const lines = list.slice(from, to).map((row, i) => h("tr", {
      dataset: { order: row.order.id }, "aria-rowindex": String(from + i + 2), "aria-selected": String(ui.selected.has(row.order.id)),
    }, cells(app, row)));
    body.replaceChildren(above, ...lines, below);
  }

  function showHead(ui) {
    for (const cell of heads) {
      const on = cell.dataset.column === view.sort;
      cell.setAttribute("aria-sort", on ? (view.down ? "descending" : "ascending") : "none");
    }
    for (const chip of chips.children) chip.setAttribute("aria-pressed", view.filters.includes(chip.dataset.filter));
    setText(count, S.rowsOf(list.length, app.state.orders.size));
    const chosen = [...ui.selected].filter((id) => app.state.orders.has(id));
    bulk.hidden = !app.may || !chosen.length;
    if (!bulk.hidden) setText(part("table-selected"), S.selected(chosen.length));
  }

  for (const verb of ["move", "cancel"]) {
    part(`table-${verb}`).addEventListener("click", () => {
      const chosen = [...app.ui.selected].map((id) => app.state.orders.get(id)).filter(Boolean);
      const words = new URLSearchParams([["do", verb], ...chosen.map((order) => ["order", `${order.id}:${order.version}`])]);
      location.assign(`${root.dataset.bulk}?${words}`);
    });
  }
  part("table-assign").addEventListener("click", (event) => app.assignMenu(event.currentTarget, [...app.ui.selected]));
  part("table-unassign").addEventListener("click", () => app.unassign([...app.ui.selected]));

  return {
    render(state, ui) {
      root.hidden = ui.drawer !== "orders";
      if (root.hidden) return;
      const now = [state.orders, state.routes, ui.query, view, ui.selected, ui.drawer];
      if (last.length && now.every((value, i) => value === last[i])) return;
      last = now;
      list = inOrder(found(rows(state.orders, state.routes), ui.query, view.filters), view.sort, view.down);
      sequence = list.map((row) => row.order.id);
      part("table-empty").hidden = list.length > 0;
      showHead(ui);
      draw(ui);
    },
    selectAll: () => app.set({ selected: new Set(sequence) }),
  };
}

function nameDialog(done) {
  const name = h("input", { type: "text", id: "view-name", required: true, maxlength: "40" });
  const form = h("form", { class: "form", id: "view-form" }, h("div", { class: "field" }, h("label", { for: "view-name" }, S.viewName), name));
  const save = h("button", { type: "submit", class: "button button--primary", form: "view-form" }, S.save);
  const { close } = dialog(S.saveView, form, [save]);
  name.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    if (name.value.trim()) done(name.value.trim());
  });
}
