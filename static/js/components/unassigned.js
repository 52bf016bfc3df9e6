// The left column: orders without a route, searched, grouped, selected, dragged.

import { h, icon, keyedList, setText } from "../core/dom.js";
import { grouped, matches, placements, remembered, unassigned, unlocated } from "../core/select.js";
import { zonesOf } from "../core/loop.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { choosing, roving } from "./rows.js";

const PAGE = 150;
const PLACED_LIMIT = 25;

function orderRow(app) {
  const number = h("span", { class: "row__id" });
  const who = h("span", { class: "row__who" });
  const when = h("span", { class: "row__when num" });
  const where = h("span", { class: "row__where" });
  const size = h("span", { class: "row__size num" });
  const why = h("span", { class: "row__why" });
  const element = h(
    "li",
    { class: "row", role: "option", tabindex: "-1" },
    h("span", { class: "row__line" }, who, number, when),
    h("span", { class: "row__line" }, where, size),
    why,
  );
  let last = null;
  return {
    element,
    update(order, ui, place) {
      const selected = ui.selected.has(order.id);
      if (element.getAttribute("aria-selected") !== String(selected)) element.setAttribute("aria-selected", selected);
      const route = place?.route ?? null;
      if (last?.order === order && last.route === route) return;
      last = { order, route };
      element.dataset.order = order.id;
      setText(number, order.number);
      setText(who, order.recipient);
      setText(when, app.fmt.window(order.window_start, order.window_end) || S.anyTime);
      when.classList.toggle("muted", !order.window_end);
      setText(where, [order.address, order.postcode].filter(Boolean).join(", "));
      const needs = order.skills.join(", ");
      setText(size, [needs, order.pieces > 1 ? `${order.pieces}×` : "", app.fmt.weight(order.weight_g)].filter(Boolean).join(" · "));
      setText(why, route ? `${route.name}, ${S.orderStates[order.state].toLowerCase()}` : said(order.left_out?.words ?? ""));
      why.hidden = !why.textContent;
      why.classList.toggle("row__why--placed", Boolean(route));
    },
  };
}

function group(app, by) {
  const title = h("span", {});
  const count = h("span", { class: "badge count" });
  const head = h("div", { class: "group__head" }, title, count);
  const list = h("ul", { role: "group" });
  const rows = keyedList(list, { key: (order) => order.id, create: () => orderRow(app) });
  const element = h("li", { class: "group", role: "presentation" }, head, list);
  return {
    element,
    update({ key, orders, total, placed }, ui) {
      const words = placed ? S.onRoutes : by() === "reason" ? (orders[0]?.left_out ? reasonTitle(key) : S.noReason) : by() === "zone" ? key || S.noZone : key === "~" ? S.anyTime : key;
      setText(title, words);
      setText(count, String(total));
      head.hidden = !placed && by() === "none";
      list.setAttribute("aria-label", words);
      rows.render(orders.map((order) => order), ui, null);
      if (placed) for (const order of orders) rows.get(order.id).update(order, ui, placed.get(order.id));
    },
  };
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const reasonTitle = (code) => capital(S.rules[code] ?? code.replaceAll("_", " "));

/** @param {HTMLElement} root the column of the template */
export function unassignedColumn(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const list = part("list"), count = part("count"), search = part("search"), by = part("group");
  const locate = part("locate"), more = part("more"), bar = part("selection"), empty = part("empty"), none = part("no-match");
  const groups = keyedList(list, { key: (entry) => `${by.value}|${entry.key}|${Boolean(entry.placed)}`, create: () => group(app, () => by.value) });
  const open = remembered(unassigned);
  const lost = remembered(unlocated);
  const placed = remembered(placements);
  const found = remembered((orders, query) => open(orders).filter((order) => matches(order, query)));
  const elsewhere = remembered((orders, query) =>
    query.trim().length < 2 ? [] : [...orders.values()].filter((order) => !["open", "needs_location", "cancelled"].includes(order.state) && matches(order, query)));
  const sections = remembered((orders, query, grouping, limit) => {
    let room = limit;
    return grouped(found(orders, query), grouping, app.fmt.time, (order) => zonesOf(order, app.state.zones)).map(({ key, orders: members }) => {
      const shown = members.slice(0, Math.max(0, room));
      room -= shown.length;
      return { key, orders: shown, total: members.length };
    }).filter((entry) => entry.orders.length);
  });
  let sequence = [];
  let last = [];

  try {
    by.value = localStorage.getItem("lastmile.group") ?? "none";
    if (!by.value) by.value = "none";
  } catch {
    by.value = "none"; // no storage: the default
  }
  search.addEventListener("input", () => app.set({ query: search.value, limit: PAGE }));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      search.value = "";
      app.set({ query: "" });
      search.blur();
    } else if (event.key === "ArrowDown") list.querySelector('[role="option"]')?.focus();
  });
  by.addEventListener("change", () => {
    app.remember("lastmile.group", by.value);
    app.set({ grouping: by.value });
  });
  more.addEventListener("click", () => app.set({ limit: app.ui.limit + PAGE * 2 }));
  part("assign").addEventListener("click", (event) => app.assignMenu(event.currentTarget, [...app.ui.selected]));
  part("clear").addEventListener("click", () => app.clear());
  roving(list);
  choosing(
    list,
    (row, event) => app.choose([Number(row.dataset.order)], event, sequence),
    (row, event) => app.lift([Number(row.dataset.order)], event),
  );

  return {
    focusSearch: () => search.focus(),
    selectAll: () => app.set({ selected: new Set(sequence) }),
    render(state, ui) {
      const now = [state.orders, state.routes, ui.query, by.value, ui.limit, ui.selected];
      if (now.every((value, i) => value === last[i]) && last.length) return;
      last = now;
      const matching = found(state.orders, ui.query);
      const entries = [...sections(state.orders, ui.query, by.value, ui.limit)];
      sequence = matching.map((order) => order.id);
      const others = elsewhere(state.orders, ui.query);
      if (others.length) entries.push({ key: "placed", orders: others.slice(0, PLACED_LIMIT), total: others.length, placed: placed(state.routes) });
      groups.render(entries, ui);
      const all = open(state.orders).length;
      setText(count, String(all));
      list.querySelector('[role="option"]')?.setAttribute("tabindex", "0");
      empty.hidden = all > 0 || ui.query !== "" || state.orders.size === 0;
      part("no-orders").hidden = state.orders.size > 0 || ui.query !== "";
      none.hidden = ui.query === "" || entries.length > 0;
      const rest = matching.length - ui.limit;
      more.hidden = rest <= 0;
      if (rest > 0) setText(more, S.showMore(Math.min(rest, PAGE * 2)));
      showLost(lost(state.orders).length);
      bar.hidden = ui.selected.size === 0;
      setText(part("selected"), S.selected(ui.selected.size));
    },
  };

  function showLost(n) {
    locate.hidden = n === 0;
    if (n) locate.replaceChildren(icon("pin"), S.needLocation(n));
  }
}
