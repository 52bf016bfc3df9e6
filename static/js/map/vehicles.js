// Vehicles: a disc with the route's name, an arrow for the heading, a ring for how far the route is. They glide.

import { h, setText } from "../core/dom.js";
import { freshness, progressOf } from "../core/select.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "./palette.js";

const GLIDE_MS = 1000;
const STEP_MS = 50; // twenty steps a second look smooth at a van's pace and leave the page time for others
const SVG = "http://www.w3.org/2000/svg";
const RING = 2 * Math.PI * 15;

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function face() {
  const svg = shape("svg", { viewBox: "0 0 44 44", class: "van__face", "aria-hidden": "true" });
  const arrow = shape("path", { d: "M22 1 28 10 16 10z", class: "van__arrow" });
  const disc = shape("circle", { cx: 22, cy: 22, r: 13, class: "van__disc" });
  const track = shape("circle", { cx: 22, cy: 22, r: 15, class: "van__track" });
  const ring = shape("circle", { cx: 22, cy: 22, r: 15, class: "van__ring", transform: "rotate(-90 22 22)" });
  svg.append(arrow, disc, track, ring);
  return { svg, arrow, disc, ring };
}

/**
 * @param {(step: Function) => void} every runs a step each animation frame while it returns true
 * @param {(vehicleId: number, event: Event) => void} onClick
 */
export function vehicles(L, map, every, onClick) {
  const shown = new Map();
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function make(id) {
    const drawn = face();
    const text = h("span", { class: "van__name" });
    const html = h("div", { class: "van" }, drawn.svg, text);
    const marker = L.marker([0, 0], {
      icon: L.divIcon({ html, className: "van-anchor", iconSize: [44, 44] }), keyboard: true, riseOnHover: true, zIndexOffset: 1000,
    });
    marker.on("click", (event) => onClick(id, event.originalEvent));
    const entry = { ...drawn, html, text, marker, from: null, to: null, since: 0, onMap: false };
    shown.set(id, entry);
    return entry;
  }

  function glide(entry, position) {
    const to = L.latLng(position.lat, position.lng);
    if (entry.to?.equals(to)) return;
    const here = entry.onMap ? entry.marker.getLatLng() : null;
    entry.to = to;
    if (!here || still.matches || here.distanceTo(to) > 3000) {
      entry.marker.setLatLng(to);
      entry.from = null;
      return;
    }
    entry.from = here;
    entry.since = performance.now();
    every(step);
  }

  let stepped = 0;

  /** Move a marker where that shows: less than a pixel is not worth a repaint. */
  function put(entry, lat, lng) {
    const point = map.latLngToLayerPoint([lat, lng]).round();
    if (entry.point?.equals(point) && entry.zoom === map.getZoom()) return;
    entry.point = point;
    entry.zoom = map.getZoom();
    entry.marker.setLatLng([lat, lng]);
  }

  function step(now) {
    if (now - stepped < STEP_MS) return true;
    stepped = now;
    let moving = false;
    for (const entry of shown.values()) {
      if (!entry.from) continue;
      const share = Math.min(1, (now - entry.since) / GLIDE_MS);
      put(entry, entry.from.lat + (entry.to.lat - entry.from.lat) * share, entry.from.lng + (entry.to.lng - entry.from.lng) * share);
      if (share < 1) moving = true;
      else entry.from = null;
    }
    return moving;
  }

  function dress(entry, { vehicle, route, state, label, dimmed }) {
    const { position } = vehicle;
    const colour = route ? colourOf(route.colour) : "#66717f";
    entry.disc.style.fill = colour;
    entry.text.style.color = inkOn(colour);
    setText(entry.text, route ? route.name : (vehicle.name.match(/\d+$/)?.[0] ?? vehicle.name.slice(0, 3)));
    entry.arrow.style.fill = colour;
    entry.arrow.setAttribute("transform", `rotate(${Math.round(position.heading ?? 0)} 22 22)`);
    const standing = (position.speed_mps ?? 0) < 1 || position.heading === null;
    entry.arrow.classList.toggle("is-standing", standing);
    const progress = route ? progressOf(route) : { done: 0, total: 0, late: 0 };
    const share = progress.total ? progress.done / progress.total : 0;
    entry.ring.style.strokeDasharray = `${share * RING} ${RING}`;
    entry.html.dataset.pace = progress.late ? "behind" : "ahead";
    entry.html.dataset.state = state;
    entry.html.classList.toggle("is-dimmed", dimmed);
    const words = `${label}, ${state === "stale" ? S.lastSeen(entry.seen) : standing ? S.standing : S.moving}`;
    if (entry.words === words) return;
    entry.words = words;
    entry.marker.getElement()?.setAttribute("aria-label", words);
    entry.html.title = words;
  }

  return {
    /** Show these: [{vehicle, route, dimmed, label}]; `now` in business milliseconds, `time` formats a moment. */
    show(looks, now, time) {
      const seen = new Set();
      for (const look of looks) {
        const { vehicle } = look;
        const state = freshness(vehicle.position, now);
        if (state === "hidden") continue;
        seen.add(vehicle.id);
        const entry = shown.get(vehicle.id) ?? make(vehicle.id);
        glide(entry, vehicle.position);
        if (!entry.onMap) entry.marker.addTo(map);
        entry.onMap = true;
        entry.seen = time(vehicle.position.at);
        dress(entry, { ...look, state });
      }
      for (const [id, entry] of shown) {
        if (seen.has(id)) continue;
        entry.marker.remove();
        shown.delete(id);
      }
    },
  };
}
