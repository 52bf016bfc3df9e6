// Vehicles on a canvas of their own, which is drawn again while they glide without touching the stops' canvas below.
//
// As elements they would each be a layer of the browser's compositor: with 200 of them every frame took it 70 ms. What
// a canvas cannot tell a screen reader stands in a list.

import { h, setText } from "../core/dom.js";
import { freshness, progressOf } from "../core/select.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "./palette.js";
import { vanClass } from "./van.js";

const GLIDE_MS = 1000;
const STEP_MS = [50, 250]; // a drawing for each pixel that the fastest moves, but not oftener and not less often
const JUMP_M = 3000; // farther than a van gets between two fixes
const REACH = 16;
const UNASSIGNED = "#66717f";

/**
 * @param {HTMLElement} list says in words what the canvas shows
 * @param {(step: Function) => void} every runs a step each animation frame while it returns true
 * @param {{click: (vehicleId: number, event: Event) => void, over: (latlng: object, words: string) => void, out: Function}} on
 */
export function vehicles(L, map, list, every, on) {
  const Van = vanClass(L);
  const pane = map.createPane("vans");
  pane.style.zIndex = 610; // over stops and station, below tooltips
  pane.style.pointerEvents = "none"; // the canvas below still hears the pointer
  const renderer = L.canvas({ pane: "vans", padding: 0.3 });
  const shown = new Map();
  const progress = new WeakMap();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let hovered = null;

  function make(id) {
    const item = h("li", { "data-vehicle": id });
    const entry = { id, item, marker: null, from: null, to: null, since: 0, pixels: 0 };
    shown.set(id, entry);
    list.append(item);
    return entry;
  }

  function place(entry, position, style) {
    const to = L.latLng(position.lat, position.lng);
    if (!entry.marker) {
      entry.to = to;
      entry.marker = new Van(to, { ...style, renderer }).addTo(map);
      return;
    }
    restyle(entry.marker, style);
    if (entry.to.equals(to)) return;
    const here = entry.marker.getLatLng();
    entry.to = to;
    if (still.matches || document.hidden || here.distanceTo(to) > JUMP_M) {
      entry.marker.setLatLng(to);
      entry.from = null;
      return;
    }
    entry.from = here;
    entry.since = performance.now();
    entry.pixels = map.latLngToLayerPoint(here).distanceTo(map.latLngToLayerPoint(to));
    every(step);
  }

  let next = 0;

  /** Move a marker where that shows: less than a pixel is not worth a drawing. */
  function put(entry, lat, lng) {
    const point = map.latLngToLayerPoint([lat, lng]).round();
    if (entry.point?.equals(point) && entry.zoom === map.getZoom()) return;
    entry.point = point;
    entry.zoom = map.getZoom();
    entry.marker.setLatLng([lat, lng]);
  }

  function step(now) {
    if (now < next) return true;
    let moving = false, fastest = 0;
    for (const entry of shown.values()) {
      if (!entry.from) continue;
      const share = Math.min(1, (now - entry.since) / GLIDE_MS);
      put(entry, entry.from.lat + (entry.to.lat - entry.from.lat) * share, entry.from.lng + (entry.to.lng - entry.from.lng) * share);
      if (share < 1) moving = true;
      else entry.from = null;
      fastest = Math.max(fastest, entry.pixels);
    }
    next = now + Math.min(STEP_MS[1], Math.max(STEP_MS[0], GLIDE_MS / (fastest * devicePixelRatio)));
    return moving;
  }

  function restyle(marker, style) {
    if (Object.keys(style).some((name) => marker.options[name] !== style[name])) marker.setStyle(style);
  }

  function progressed(route) {
    if (!route) return { done: 0, total: 0, late: 0 };
    if (!progress.has(route)) progress.set(route, progressOf(route));
    return progress.get(route);
  }

  function styleOf({ vehicle, route, dimmed }, state, marks) {
    const { position } = vehicle;
    const fillColor = route ? colourOf(route.colour) : UNASSIGNED;
    const { done, total, late } = progressed(route);
    return {
      fillColor, marks, ink: inkOn(fillColor), dim: dimmed, stale: state === "stale", behind: late > 0, share: total ? done / total : 0,
      heading: (position.speed_mps ?? 0) < 1 || position.heading === null ? null : Math.round(position.heading),
      name: route ? route.name : (vehicle.name.match(/\d+$/)?.[0] ?? vehicle.name.slice(0, 3)),
    };
  }

  /** The van under a pointer's event. */
  function at(event) {
    if (!shown.size) return null;
    const point = map.mouseEventToContainerPoint(event);
    let best = null, distance = REACH;
    for (const entry of shown.values()) {
      const away = map.latLngToContainerPoint(entry.marker.getLatLng()).distanceTo(point);
      if (away > distance) continue;
      best = entry;
      distance = away;
    }
    return best;
  }

  function hover(entry) {
    if (entry === hovered) return;
    hovered = entry;
    map.getContainer().classList.toggle("is-over-van", Boolean(entry));
    if (!entry) return on.out();
    entry.marker.bringToFront();
    on.over(entry.marker.getLatLng(), entry.item.textContent);
  }

  const onCanvas = (event) => event.target instanceof HTMLCanvasElement || event.target === map.getContainer();
  map.getContainer().addEventListener("mousemove", (event) => hover(onCanvas(event) && !event.buttons ? at(event) : null), true);
  map.getContainer().addEventListener("mouseleave", () => hover(null));
  map.getContainer().addEventListener("click", (event) => {
    const entry = onCanvas(event) && !map.dragging.moved() ? at(event) : null;
    if (!entry) return;
    event.stopPropagation(); // neither the stop below nor the map was meant
    on.click(entry.id, event);
  }, true);

  return {
    /** Show these: [{vehicle, route, dimmed, label}]; `now` in business milliseconds, `time` formats a moment. */
    show(looks, now, time, marks) {
      const seen = new Set();
      for (const look of looks) {
        const { vehicle, label } = look;
        const state = freshness(vehicle.position, now);
        if (state === "hidden") continue;
        seen.add(vehicle.id);
        const entry = shown.get(vehicle.id) ?? make(vehicle.id);
        const style = styleOf(look, state, marks);
        place(entry, vehicle.position, style);
        const doing = state === "stale" ? S.lastSeen(time(vehicle.position.at)) : style.heading === null ? S.standing : S.moving;
        setText(entry.item, `${label}, ${doing}`);
      }
      for (const [id, entry] of shown) {
        if (seen.has(id)) continue;
        entry.marker.remove();
        entry.item.remove();
        shown.delete(id);
        if (hovered === entry) hover(null);
      }
    },
    isOver: () => hovered !== null,
  };
}
