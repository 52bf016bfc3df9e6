// Route lines on the shared canvas: done legs muted, what lies ahead bold, drafts thinner.

import { remembered } from "../core/select.js";
import { cut, decode } from "../core/polyline.js";
import { isDone } from "../core/select.js";
import { colourOf, dashOf } from "./palette.js";

/** The two parts of a route's line; decoded and cut again only when the line or the number of done stops changes. */
export function parts() {
  const points = remembered((line) => decode(line));
  const halves = remembered((line, doneCount, stops) => cut(points(line), stops, doneCount));
  let last = { key: "", value: null };
  return (route) => {
    const doneCount = route.stops.filter(isDone).length;
    const key = `${doneCount}|${route.line}`;
    if (last.key !== key) last = { key, value: halves(route.line, doneCount, route.stops) };
    return last.value;
  };
}

/** Straight legs between station and stops, for routes whose line is not known yet. */
export const straight = (station, stops) =>
  stops.length ? [[station.lat, station.lng], ...stops.map((s) => [s.lat, s.lng]), [station.lat, station.lng]] : [];

export function styleOf(route, { selected, dimmed, proposed }) {
  const draft = route.state === "draft";
  return {
    color: colourOf(route.colour),
    weight: selected ? 5 : draft ? 2 : 2.5,
    opacity: dimmed ? 0.18 : proposed || selected ? 0.95 : 0.8,
    dashArray: dashOf(route.colour),
  };
}

/** @param {Function} onClick called with a route id */
export function lines(L, map, renderer, onClick) {
  const shown = new Map();
  const options = { renderer, smoothFactor: 1.5, lineJoin: "round", bubblingMouseEvents: false };

  function make(key, about) {
    const done = L.polyline([], { ...options, interactive: false }).addTo(map);
    const ahead = L.polyline([], options).addTo(map);
    if (about) ahead.on("click", (event) => onClick(about, event.originalEvent));
    done.bringToBack();
    ahead.bringToBack();
    const entry = { done, ahead, geometry: null, style: null };
    shown.set(key, entry);
    return entry;
  }

  return {
    /** Show exactly these: Map key -> {done, ahead, style, about}; lists of points keep their identity while unchanged. */
    show(looks) {
      for (const [key, entry] of shown) {
        if (looks.has(key)) continue;
        entry.done.remove();
        entry.ahead.remove();
        shown.delete(key);
      }
      for (const [key, { done, ahead, style, about }] of looks) {
        const entry = shown.get(key) ?? make(key, about);
        if (entry.geometry !== ahead) {
          entry.done.setLatLngs(done);
          entry.ahead.setLatLngs(ahead);
          entry.geometry = ahead;
        }
        const text = JSON.stringify(style);
        if (entry.style === text) continue;
        entry.style = text;
        entry.ahead.setStyle(style);
        entry.done.setStyle({ ...style, weight: Math.max(1.5, style.weight - 1), opacity: style.opacity * 0.45 });
      }
    },
    front: (key) => shown.get(key)?.ahead.bringToFront(),
    bounds(key) {
      const entry = shown.get(key);
      const all = L.latLngBounds([]);
      if (entry) for (const part of [entry.done, entry.ahead]) if (part.getLatLngs().length) all.extend(part.getBounds());
      return all;
    },
  };
}
