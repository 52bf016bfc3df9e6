// The day as rows of time: a row is a route, a tile a stop as wide as its service, between them the drive, hatched where
// the van waits for a window.

import { h, keyedList, setText } from "../core/dom.js";
import { expected, isDone, listed, remembered, slackLevel } from "../core/select.js";
import { localMidnight } from "../core/format.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";

const HOUR_MIN_PX = 84;

/** The hours that the day's shifts and routes span: {from, to}, whole hours. Pure. */
export function span(routes, shifts, hour) {
  let from = Infinity, to = -Infinity;
  for (const route of routes) {
    if (!route.start_at) continue;
    from = Math.min(from, hour(route.start_at));
    to = Math.max(to, hour(route.end_at));
    const last = route.stops.at(-1);
    if (last) to = Math.max(to, hour(expected(last)));
  }
  for (const shift of shifts) {
    from = Math.min(from, hour(shift.start));
    to = Math.max(to, hour(shift.end));
  }
  return from === Infinity ? { from: 7, to: 19 } : { from: Math.floor(from), to: Math.ceil(to + 0.25) };
}

function place(element, from, to, range) {
  const width = range.to - range.from;
  element.style.left = `${(100 * (from - range.from)) / width}%`;
  element.style.width = `${Math.max(0, (100 * (to - from)) / width)}%`;
}

/** Where a stop stands in time: it keeps its planned length, moved by how late the van is expected. */
function tileTimes(stop, hour) {
  const arrive = hour(expected(stop));
  const drift = arrive - hour(stop.planned_arrival);
  const start = Math.max(arrive, hour(stop.planned_start) + Math.max(0, drift - (hour(stop.planned_start) - hour(stop.planned_arrival))));
  const length = Math.max(0.03, hour(stop.planned_departure) - hour(stop.planned_start));
  return { arrive, start, leave: stop.departed_at ? hour(stop.departed_at) : start + length };
}

function lane(app) {
  const name = h("button", { type: "button", class: "lane__name" });
  const track = h("div", { class: "lane__track" });
  const element = h("div", { class: "lane", dataset: { drop: "route" } }, name, track);
  let route = null;
  let last = [];
  name.addEventListener("click", (event) => app.selectRoute(route.id, event));
  track.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-orders]");
    if (tile) app.choose(tile.dataset.orders.split(",").map(Number), event, route.stops.flatMap((stop) => stop.order_ids), { focusRoute: route.id });
  });

  track.addEventListener("pointerdown", (event) => {
    const tile = event.target.closest("[data-orders]");
    if (tile) app.lift(tile.dataset.orders.split(",").map(Number), event);
  });

  function draw(shift, range, hour, fmt) {
    const colour = colourOf(route.colour);
    const parts = [];
    if (shift) {
      const on = h("span", { class: "lane__shift" });
      place(on, hour(shift.start), hour(shift.end), range);
      parts.push(on);
    }
    if (route.start_at) {
      const way = h("span", { class: "lane__way" });
      const last = route.stops.at(-1);
      place(way, hour(route.start_at), Math.max(hour(route.end_at), last ? hour(expected(last)) : 0), range);
      way.style.backgroundColor = colour;
      parts.push(way);
    }
    for (const [from, to] of route.breaks ?? []) {
      const pause = h("span", { class: "lane__break", title: S.breakAt(fmt.window(from, to)) });
      place(pause, hour(from), hour(to), range);
      parts.push(pause);
    }
    for (const stop of route.stops) parts.push(...tiles(stop, colour, range, hour, fmt));
    track.replaceChildren(...parts);
  }

  return {
    element,
    update(next, state, ui, range, hour, fmt) {
      route = next;
      element.dataset.route = route.id;
      const shift = state.shifts.get(route.shift_id);
      const now = [route, shift, range.from, range.to];
      if (!now.every((value, i) => value === last[i])) {
        last = now;
        name.style.setProperty("--route", colourOf(route.colour));
        setText(name, `${route.name} ${state.drivers.get(route.driver_id)?.name ?? S.noDriver}`);
        draw(shift, range, hour, fmt);
        element.lit = null;
      }
      if (element.lit === ui.selected) return;
      element.lit = ui.selected;
      for (const old of track.querySelectorAll(".lane__window")) old.remove();
      for (const stop of route.stops) {
        if (ui.selected.size && stop.window_end && stop.order_ids.some((id) => ui.selected.has(id))) track.prepend(windowOf(stop, range, hour, fmt));
      }
      for (const tile of track.querySelectorAll(".tile")) {
        tile.classList.toggle("is-selected", ui.selected.size > 0 && tile.dataset.orders.split(",").some((id) => ui.selected.has(Number(id))));
      }
    },
  };
}

/** The promised window of a selected stop, behind its tile: what lies right of the tile is the time in hand. */
function windowOf(stop, range, hour, fmt) {
  const from = stop.window_start ? hour(stop.window_start) : range.from;
  const bar = h("span", { class: "lane__window", title: fmt.window(stop.window_start, stop.window_end) });
  place(bar, from, hour(stop.window_end), range);
  return bar;
}

function tiles(stop, colour, range, hour, fmt) {
  const { arrive, start, leave } = tileTimes(stop, hour);
  const list = [];
  if (start - arrive > 1 / 60) {
    const wait = h("span", { class: "lane__wait" });
    place(wait, arrive, start, range);
    list.push(wait);
  }
  const level = slackLevel(stop);
  const tile = h("span", { class: "tile", dataset: { orders: stop.order_ids.join(","), state: stop.state, level, n: stop.sequence } });
  place(tile, start, leave, range);
  tile.style.backgroundColor = colour;
  tile.style.color = inkOn(colour);
  tile.title = `${stop.sequence}. ${stop.address}, ${fmt.time(expected(stop))}${stop.window_end ? `, ${S.facts.window} ${fmt.window(stop.window_start, stop.window_end)}` : ""}${isDone(stop) ? `, ${S.stopStates[stop.state].toLowerCase()}` : ""}`;
  list.push(tile);
  return list;
}

export function timeline(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const scroller = part("scroller"), canvas = part("lanes"), hours = part("hours"), line = part("now-line");
  const lanes = keyedList(canvas, { key: (route) => route.id, create: () => lane(app) });
  const order = remembered(listed);
  const midnight = remembered(localMidnight);
  const hourOf = remembered((start) => (at) => (Date.parse(at) - start) / 3600_000);
  const ranged = remembered((routes, shifts, hour) => span(routes.values(), shifts.values(), hour));
  let range = null;
  let last = [];
  part("go-now").addEventListener("click", goNow);

  function goNow() {
    const box = scroller.getBoundingClientRect();
    scroller.scrollLeft += line.getBoundingClientRect().left - box.left - box.width / 2;
  }

  function scale() {
    const width = range.to - range.from;
    root.style.setProperty("--hours", width);
    root.style.setProperty("--hour-min", `${HOUR_MIN_PX}px`);
    hours.replaceChildren(...Array.from({ length: width }, (_, i) => h("span", {}, `${String((range.from + i) % 24).padStart(2, "0")}:00`)));
  }

  return {
    goNow,
    tick() {
      if (root.hidden || !range || !app.state) return;
      const at = (app.now() - midnight(app.state.day, app.state.station.time_zone)) / 3600_000;
      const inside = at >= range.from && at <= range.to;
      line.hidden = !inside;
      line.style.setProperty("--at", (at - range.from) / (range.to - range.from));
      part("go-now").disabled = !inside;
    },
    render(state, ui) {
      root.hidden = ui.drawer !== "timeline";
      if (root.hidden) return;
      const now = [state.routes, state.shifts, state.drivers, ui.selected, ui.drawer, ui.focusRoute, ui.solo, ui.hidden];
      if (last.length && now.every((value, i) => value === last[i])) return;
      last = now;
      const hour = hourOf(midnight(state.day, state.station.time_zone));
      const next = ranged(state.routes, state.shifts, hour);
      if (next.from !== range?.from || next.to !== range?.to) {
        range = next;
        scale();
      }
      const shown = order(state.routes).filter((route) => (ui.solo === null ? !ui.hidden.has(route.id) : ui.solo === route.id));
      lanes.render(shown, state, ui, range, hour, app.fmt);
      for (const route of shown) lanes.get(route.id).element.classList.toggle("is-focused", ui.focusRoute === route.id);
      this.tick();
    },
  };
}
