// Why this driver, and why not that one: an order held against every van of the day, and a button that moves it there.

import { h } from "../core/dom.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { dialog } from "./dialog.js";

function name(app, choice) {
  const route = app.state.routes.get(choice.route_id);
  const shift = app.state.shifts.get(choice.shift_id);
  const driver = app.state.drivers.get(route?.driver_id ?? shift?.driver_id)?.name ?? S.noDriver;
  if (!route) return [h("span", { class: "muted" }, S.freeShift), " ", driver];
  const swatch = h("span", { class: "route__swatch" }, route.name);
  swatch.style.backgroundColor = colourOf(route.colour);
  swatch.style.color = inkOn(colourOf(route.colour));
  return [swatch, " ", driver];
}

/** What a van costs more than the cheapest one; of the cheapest, what it costs. */
export function priceWords(choice, least, fmt) {
  if (choice.cents === null) return "";
  return choice.cents === least ? fmt.signed(choice.cents, fmt.money) : `${fmt.signed(choice.cents, fmt.money)} (${fmt.signed(choice.cents - least, fmt.money)})`;
}

function row(app, choice, least, move) {
  const fits = choice.cents !== null;
  const button = fits && !choice.current && !choice.locked && h("button", { type: "button", class: "button button--small", onclick: () => move(choice) }, S.moveHere);
  return h("tr", { class: choice.current ? "is-current" : "" },
    h("th", { scope: "row" }, name(app, choice), choice.current && h("span", { class: "badge badge--info" }, S.choiceNow)),
    h("td", { class: "num" }, fits ? priceWords(choice, least, app.fmt) : h("span", { class: "muted" }, said(choice.words))),
    h("td", { class: "num" }, fits ? app.fmt.time(choice.start) : ""),
    h("td", {}, button));
}

export async function choicesDialog(app, order) {
  const body = h("div", { class: "choices", "aria-live": "polite" }, h("p", { class: "muted" }, S.choicesComing));
  const { element, close } = dialog(S.choicesTitle(order.number), body);
  const answer = await app.do.choices(order);
  if (!element.isConnected) return;
  if (!answer) return close();
  const least = Math.min(...answer.choices.filter((one) => one.cents !== null).map((one) => one.cents));
  const move = (choice) => {
    close();
    app.move(choice.route_id ? { orderIds: [order.id], routeId: choice.route_id } : { orderIds: [order.id], shiftId: choice.shift_id });
  };
  body.replaceChildren(...[
    h("p", { class: "muted" }, S.choicesHelp),
    answer.choices.length === 0 && h("p", {}, S.choicesNone),
    answer.choices.length > 0 && h("div", { class: "table-frame", tabindex: "0" }, h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, S.choicesVan), h("th", { scope: "col", class: "num" }, S.choicesCost), h("th", { scope: "col", class: "num" }, S.choicesStart), h("td", {}))),
      h("tbody", {}, answer.choices.map((one) => row(app, one, least, move))))),
    answer.on_the_road > 0 && h("p", { class: "muted" }, S.choicesOnTheRoad(answer.on_the_road)),
  ].filter(Boolean));
}
