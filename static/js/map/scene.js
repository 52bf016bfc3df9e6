// What the map has to show, from state and selection: keyed looks. Pure but for its memory of what did not change.

import { currentPlan, isDone, remembered, slackLevel, unassigned } from "../core/select.js";
import { parts, straight, styleOf } from "./lines.js";
import { decode } from "../core/polyline.js";
import { colourOf, inkOn } from "./palette.js";

const GROW = 3; // pixels: the numbers of the focused route are read from afar
const visible = (ui, id) => (ui.solo === null ? !ui.hidden.has(id) : ui.solo === id);

function mark(stop) {
  if (stop.state === "failed") return "failed";
  return isDone(stop) ? "done" : "";
}

function stopLook(route, stop, { marks, dim, selected, grow = 0 }) {
  const fillColor = colourOf(route.colour);
  return {
    lat: stop.lat,
    lng: stop.lng,
    about: { type: "stop", id: stop.id, routeId: route.id, orderIds: stop.order_ids },
    style: {
      marks, fillColor, ink: inkOn(fillColor), text: String(stop.sequence), mark: mark(stop), dim: dim && !selected, selected, grow,
      late: !isDone(stop) && slackLevel(stop) === "late",
    },
  };
}

function orderLook(order, marks, selected, dim) {
  return {
    lat: order.lat,
    lng: order.lng,
    about: { type: "order", id: order.id, orderIds: [order.id] },
    style: { marks, fillColor: marks.unassigned, ink: marks.halo, text: "", mark: "open", dim: dim && !selected, selected, late: false },
  };
}

/** The proposal's routes (or those of a run that goes on), and the plan they belong to; null where there is none. */
export function proposed(state, ui) {
  const plan = currentPlan(state.plans, ui.plan);
  if (!plan || !ui.showProposal) return null;
  if (plan.state === "proposed") return plan.proposal?.routes ?? null;
  return state.progress.get(plan.id)?.routes ?? null;
}

/**
 * A function (state, ui, marks) -> {pinLooks, lineLooks}; looks of unchanged routes keep their identity, and all of it
 * does while only vehicles move.
 */
export function scene() {
  const routeMemory = new Map();
  const orderMemory = new Map();
  let proposal = { routes: null, marks: null, pins: [], lines: [] };

  function ofRoute(route, ui, marks, dim, plain) {
    const selectedHere = route.stops.filter((stop) => stop.order_ids.some((id) => ui.selected.has(id)));
    const chosen = ui.focusRoute === route.id;
    const key = `${dim}|${chosen}|${plain}|${selectedHere.map((stop) => stop.id)}`;
    const memory = routeMemory.get(route.id) ?? { parts: parts() };
    if (memory.route === route && memory.key === key && memory.marks === marks) return memory;
    const { done, ahead } = route.line ? memory.parts(route) : { done: [], ahead: [] };
    Object.assign(memory, {
      route, key, marks,
      pins: route.stops.map((stop) => [`s${stop.id}`, stopLook(route, stop, { marks, dim, selected: selectedHere.includes(stop), grow: chosen ? GROW : 0 })]),
      line: { done, ahead, about: route.id, style: styleOf(route, { selected: chosen, dimmed: dim, proposed: false }) },
    });
    routeMemory.set(route.id, memory);
    return memory;
  }

  function ofOrder(order, ui, marks, dim) {
    const selected = ui.selected.has(order.id);
    const memory = orderMemory.get(order.id);
    if (memory?.order === order && memory.selected === selected && memory.marks === marks && memory.dim === dim) return memory.look;
    const look = orderLook(order, marks, selected, dim);
    orderMemory.set(order.id, { order, selected, marks, dim, look });
    return look;
  }

  function ofProposal(routes, state, marks) {
    if (proposal.routes === routes && proposal.marks === marks) return proposal;
    const made = { routes, marks, pins: [], lines: [], orders: new Set() };
    for (const route of routes) {
      const look = { ...route, state: "draft" };
      const points = route.line ? decode(route.line) : straight(state.station, route.stops);
      made.lines.push([`p${route.shift_id}`, { done: [], ahead: points, about: null, style: { ...styleOf(look, { proposed: true }), weight: 3.5, dashArray: route.line ? "9 5" : "2 6" } }]);
      route.stops.forEach((stop, i) => {
        const card = { ...stop, id: `p${stop.order_ids[0]}`, state: "planned", sequence: i + 1, planned_arrival: stop.arrival };
        made.pins.push([card.id, { ...stopLook(look, card, { marks, dim: false, selected: false }), about: { type: "proposed", route, stop, orderIds: stop.order_ids } }]);
        for (const id of stop.order_ids) made.orders.add(id);
      });
    }
    proposal = made;
    return made;
  }

  function picture(state, ui, marks) {
    const pinLooks = new Map();
    const lineLooks = new Map();
    const routes = proposed(state, ui);
    const shown = routes ? ofProposal(routes, state, marks) : null;
    const someChosen = ui.focusRoute !== null && state.routes.has(ui.focusRoute);
    for (const order of unassigned(state.orders)) {
      if (order.lat === null || shown?.orders.has(order.id)) continue;
      pinLooks.set(`o${order.id}`, ofOrder(order, ui, marks, false));
    }
    for (const route of state.routes.values()) {
      if (!visible(ui, route.id)) continue;
      if (shown && route.state === "draft") continue; // the proposal stands in its place
      const dim = Boolean(shown) || (someChosen && route.id !== ui.focusRoute);
      const memory = ofRoute(route, ui, marks, dim, false);
      if (ui.lines !== "actual" || route.state === "draft" || route.state === "released") lineLooks.set(`r${route.id}`, memory.line);
      for (const [key, look] of memory.pins) pinLooks.set(key, look);
    }
    if (shown) {
      for (const [key, look] of shown.lines) lineLooks.set(key, look);
      for (const [key, look] of shown.pins) pinLooks.set(key, look);
    }
    return { pinLooks, lineLooks };
  }

  const last = remembered((marks, orders, routes, plans, progress, station, selected, hidden, solo, focusRoute, plan, showProposal, lines) =>
    picture({ orders, routes, plans, progress, station }, { selected, hidden, solo, focusRoute, plan, showProposal, lines }, marks));
  return ({ orders, routes, plans, progress, station }, ui, marks) =>
    last(marks, orders, routes, plans, progress, station, ui.selected, ui.hidden, ui.solo, ui.focusRoute, ui.plan, ui.showProposal, ui.lines);
}

/** What is to be seen of vehicles: [{vehicle, route, dimmed, label}]. */
export function vans(state, ui) {
  const someChosen = ui.focusRoute !== null && state.routes.has(ui.focusRoute);
  const driven = new Map();
  for (const route of state.routes.values()) if (route.state !== "closed" || !driven.has(route.vehicle_id)) driven.set(route.vehicle_id, route);
  const looks = [];
  for (const vehicle of state.vehicles.values()) {
    const route = driven.get(vehicle.id) ?? null;
    if (!vehicle.position || (route && !visible(ui, route.id))) continue;
    const dimmed = someChosen && route?.id !== ui.focusRoute;
    looks.push({ vehicle, route, dimmed, label: route ? `${vehicle.name}, ${route.name}` : vehicle.name });
  }
  return looks;
}
