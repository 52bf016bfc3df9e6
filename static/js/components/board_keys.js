// The board's keys: each one repeats what a button, a menu or a drag does.

import { positionAt } from "../core/arrangement.js";
import { isDone, placements } from "../core/select.js";
import { togglePins } from "./locks.js";
import { shortcuts } from "./shortcuts.js";
import { S } from "../core/strings.js";

/** Where the one selected stop stands, or null: {route, stop, index}. */
function selectedStop(app) {
  const where = placements(app.state.routes);
  for (const id of app.ui.selected) {
    const place = where.get(id);
    if (place) return { ...place, index: place.route.stops.indexOf(place.stop) };
  }
  return null;
}

function shift(app, by) {
  const place = selectedStop(app);
  if (!place) return;
  const { route, stop, index } = place;
  const neighbour = route.stops[index + by];
  if (!neighbour || isDone(neighbour) || isDone(stop)) return;
  const position = positionAt(route, index + by, by > 0, stop.order_ids);
  app.move({ orderIds: stop.order_ids, routeId: route.id, position });
}

function assign(app) {
  if (!app.ui.selected.size) return;
  const row = document.querySelector('[role="option"][aria-selected="true"]');
  app.assignMenu(row?.offsetParent ? row : { x: innerWidth / 2, y: 160 }, [...app.ui.selected]);
}

function lock(app) {
  if (app.ui.selected.size) return togglePins(app, [...app.ui.selected]);
  const route = app.state.routes.get(app.ui.focusRoute) ?? selectedStop(app)?.route;
  if (route) app.do.lock(route, !route.locked);
}

export function boardKeys(app, screen) {
  const unassign = () => app.unassign([...app.ui.selected]);
  return shortcuts(
    [
      { key: "/", words: S.keys.search, run: () => screen.unassigned.focusSearch() },
      { key: "n", words: S.keys.order, edits: true, run: () => app.newOrder() },
      { key: "o", words: S.keys.optimize, edits: true, run: () => app.optimizeDialog() },
      { key: "m", words: S.keys.assign, edits: true, run: () => assign(app) },
      { key: "u", words: S.keys.unassign, shown: S.keys.orDelete, edits: true, run: unassign },
      { key: "Delete", edits: true, run: unassign },
      { key: "ArrowUp", alt: true, words: S.keys.earlier, shown: "Alt ↑", edits: true, run: () => shift(app, -1) },
      { key: "ArrowDown", alt: true, words: S.keys.later, shown: "Alt ↓", edits: true, run: () => shift(app, 1) },
      { key: "l", words: S.keys.lock, edits: true, run: () => lock(app) },
      { key: "z", ctrl: true, shift: false, words: S.keys.undo, shown: "Ctrl Z", edits: true, run: () => app.edits.undo() },
      { key: "z", ctrl: true, shift: true, words: S.keys.redo, shown: "Ctrl Shift Z", edits: true, run: () => app.edits.redo() },
      { key: "y", ctrl: true, edits: true, run: () => app.edits.redo() },
      { key: "a", ctrl: true, words: S.keys.all, shown: "Ctrl A", run: () => app.selectAll() },
      { key: "a", words: S.keys.exceptions, run: () => app.set({ tab: app.ui.tab === "exceptions" ? "routes" : "exceptions" }) },
      { key: "t", words: S.keys.timeline, run: () => app.toggleDrawer("timeline") },
      { key: "g", words: S.keys.table, run: () => app.toggleDrawer("orders") },
      { key: "z", words: S.keys.fit, run: () => app.map.fit(app.state) },
      { key: "s", words: S.keys.area, run: () => app.map.drawArea() },
      { key: "Escape", words: S.keys.clear, shown: "Esc", run: () => (app.ui.beside ? app.set({ beside: false }) : (app.map.stopArea(), app.clear())) },
      { key: "?", words: S.keys.list, run: () => app.keys.overlay() },
    ],
    app.may,
  );
}
