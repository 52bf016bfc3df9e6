// What the map says about the pin under the pointer.

import { h } from "../core/dom.js";
import { expected } from "../core/select.js";
import { S } from "../core/strings.js";
import { slackSign } from "./stop_list.js";

export function tips(app, about) {
  const { state, fmt } = app;
  const orders = about.orderIds.map((id) => state.orders.get(id)).filter(Boolean);
  const who = h("div", {}, orders.map((order) => order.recipient || order.number).join(", "));
  const where = h("div", { class: "muted" }, orders[0]?.address ?? "");
  if (about.type === "order") {
    const [order] = orders;
    return h("div", {}, who, where, h("div", { class: "num" }, fmt.window(order.window_start, order.window_end) || S.anyTime), order.left_out && h("div", { class: "tip__why" }, order.left_out.words));
  }
  if (about.type === "proposed") {
    return h("div", {}, h("strong", {}, about.route.name), who, where, h("div", { class: "num" }, fmt.time(about.stop.arrival)));
  }
  const route = state.routes.get(about.routeId);
  const stop = route?.stops.find((one) => one.id === about.id);
  if (!stop) return h("div", {}, who, where);
  const sign = slackSign(stop, fmt);
  return h("div", {}, h("strong", {}, `${route.name}, ${stop.sequence}`), who, where,
    h("div", { class: "num" }, `${fmt.time(expected(stop))}${stop.window_end ? ` · ${fmt.window(stop.window_start, stop.window_end)}` : ""}`), h("div", { class: "tip__slack", "data-level": sign.level }, sign.words));
}
