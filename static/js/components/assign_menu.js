// Where to put the selected orders, without dragging: nearest routes first, each with what the move would cost.

import { h, setText } from "../core/dom.js";
import { listed, placements } from "../core/select.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { deltaWords } from "./delta.js";
import { item, popover } from "./popover.js";

const PRICED = 5;

/** Routes that may still take orders, by the distance of their nearest stop to the place. */
export function nearestRoutes(routes, place) {
  const away = (route) => Math.min(Infinity, ...route.stops.map((stop) => (stop.lat - place.lat) ** 2 + ((stop.lng - place.lng) * Math.cos((place.lat * Math.PI) / 180)) ** 2));
  return listed(routes).filter((route) => route.state !== "closed").map((route) => ({ route, away: away(route) })).sort((a, b) => a.away - b.away).map(({ route }) => route);
}

export function assignMenu(app, anchor, orderIds) {
  if (!app.may || !orderIds.length) return;
  const placed = placements(app.state.routes);
  const first = app.state.orders.get(orderIds[0]);
  const filter = h("input", { type: "search", placeholder: S.filterRoutes, "aria-label": S.filterRoutes });
  const lines = nearestRoutes(app.state.routes, first).map((route) => {
    const swatch = h("span", { class: "route__swatch" }, route.name);
    swatch.style.backgroundColor = colourOf(route.colour);
    swatch.style.color = inkOn(colourOf(route.colour));
    const price = h("span", { class: "popover__price num" });
    const driver = app.state.drivers.get(route.driver_id)?.name ?? S.noDriver;
    const text = h("span", { class: "popover__text" }, h("span", {}, driver), price);
    const button = item(text, () => app.move({ orderIds, routeId: route.id }), { start: swatch, disabled: route.locked });
    button.dataset.words = `${route.name} ${driver}`.toLowerCase();
    return { route, button, price };
  });
  const idle = app.idleShifts().map((shift) => {
    const driver = app.state.drivers.get(shift.driver_id)?.name ?? S.noDriver;
    const button = item(`${driver} · ${app.fmt.window(shift.start, shift.end)}`, () => app.move({ orderIds, shiftId: shift.id }));
    button.dataset.words = driver.toLowerCase();
    return button;
  });
  filter.addEventListener("input", () => {
    const words = filter.value.trim().toLowerCase();
    for (const button of [...lines.map((one) => one.button), ...idle]) button.hidden = !button.dataset.words.includes(words);
  });
  const { menu } = popover(anchor, [
    h("div", { class: "popover__title" }, `${S.selected(orderIds.length)}: ${S.assignTo}`),
    filter,
    orderIds.some((id) => placed.has(id)) && item(S.unassign, () => app.unassign(orderIds), { end: h("kbd", {}, "U") }),
    lines.map((one) => one.button),
    idle.length > 0 && h("div", { class: "popover__title" }, S.freeShifts),
    idle,
  ].flat().filter(Boolean), { label: S.assignTo, wide: true });
  price(app, menu, lines.filter((one) => !one.route.locked).slice(0, PRICED), orderIds);
}

async function price(app, menu, lines, orderIds) {
  for (const one of lines) {
    if (!menu.isConnected) return;
    setText(one.price, S.pricing);
    setText(one.price, deltaWords(await app.do.preview({ orderIds, routeId: one.route.id }), app.fmt));
  }
}
