// The stops of an opened route: number, address, expected time against the window, with the slack in colour and sign.

import { h, icon, keyedList, setText } from "../core/dom.js";
import { expected, isDone, isEarly, slackLevel, slackOf } from "../core/select.js";
import { S } from "../core/strings.js";
import { choosing, roving } from "./rows.js";

const SIGNS = { ok: "check", near: "clock", late: "late", free: null };

/** The icon and words of a stop's slack: {icon, words, level}. */
export function slackSign(stop, fmt) {
  if (stop.state === "failed") return { icon: "close", words: S.stopStates.failed, level: "late" };
  if (stop.state === "cancelled") return { icon: "close", words: S.stopStates.cancelled, level: "free" };
  const level = slackLevel(stop);
  if (isDone(stop)) return { icon: level === "late" ? "late" : "check", words: `${S.stopStates[stop.state]}, ${S.slack[level](fmt.duration(slackOf(stop) ?? 0))}`, level: level === "late" ? "late" : "done" };
  if (isEarly(stop)) return { icon: "early", words: S.early, level: "early" };
  return { icon: SIGNS[level], words: S.slack[level](fmt.duration(slackOf(stop) ?? 0)), level };
}

function stopRow(app) {
  const number = h("span", {});
  const where = h("span", { class: "stop__where" });
  const who = h("span", { class: "stop__who" });
  const when = h("span", { class: "stop__when num" });
  const window_ = h("span", { class: "stop__window num" });
  const sign = h("span", { class: "stop__sign" });
  const lock = h("span", { class: "stop__lock", hidden: true }, icon("lock"));
  const element = h("li", { class: "row stop", role: "option", tabindex: "-1" }, h("span", { class: "stop__number num" }, number, lock), where, when, sign, who, window_);
  let last = null;
  return {
    element,
    update(stop, route, state, ui) {
      const selected = stop.order_ids.some((id) => ui.selected.has(id));
      if (element.getAttribute("aria-selected") !== String(selected)) element.setAttribute("aria-selected", selected);
      const pins = stop.order_ids.map((id) => state.orders.get(id)?.pinned ?? "").join();
      if (last?.stop === stop && last.route === route && last.pins === pins) return;
      last = { stop, route, pins };
      Object.assign(element.dataset, { stop: stop.id, route: route.id, orders: stop.order_ids.join(","), index: stop.sequence - 1, state: stop.state, drop: "stop" });
      setText(number, String(stop.sequence));
      setText(where, stop.address);
      const orders = stop.order_ids.map((id) => state.orders.get(id)).filter(Boolean);
      setText(who, orders.map((order) => order.recipient || order.number).join(", "));
      setText(when, app.fmt.time(expected(stop)));
      setText(window_, app.fmt.window(stop.window_start, stop.window_end));
      const held = orders.some((order) => order.pinned);
      lock.hidden = !held;
      lock.title = held ? S.pins[orders.find((order) => order.pinned).pinned] : "";
      const { icon: name, words, level } = slackSign(stop, app.fmt);
      sign.dataset.level = level;
      sign.replaceChildren(...(name ? [icon(name)] : []), h("span", { class: "visually-hidden" }, words));
      sign.title = words;
    },
  };
}

/** A list of stops for a route card. */
export function stopList(app) {
  const list = h("ol", { class: "stops", role: "listbox", "aria-multiselectable": "true" });
  const rows = keyedList(list, { key: (stop) => stop.id, create: () => stopRow(app) });
  const ordersOf = (row) => row.dataset.orders.split(",").filter(Boolean).map(Number);
  let sequence = [];
  roving(list);
  choosing(
    list,
    (row, event) => app.choose(ordersOf(row), event, sequence, { focusRoute: Number(row.dataset.route) }),
    (row, event) => app.lift(ordersOf(row), event),
  );
  return {
    element: list,
    update(route, state, ui) {
      sequence = route.stops.flatMap((stop) => stop.order_ids);
      list.setAttribute("aria-label", S.expand(route.name));
      rows.render(route.stops, route, state, ui);
      list.querySelector('[role="option"]')?.setAttribute("tabindex", "0");
    },
  };
}
