// A route in the list: who drives what, how far, how full, what is wrong; opened, its stops.

import { h, icon, setText } from "../core/dom.js";
import { initials } from "../core/presence.js";
import { progressOf } from "../core/select.js";
import { brokenRule } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { stopList } from "./stop_list.js";

const STATE_TONE = { draft: "", released: "badge--info", departed: "badge--ok", closed: "" };

function loadBar(kind) {
  const fill = h("span", { class: "load__fill" });
  const text = h("span", { class: "load__text num" });
  const element = h("div", { class: "load" }, h("span", { class: "load__kind" }, S.loads[kind]), h("span", { class: "load__bar" }, fill), text);
  return {
    element,
    update(route, fmt) {
      const used = route.load?.[kind] ?? 0, room = route.capacity?.[kind] ?? 0;
      const share = room ? used / room : 0;
      fill.style.width = `${Math.min(100, share * 100)}%`;
      element.classList.toggle("is-over", used > room && room > 0);
      const words = { weight_g: fmt.weight, volume_cm3: fmt.volume, pieces: fmt.number }[kind];
      setText(text, room ? `${words(used)} / ${words(room)}` : words(used));
    },
  };
}

/** The fullest dimension as a thin line under the card's head. */
function fullness(route) {
  let most = 0;
  for (const kind of Object.keys(S.loads)) {
    const room = route.capacity?.[kind];
    if (room) most = Math.max(most, (route.load?.[kind] ?? 0) / room);
  }
  return most;
}

function driverSelect(app) {
  const select = h("select", { class: "route__driver" });
  let route = null;
  let options = null;
  select.addEventListener("change", async () => {
    const done = await app.do.assignDriver(route, select.value ? Number(select.value) : null);
    if (!done) select.value = route.driver_id ?? "";
  });
  return {
    element: select,
    update(next, drivers) {
      route = next;
      if (options !== drivers) {
        options = drivers;
        select.replaceChildren(h("option", { value: "" }, S.noDriver), ...[...drivers.values()].map((driver) => h("option", { value: driver.id }, driver.name)));
      }
      select.value = route.driver_id ?? "";
      select.disabled = !app.may || route.state === "closed";
      select.setAttribute("aria-label", S.driverOf(route.name));
    },
  };
}

function body(app) {
  const driver = driverSelect(app);
  const loads = Object.keys(S.loads).map(loadBar);
  const wrong = h("ul", { class: "route__wrong" });
  const stops = stopList(app);
  const element = h("div", { class: "route__body" },
    h("div", { class: "route__facts" }, h("label", { class: "route__driver-label" }, icon("truck"), driver.element), loads.map((bar) => bar.element)), wrong, stops.element);
  let violations = null;
  return {
    element,
    update(route, state, ui) {
      driver.update(route, state.drivers);
      for (const bar of loads) bar.update(route, app.fmt);
      if (violations !== route.violations) {
        violations = route.violations;
        wrong.replaceChildren(...violations.map((one) => h("li", {}, icon("alert"), h("span", {}, brokenRule(one, app.fmt)))));
      }
      stops.update(route, state, ui);
    },
  };
}

/** Who else has this route in front of them. */
function people(others, routeId) {
  const here = (others ?? []).filter((one) => one.routeIds.includes(routeId));
  return here.length ? [h("span", { class: "route__people" }, here.map((one) => h("span", { class: `person ${one.dragging.length ? "is-busy" : ""}`, title: one.name, role: "img", "aria-label": one.name }, initials(one.name))))] : [];
}

function badges(route, progress, troubled, fmt) {
  const list = [];
  if (route.locked) list.push(h("span", { class: "badge", title: S.locked }, icon("lock"), S.locked));
  if (progress.late) list.push(h("span", { class: "badge badge--warn" }, icon("late"), S.late(progress.late)));
  if (progress.failed) list.push(h("span", { class: "badge badge--bad" }, icon("close"), S.failed(progress.failed)));
  const codes = new Map();
  for (const one of route.violations) codes.set(one.code, [...(codes.get(one.code) ?? []), one]);
  for (const [code, broken] of codes) {
    if (code === "late" && progress.late) continue;
    const words = broken.map((one) => brokenRule(one, fmt)).join("\n");
    const tone = broken.every((one) => one.cents !== undefined) ? "badge--warn" : "badge--bad";
    list.push(h("span", { class: `badge ${tone}`, title: words }, icon("alert"), `${S.rules[code] ?? code.replaceAll("_", " ")}${broken.length > 1 ? ` ×${broken.length}` : ""}`));
  }
  if (troubled) list.push(h("span", { class: "dot", title: troubled, role: "img", "aria-label": troubled }));
  return list;
}

/** What was said and not answered yet, as a button that opens the talk. */
function talk(app, driverId, waiting) {
  if (!waiting?.unread && !waiting?.unconfirmed) return [];
  const words = waiting.unread ? S.unreadMessages(waiting.unread) : S.unconfirmedMessages(waiting.unconfirmed);
  const tone = waiting.unread ? "badge--warn" : "badge--info";
  return [h("button", { type: "button", class: `badge ${tone} route__talk`, onclick: () => app.messages.open(driverId) }, icon("bell"), words)];
}

export function routeCard(app) {
  const swatch = h("span", { class: "route__swatch" });
  const title = h("span", { class: "route__title" });
  const toggle = h("button", { type: "button", class: "route__toggle" }, h("span", { class: "chevron", "aria-hidden": "true" }), swatch, title);
  const eye = h("button", { type: "button", class: "button button--quiet button--icon button--small" });
  const menu = h("button", { type: "button", class: "button button--quiet button--icon button--small", "aria-haspopup": "dialog" }, icon("more"));
  const marks = h("div", { class: "route__badges" });
  const facts = h("div", { class: "route__line num" });
  const full = h("span", { class: "route__full" });
  const done = h("span", { class: "route__done" });
  const status = h("span", { class: "badge route__state" });
  const head = h("div", { class: "route__head" }, toggle, status, eye, menu, facts, marks, h("span", { class: "route__bars", "aria-hidden": "true" }, done, full));
  const element = h("li", { class: "route" }, head);
  let inner = null;
  let route = null;
  let last = [];

  toggle.addEventListener("click", () => app.toggleRoute(route.id));
  eye.addEventListener("click", (event) => (event.altKey ? app.solo(route.id) : app.hide(route.id)));
  menu.addEventListener("click", () => app.routeMenu(menu, route));

  function showHead(vehicle, driver, troubled, waiting, others) {
    const colour = colourOf(route.colour);
    const progress = progressOf(route);
    element.dataset.drop = "route";
    element.dataset.route = route.id;
    swatch.style.backgroundColor = colour;
    swatch.style.color = inkOn(colour);
    setText(swatch, route.name);
    title.replaceChildren(h("span", {}, driver?.name ?? S.noDriver), h("span", { class: "muted" }, vehicle?.name ?? ""));
    title.classList.toggle("is-missing", !driver);
    menu.setAttribute("aria-label", S.more(route.name));
    facts.replaceChildren(
      h("span", {}, `${app.fmt.time(route.start_at)}–${app.fmt.time(route.end_at)}`),
      h("span", {}, `${progress.done}/${progress.total}`),
      h("span", {}, app.fmt.distance(route.distance_m)),
      h("span", {}, app.fmt.money(route.cost_cents)),
    );
    status.className = `badge route__state ${STATE_TONE[route.state] ?? ""}`;
    setText(status, S.routeStates[route.state] ?? route.state);
    marks.replaceChildren(...people(others, route.id), ...badges(route, progress, troubled, app.fmt), ...talk(app, route.driver_id, waiting));
    done.style.width = `${progress.total ? (100 * progress.done) / progress.total : 0}%`;
    done.style.backgroundColor = colour;
    const share = fullness(route);
    full.classList.toggle("is-over", share > 1);
    full.style.width = `${Math.min(100, share * 100)}%`;
  }

  return {
    element,
    update(next, state, ui, troubles) {
      route = next;
      const open = ui.open.has(route.id);
      const vehicle = state.vehicles.get(route.vehicle_id);
      const driver = state.drivers.get(route.driver_id);
      const visible = ui.solo === null ? !ui.hidden.has(route.id) : ui.solo === route.id;
      const troubled = troubles.get(route.id) ?? "";
      const waiting = ui.messages?.get(route.driver_id);
      const now = [route, vehicle?.name, driver, troubled, waiting?.unread, waiting?.unconfirmed, ui.others];
      if (!now.every((value, i) => value === last[i])) showHead(vehicle, driver, troubled, waiting, ui.others);
      last = now;
      toggle.setAttribute("aria-expanded", open);
      element.classList.toggle("is-open", open);
      element.classList.toggle("is-focused", ui.focusRoute === route.id);
      if (eye.dataset.visible !== String(visible)) {
        eye.dataset.visible = visible;
        eye.replaceChildren(icon(visible ? "eye" : "eyeOff"));
        eye.setAttribute("aria-label", `${visible ? S.hide : S.show}: ${route.name}`);
        eye.title = visible ? S.hide : S.show;
      }
      if (open && !inner) element.append((inner = body(app)).element);
      if (inner) inner.element.hidden = !open;
      if (open) inner.update(route, state, ui);
    },
  };
}
