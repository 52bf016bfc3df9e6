// Where vans really drove: dotted lines of breadcrumbs, fetched for the routes in front of one, again while they drive.

import { decode } from "../core/polyline.js";
import { colourOf } from "./palette.js";

const AGAIN_MS = 15_000;
const MOST = 20; // lines at a time: more nobody can tell apart
const DRIVEN = new Set(["departed", "closed"]);

/** Routes whose lines are wanted: the one in focus, else those that are shown and have been driven. Pure. */
export function wanted(routes, ui) {
  if (ui.lines === "planned") return [];
  const shown = [...routes.values()].filter((route) => DRIVEN.has(route.state) && (ui.solo === null ? !ui.hidden.has(route.id) : ui.solo === route.id));
  const chosen = shown.filter((route) => route.id === ui.focusRoute);
  return (chosen.length ? chosen : shown).slice(0, MOST);
}

/** @param {(routeId: number) => Promise<{line: string}|null>} ask */
export function tracks(L, map, renderer, ask, redraw) {
  const known = new Map(); // route id -> {line, at, asked}
  const drawn = new Map();

  async function fetch(route, now) {
    const before = known.get(route.id);
    if (before?.asked || (before && (route.state === "closed" || now - before.at < AGAIN_MS))) return;
    known.set(route.id, { ...before, asked: true });
    const answer = await ask(route.id);
    known.set(route.id, { points: answer?.line ? decode(answer.line) : (before?.points ?? []), at: performance.now(), asked: false });
    redraw();
  }

  return {
    show(routes, ui) {
      const now = performance.now();
      const list = wanted(routes, ui);
      for (const route of list) fetch(route, now);
      const ids = new Set(list.map((route) => route.id));
      for (const [id, { line }] of drawn) {
        if (ids.has(id)) continue;
        line.remove();
        drawn.delete(id);
      }
      for (const route of list) {
        const { points } = known.get(route.id) ?? {};
        if (!points || drawn.get(route.id)?.points === points) continue;
        drawn.get(route.id)?.line.remove();
        const line = L.polyline(points, { renderer, interactive: false, color: colourOf(route.colour), weight: 3, dashArray: "1 7", lineCap: "round" });
        drawn.set(route.id, { points, line: line.addTo(map) });
      }
    },
  };
}
