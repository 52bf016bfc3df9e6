// What a route can be told to do, with what it would cost where that is not plain.

import { h, setText } from "../core/dom.js";
import { merged, reversed, sequenceOf, split, swapped } from "../core/arrangement.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { nearestRoutes } from "./assign_menu.js";
import { deltaWords } from "./delta.js";
import { item, popover } from "./popover.js";

const PRICED = 5;
const kbd = (key) => h("kbd", {}, key);
const movable = (route) => route.state !== "closed" && !route.locked && sequenceOf(route).length > 0;

export function routeMenu(app, anchor, route) {
  const list = [...(app.may ? [...states(app, route), ...arranging(app, anchor, route)] : [])];
  if (app.may && route.stops.length) list.push(item(S.printSheet, () => open(`/routes/${route.id}/sheet.pdf`, "_blank", "noopener")));
  if (route.driver_id) list.push(item(S.messageDriver, () => app.messages.open(route.driver_id)));
  list.push(item(S.fit, () => app.fitRoute(route.id)), item(app.ui.solo === route.id ? S.unsolo : S.solo, () => app.solo(route.id)));
  popover(anchor, list, { label: S.more(route.name) });
}

function states(app, route) {
  const list = [];
  if (route.state === "draft" && route.stops.length) list.push(item(S.releaseOne, () => app.releaseDialog([route])));
  if (route.state === "released") list.push(item(S.recall, () => app.do.recall(route)), item(S.depart, () => app.do.depart(route)));
  if (route.state === "departed") list.push(item(S.close, () => app.do.close(route)));
  if (route.state !== "closed") list.push(item(route.locked ? S.unlock : S.lock, () => app.do.lock(route, !route.locked), { end: kbd("L") }));
  return list;
}

function arranging(app, anchor, route) {
  if (!movable(route)) return [];
  const here = route.stops.find((stop) => stop.order_ids.some((id) => app.ui.selected.has(id)) && stop.sequence > 1);
  const others = [...app.state.routes.values()].some((one) => one.id !== route.id && movable(one));
  const list = [item(S.reverse, () => app.arrange(reversed(route), "reversed", S.reversed(route.name)))];
  if (here && app.idleShifts().length) list.push(item(S.splitBefore(here.sequence), () => splitMenu(app, anchor, route, here)));
  if (others) {
    list.push(item(S.mergeInto, () => otherMenu(app, anchor, route, S.mergeInto, (other) => [merged(route, other), "merged", S.merged(route.name, other.name)])));
    list.push(item(S.swapWork, () => otherMenu(app, anchor, route, S.swapWork, (other) => [swapped(route, other), "swapped", S.swapped(route.name, other.name)])));
  }
  if (route.state === "draft") list.push(item(S.replanRoute, () => app.optimizeDialog({ scope: "routes", routeIds: [route.id] })));
  return list;
}

/** Another route, the nearest first, each with what it would cost. */
function otherMenu(app, anchor, route, title, doing) {
  const first = route.stops[0];
  const lines = nearestRoutes(app.state.routes, first).filter((one) => one.id !== route.id && movable(one)).map((other) => {
    const swatch = h("span", { class: "route__swatch" }, other.name);
    swatch.style.backgroundColor = colourOf(other.colour);
    swatch.style.color = inkOn(colourOf(other.colour));
    const price = h("span", { class: "popover__price num" });
    const text = h("span", { class: "popover__text" }, h("span", {}, app.state.drivers.get(other.driver_id)?.name ?? S.noDriver), price);
    const [sequences, what, words] = doing(other);
    return { sequences, price, button: item(text, () => app.arrange(sequences, what, words), { start: swatch }) };
  });
  const { menu } = popover(anchor, [h("div", { class: "popover__title" }, title), lines.map((one) => one.button)].flat(), { label: title, wide: true });
  price(app, menu, lines.slice(0, PRICED));
}

function splitMenu(app, anchor, route, stop) {
  const lines = app.idleShifts().map((shift) => {
    const price = h("span", { class: "popover__price num" });
    const driver = app.state.drivers.get(shift.driver_id)?.name ?? S.noDriver;
    const text = h("span", { class: "popover__text" }, h("span", {}, `${driver} · ${app.fmt.window(shift.start, shift.end)}`), price);
    const sequences = split(route, stop.id, shift.id);
    return { sequences, price, button: item(text, () => app.arrange(sequences, "split", S.wasSplit(route.name))) };
  });
  const title = S.splitBefore(stop.sequence);
  const { menu } = popover(anchor, [h("div", { class: "popover__title" }, title), lines.map((one) => one.button)].flat(), { label: title, wide: true });
  price(app, menu, lines.slice(0, PRICED));
}

async function price(app, menu, lines) {
  for (const one of lines) {
    if (!menu.isConnected) return;
    setText(one.price, S.pricing);
    setText(one.price, deltaWords(await app.do.previewArrangement(one.sequences), app.fmt));
  }
}
