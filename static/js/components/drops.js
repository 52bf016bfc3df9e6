// Where dragged orders may fall: a route's card, a place between its stops, a free shift, the unassigned list, a pin.

import { positionAt } from "../core/arrangement.js";
import { dragging } from "../core/drag.js";
import { h, setText } from "../core/dom.js";
import { S } from "../core/strings.js";
import { deltaWords } from "./delta.js";

const PAUSE_MS = 12; // a pointer that only passes asks nothing

function rowTarget(element, y, app, payload) {
  const routeId = Number(element.dataset.route);
  const route = app.state.routes.get(routeId);
  const box = element.getBoundingClientRect();
  const after = y > box.top + box.height / 2;
  const position = positionAt(route, Number(element.dataset.index), after, payload.orderIds);
  return { routeId, position, element, edge: after ? "after" : "before", name: route.name };
}

function pinTarget(about, app, payload) {
  if (about?.type !== "stop" || about.orderIds.some((id) => payload.orderIds.includes(id))) return null;
  const route = app.state.routes.get(about.routeId);
  const index = route.stops.findIndex((stop) => stop.id === about.id);
  return { routeId: route.id, position: positionAt(route, index, true, payload.orderIds), element: null, name: S.afterStop(route.name, route.stops[index].sequence) };
}

export function drops(app) {
  let marked = null;
  let asked = { key: "", timer: null, abort: null };

  function targetAt(x, y, payload) {
    const under = document.elementFromPoint(x, y);
    if (!under) return null;
    if (app.map.root.contains(under)) return pinTarget(app.map.under(x, y), app, payload);
    const element = under.closest("[data-drop]");
    if (!element) return null;
    if (element.dataset.drop === "stop") return rowTarget(element, y, app, payload);
    if (element.dataset.drop === "route") return { routeId: Number(element.dataset.route), element, name: app.state.routes.get(Number(element.dataset.route)).name };
    if (element.dataset.drop === "shift") return { shiftId: Number(element.dataset.shift), element, name: S.newRoute };
    return { unassign: true, element, name: S.unassign };
  }

  function mark(target) {
    if (marked) delete marked.dataset.over;
    marked = target?.element ?? null;
    if (marked) marked.dataset.over = target.edge ?? "into";
  }

  function onHover(payload, target, ghost) {
    app.busy?.(payload.orderIds);
    mark(target);
    const key = target ? `${target.routeId}|${target.position}|${target.shiftId}|${target.unassign}` : "";
    if (key === asked.key) return;
    clearTimeout(asked.timer);
    asked.abort?.abort();
    asked = { key, timer: null, abort: new AbortController() };
    setText(ghost.lastElementChild, target ? target.name : "");
    if (!target || target.unassign && !payload.placed) return;
    const mine = asked;
    mine.timer = setTimeout(async () => {
      const answer = await app.do.preview({ orderIds: payload.orderIds, routeId: target.routeId ?? null, shiftId: target.shiftId, position: target.position }, mine.abort.signal);
      if (mine === asked && answer && ghost.isConnected) setText(ghost.lastElementChild, `${target.name}: ${deltaWords(answer, app.fmt)}`);
    }, PAUSE_MS);
  }

  function onEnd(payload, target) {
    app.busy?.([]);
    mark(null);
    clearTimeout(asked.timer);
    asked.abort?.abort();
    asked = { key: "", timer: null, abort: null };
    if (!target) return;
    if (target.unassign) {
      if (payload.placed) app.unassign(payload.orderIds);
    } else app.move({ orderIds: payload.orderIds, routeId: target.routeId ?? null, shiftId: target.shiftId, position: target.position });
  }

  return dragging({
    targetAt, onHover, onEnd,
    ghost: ({ orderIds }) => h("div", {}, h("strong", {}, orderIds.length === 1 ? (app.state.orders.get(orderIds[0])?.number ?? "") : S.orders(orderIds.length)), h("span", { class: "ghost__price" })),
  });
}
