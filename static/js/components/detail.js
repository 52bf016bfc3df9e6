// What is selected, in a card over the map, with what can be done about it.

import { h, icon } from "../core/dom.js";
import { expected, placements, remembered } from "../core/select.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { changes } from "./changes.js";
import { lockable } from "./locks.js";
import { pinMenu } from "./pin_menu.js";
import { slackSign } from "./stop_list.js";

const placed = remembered(placements);

function fact(label, value) {
  return value ? [h("dt", {}, label), h("dd", { class: "num" }, value)] : [];
}

function facts(order, place, fmt) {
  const stop = place?.stop;
  return h("dl", { class: "detail__facts" },
    fact(S.facts.window, fmt.window(order.window_start, order.window_end) || S.anyTime),
    fact(S.facts.expected, stop ? fmt.time(expected(stop)) : ""),
    fact(S.facts.goods, [S.pieces(order.pieces || 1), fmt.weight(order.weight_g), fmt.volume(order.volume_cm3)].join(", ")),
    fact(S.facts.needs, order.skills.join(", ")),
    fact(S.facts.shop, [order.shop, order.external_id].filter(Boolean).join(" ")),
    fact(S.facts.phone, order.phone),
    fact(S.facts.note, order.note));
}

function one(app, order, place) {
  const sign = place ? slackSign(place.stop, app.fmt) : null;
  const state = place ? S.stopOf(place.route.name, place.stop.sequence) : S.orderStates[order.state];
  return [
    h("div", { class: "detail__head" }, h("strong", {}, order.number), h("span", {}, order.recipient), h("span", { class: "badge" }, state), order.pinned && h("span", { class: "badge badge--info" }, icon("lock"), S.pins[order.pinned])),
    h("p", {}, [order.address, [order.postcode, order.place].filter(Boolean).join(" ")].filter(Boolean).join(", ")),
    sign?.icon && h("p", { class: "detail__slack", "data-level": sign.level }, icon(sign.icon), sign.words),
    !place && order.left_out && h("p", { class: "detail__why" }, said(order.left_out.words)),
    !place && order.left_out && changes(order.left_out.changes, app.may && order.state === "open" ? (change) => app.doChange(order, change) : null),
    facts(order, place, app.fmt),
  ].filter(Boolean);
}

export function detailCard(root, app) {
  let last = [];
  return {
    render(state, ui) {
      const where = placed(state.routes);
      const ids = [...ui.selected].filter((id) => state.orders.has(id));
      const only = ids.length === 1 ? state.orders.get(ids[0]) : null;
      const now = [ids.join(), only, only && where.get(only.id)?.stop];
      if (now.every((value, i) => value === last[i]) && last.length) return;
      last = now;
      root.hidden = ids.length === 0;
      if (!ids.length) return;
      const movable = app.may && ids.some((id) => ["open", "planned", "out"].includes(state.orders.get(id).state));
      const buttons = movable && h("div", { class: "detail__buttons" },
        h("button", { type: "button", class: "button button--small button--primary", onclick: (event) => app.assignMenu(event.currentTarget, ids) }, ids.some((id) => where.has(id)) ? S.moveTo : S.assignTo, h("kbd", { class: "button__key" }, "M")),
        ids.some((id) => where.has(id)) && h("button", { type: "button", class: "button button--small", onclick: () => app.unassign(ids) }, S.unassign, h("kbd", { class: "button__key" }, "U")),
        lockable(state, ids).length > 0 && h("button", { type: "button", class: "button button--small", onclick: (event) => pinMenu(app, event.currentTarget, ids) }, icon("lock"), S.lockStops, h("kbd", { class: "button__key" }, "L")));
      const why = app.may && only && ["open", "planned"].includes(only.state) && h("div", { class: "detail__buttons" },
        h("button", { type: "button", class: "button button--small", onclick: () => app.choices(only) }, where.has(only.id) ? S.whyHere : S.whereWouldItFit));
      const again = app.may && only?.state === "failed" && h("div", { class: "detail__buttons" },
        h("button", { type: "button", class: "button button--small button--primary", onclick: () => app.do.reopen(only) }, S.reopen));
      const close = h("button", { type: "button", class: "button button--quiet button--icon button--small detail__close", "aria-label": S.clear, onclick: () => app.clear() }, icon("close"));
      root.replaceChildren(close, ...(only ? one(app, only, where.get(only.id)) : [h("strong", {}, S.selected(ids.length)), h("p", { class: "muted" }, S.together(app.fmt.weight(ids.reduce((sum, id) => sum + state.orders.get(id).weight_g, 0))))]), ...[buttons, why, again].filter(Boolean));
    },
  };
}
