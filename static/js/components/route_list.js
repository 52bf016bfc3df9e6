// The right column's first tab: routes of the day, and shifts that have none yet.

import { h, icon, keyedList, setText } from "../core/dom.js";
import { listed, remembered, standing } from "../core/select.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { routeCard } from "./route_card.js";

function shiftRow(app) {
  const text = h("span", {});
  const when = h("span", { class: "num muted" });
  const element = h("li", { class: "shift", dataset: { drop: "shift" } }, icon("truck"), text, when);
  return {
    element,
    update(shift, state) {
      element.dataset.shift = shift.id;
      const who = state.drivers.get(shift.driver_id)?.name ?? S.noDriver;
      setText(text, `${who} · ${state.vehicles.get(shift.vehicle_id)?.name ?? ""}`);
      setText(when, app.fmt.window(shift.start, shift.end));
      element.title = S.dropHere;
    },
  };
}

export function routeList(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const cards = keyedList(part("routes"), { key: (route) => route.id, create: () => routeCard(app) });
  const shifts = keyedList(part("shifts"), { key: (shift) => shift.id, create: () => shiftRow(app) });
  const inOrder = remembered(listed);
  const free = remembered((all, routes) => {
    const taken = new Set([...routes.values()].filter((route) => route.state !== "closed").map((route) => route.shift_id));
    return [...all.values()].filter((shift) => !taken.has(shift.id));
  });
  const troubles = remembered((exceptions) => {
    const words = new Map();
    for (const card of standing(exceptions)) if (card.state === "open" && card.route_id && !words.has(card.route_id)) words.set(card.route_id, said(card.words));
    return words;
  });
  let last = [];
  return {
    render(state, ui) {
      const now = [state.routes, state.orders, state.drivers, state.shifts, state.exceptions, names(state.vehicles), ui.open, ui.hidden, ui.solo, ui.selected, ui.focusRoute, ui.messages, ui.others];
      if (last.length && now.every((value, i) => value === last[i])) return;
      last = now;
      cards.render(inOrder(state.routes), state, ui, troubles(state.exceptions));
      const idle = state.closed ? [] : free(state.shifts, state.routes);
      shifts.render(idle, state);
      part("shifts-head").hidden = idle.length === 0;
      part("no-routes").hidden = state.routes.size > 0;
    },
    /** Scroll a stop (or the card) into view. */
    reveal(routeId, orderId) {
      const card = cards.get(routeId)?.element;
      const row = orderId && card && [...card.querySelectorAll(".stop")].find((one) => one.dataset.orders.split(",").includes(String(orderId)));
      (row ?? card)?.scrollIntoView({ block: "nearest" });
    },
  };
}

// Vehicles move all the time; the list only shows their names.
const names = remembered((vehicles) => [...vehicles.values()].map((vehicle) => vehicle.name).join("|"));
