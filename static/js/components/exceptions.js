// Delivery exceptions: most severe and newest first, each leading to its place on the map.

import { h, icon, keyedList, setText } from "../core/dom.js";
import { remembered, severity, standing } from "../core/select.js";
import { said } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { toast } from "./toasts.js";

const TONES = { 1: "badge--info", 2: "badge--warn", 3: "badge--bad" };

function button(text, run) {
  return h("button", { type: "button", class: "button button--small", onclick: run }, text);
}

function exceptionRow(app) {
  const kind = h("span", { class: "badge" });
  const time = h("span", { class: "num muted" });
  const words = h("button", { type: "button", class: "exception__words", title: S.showOnMap });
  const risk = h("span", { class: "muted" });
  const buttons = h("div", { class: "exception__buttons" });
  const element = h("li", { class: "exception" }, h("div", { class: "exception__head" }, kind, risk, time), words, buttons);
  let card = null;
  words.addEventListener("click", () => app.openException(card));
  return {
    element,
    update(next) {
      if (next === card) return;
      card = next;
      const level = severity(card);
      element.dataset.severity = level;
      element.dataset.state = card.state;
      kind.className = `badge ${TONES[level]}`;
      kind.replaceChildren(icon("alert"), `${S.severities[level]} · ${S.kinds[card.kind] ?? card.kind}`);
      setText(time, app.fmt.time(card.raised_at));
      setText(words, said(card.words));
      setText(risk, card.order_ids.length ? S.atRisk(card.order_ids.length) : "");
      buttons.replaceChildren(...actions());
    },
  };

  function actions() {
    const list = [];
    if (card.state !== "open") {
      const who = card.acknowledged_by?.replace(/^user:/, "");
      list.push(h("span", { class: "badge badge--info" }, S.exceptionStates[card.state]), who && h("span", { class: "muted" }, S.by(who, app.fmt.time(card.acknowledged_at))));
    }
    if (app.may) {
      list.push(...remedies(app, card).map(([text, run]) => button(text, run)));
      if (card.state === "open") list.push(button(S.acknowledge, () => app.do.acknowledge(card)));
      if (card.state !== "snoozed") list.push(button(S.snooze, () => app.do.snooze(card)));
      list.push(button(S.resolve, () => app.do.resolve(card)));
    }
    return list.filter(Boolean);
  }
}

/** What can be done about it by one click, by what went wrong: [words, doing]. */
function remedies(app, card) {
  const route = app.state.routes.get(card.route_id);
  const stop = route?.stops.find((one) => one.id === card.stop_id);
  const driver = app.state.drivers.get(route?.driver_id);
  const orders = card.order_ids.map((id) => app.state.orders.get(id)).filter(Boolean);
  const movable = (stop?.order_ids ?? []).filter((id) => ["planned", "out"].includes(app.state.orders.get(id)?.state));
  const list = [];
  if (card.kind === "late" && movable.length) list.push([S.remedies.move, (event) => app.assignMenu(event.currentTarget, movable)]);
  if (card.kind === "late" && route?.state === "draft") list.push([S.remedies.replan, () => app.optimizeDialog({ scope: "routes", routeIds: [route.id] })]);
  if (card.kind === "attempt_failed") for (const order of orders.filter((one) => one.state === "failed").slice(0, 1)) list.push([S.reopen, () => app.do.reopen(order)]);
  if (driver) list.push([S.messageDriver, () => app.messages.open(driver.id)]);
  if (driver?.phone) list.push([S.callDriver, () => location.assign(`tel:${driver.phone}`)]);
  return list;
}

/** What the list can be narrowed to: all, how severe, of which kind, of the route in focus; each with how many. Pure. */
export function chips(cards, route) {
  const found = new Map([["all", { words: S.all, cards }]]);
  const add = (key, words, card) => {
    if (!found.has(key)) found.set(key, { words, cards: [] });
    found.get(key).cards.push(card);
  };
  for (const card of cards) add(`severity ${severity(card)}`, S.severities[severity(card)], card);
  for (const card of cards) add(card.kind, S.kinds[card.kind] ?? card.kind, card);
  for (const card of cards) if (route && card.route_id === route.id) add("route", route.name, card);
  return [...found].map(([key, chip]) => ({ key, ...chip, count: chip.cards.length }));
}

const TONE_HZ = { 2: 660, 3: 880 };

/** A short tone, where somebody has asked for it. */
function ring(level) {
  const context = new AudioContext();
  const tone = context.createOscillator(), loud = context.createGain();
  tone.frequency.value = TONE_HZ[level] ?? TONE_HZ[2];
  loud.gain.setValueAtTime(0.15, context.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.5);
  tone.connect(loud).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.5);
  tone.onended = () => context.close();
}

export function exceptionPanel(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const list = keyedList(part("exceptions"), { key: (card) => card.id, create: () => exceptionRow(app) });
  const filter = part("kinds"), announce = document.querySelector("[data-announce]");
  const all = remembered(standing);
  const sound = part("exception-sound");
  let known = null;
  let last = [];
  sound.checked = app.ui.sound;
  sound.addEventListener("change", () => {
    app.remember("lastmile.sound", sound.checked ? "on" : "off");
    app.set({ sound: sound.checked });
    if (sound.checked) ring(2);
  });
  filter.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-kind]");
    if (chosen) app.set({ kind: chosen.dataset.kind });
  });

  function showChips(found, ui) {
    filter.replaceChildren(...found.map(({ key, words, count }) =>
      h("button", { type: "button", class: "chip", dataset: { kind: key }, "aria-pressed": String(ui.kind === key) }, words, h("span", { class: "num" }, ` ${count}`))));
    filter.hidden = found[0].count === 0;
  }

  /** New ones are told to eyes and ears, but not those that the page began with. */
  function tell(cards, day) {
    const ids = new Set(cards.filter((card) => card.state === "open").map((card) => card.id));
    const fresh = known?.day === day ? cards.filter((card) => ids.has(card.id) && !known.ids.has(card.id)) : [];
    known = { day, ids: new Set([...ids, ...(known?.day === day ? known.ids : [])]) };
    if (!fresh.length) return;
    announce.textContent = fresh.map((card) => S.newException(said(card.words))).join(" ");
    if (app.ui.sound) ring(Math.max(...fresh.map(severity)));
    for (const card of fresh.slice(0, 2)) {
      toast({ text: said(card.words), kind: severity(card) === 3 ? "error" : "warning", buttons: [{ text: S.showOnMap, run: () => app.openException(card) }] });
    }
  }

  return {
    render(state, ui) {
      const cards = all(state.exceptions, state.routes);
      const now = [cards, ui.kind, ui.focusRoute, state.routes, state.day];
      if (last.length && now.every((value, i) => value === last[i])) return;
      last = now;
      tell(cards, state.day);
      const found = chips(cards, state.routes.get(ui.focusRoute));
      showChips(found, ui);
      list.render((found.find((chip) => chip.key === ui.kind) ?? found[0]).cards);
      part("no-exceptions").hidden = cards.length > 0;
      const waiting = cards.filter((card) => card.state === "open");
      for (const badge of document.querySelectorAll("[data-exception-count]")) {
        setText(badge, String(waiting.length));
        badge.hidden = waiting.length === 0;
        badge.classList.toggle("badge--bad", waiting.some((card) => severity(card) === 3));
        badge.classList.toggle("badge--warn", !waiting.some((card) => severity(card) === 3));
      }
    },
  };
}
