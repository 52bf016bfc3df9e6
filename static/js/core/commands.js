// What a dispatcher can order, as calls to the API. Answers are laid over the state at once; frames only confirm them.

import { ApiError } from "./api.js";
import { placements } from "./select.js";
import { S } from "./strings.js";

/** Versions of the routes that a move touches, so that the server can refuse a move made on old knowledge. */
export function versionsFor(state, orderIds, routeId) {
  const placed = placements(state.routes);
  const versions = {};
  for (const id of orderIds) {
    const route = placed.get(id)?.route;
    if (route) versions[route.id] = route.version;
  }
  if (routeId !== null && state.routes.has(routeId)) versions[routeId] = state.routes.get(routeId).version;
  return versions;
}

/** Versions of the routes on these shifts. */
export const versionsOn = (state, shiftIds) =>
  Object.fromEntries([...state.routes.values()].filter((route) => route.state !== "closed" && shiftIds.includes(route.shift_id)).map((route) => [route.id, route.version]));

/** What differs between the cards one saw and the newest ones, in words. */
export function changes(before, cards) {
  return cards.map((card) => {
    const old = before.get(card.id);
    if (!old) return S.cardNew(card.name);
    const parts = [];
    if (old.stops.length !== card.stops.length) parts.push(`${old.stops.length} → ${S.stops(card.stops.length)}`);
    if (old.state !== card.state) parts.push(S.routeStates[card.state].toLowerCase());
    if (old.locked !== card.locked) parts.push(card.locked ? S.cardLocked : S.cardUnlocked);
    if (old.driver_id !== card.driver_id) parts.push(S.cardDriver);
    return `${card.name}: ${parts.join(", ") || S.cardElse}.`;
  }).join(" ");
}

/**
 * @param {object} given
 * @param {number} given.stationId
 * @param {typeof import("./api.js").api} given.api
 * @param {() => object} given.state the newest state
 * @param {(patch: object) => void} given.apply lays an answer over the state
 * @param {(error: Error, words?: object) => void} given.refuse shows a refusal
 * @param {() => void} [given.edited] something was done that can be undone
 */
export function commands({ stationId, api, state, apply, refuse, edited = () => {} }) {
  const station = `/api/v1/stations/${stationId}`;

  async function attempt(call) {
    try {
      return await call();
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!(error instanceof ApiError)) throw error;
      const newest = error.data.routes ?? [];
      const words = changes(state().routes, newest);
      if (newest.length) apply({ routes: newest });
      if (newest.length && error.status === 412) refuse(error, { cause: S.conflict(words), action: S.conflictAction });
      else refuse(error);
      return null;
    }
  }

  /** An attempt at a change that its author can take back. */
  const edit = async (call) => {
    const answer = await attempt(call);
    if (answer) edited();
    return answer;
  };
  const laid = (answer) => {
    apply({ routes: answer.routes, orders: answer.orders, removed_routes: answer.removed_routes });
    return answer;
  };

  const post = (path, body = {}) => api(path, { method: "POST", body });
  const moveBody = ({ orderIds, routeId = null, shiftId, position }) => ({
    day: state().day,
    order_ids: orderIds,
    route_id: routeId,
    ...(shiftId === undefined ? {} : { shift_id: shiftId }),
    ...(position === undefined || position === null ? {} : { position }),
    versions: versionsFor(state(), orderIds, routeId),
  });

  const arrangementBody = (sequences) => ({
    day: state().day, sequences, versions: versionsOn(state(), Object.keys(sequences).map(Number)),
  });

  /** What a change would do; null when it was given up, {refused} where it would be. Never shows a refusal. */
  async function previewed(path, body, signal) {
    try {
      return await api(path, { method: "POST", body, signal });
    } catch (error) {
      if (error instanceof ApiError) return { refused: error.cause };
      if (error.name === "AbortError") return null;
      throw error;
    }
  }

  const onRoute = (verb, tried = attempt) => (route, extra = {}) =>
    tried(async () => {
      const card = await post(`/api/v1/routes/${route.id}/${verb}/`, { version: route.version, ...extra });
      apply({ routes: [card] });
      return card;
    });
  const onPlan = (verb, tried = attempt) => (plan, extra = {}) =>
    tried(async () => {
      const card = await post(`/api/v1/plans/${plan.id}/${verb}/`, extra);
      apply({ plans: [card] });
      return card;
    });
  const onException = (verb) => (card, extra = {}) =>
    attempt(async () => {
      const next = await post(`/api/v1/exceptions/${card.id}/${verb}/`, extra);
      if (next) apply({ exceptions: [next] });
      return next;
    });

  return {
    move: (given) => edit(async () => laid(await post(`${station}/moves/`, moveBody(given)))),
    preview: (given, signal) => previewed(`${station}/moves/preview/`, moveBody(given), signal),
    /** Give each of these shifts exactly these orders: {shift: [order, ...]}. */
    arrange: (sequences, what) => edit(async () => laid(await post(`${station}/arrangements/`, { ...arrangementBody(sequences), what }))),
    previewArrangement: (sequences, signal) => previewed(`${station}/arrangements/preview/`, arrangementBody(sequences), signal),
    /** Lock orders to their van ("route") or their place on it ("place"), or free them (""). */
    pin: (orderIds, pinned) => edit(async () => laid(await post(`${station}/pins/`, { day: state().day, order_ids: orderIds, pinned }))),
    /** Where a route's van has driven. */
    track: (id) => attempt(() => api(`/api/v1/routes/${id}/track/`)),
    /** The newest entries of the station's log, or those before one. */
    log: (before) => attempt(() => api(`${station}/log/${before ? `?before=${before}` : ""}`)),
    edits: () => attempt(() => api(`${station}/edits/?day=${state().day}`)),
    undo: () => attempt(async () => laid(await post(`${station}/undo/`, { day: state().day }))),
    redo: () => attempt(async () => laid(await post(`${station}/redo/`, { day: state().day }))),
    /** A failed order goes back to the pool, to be planned again. */
    reopen: (order) =>
      attempt(async () => {
        const card = await post(`/api/v1/orders/${order.id}/reopen/`, { version: order.version });
        apply({ orders: [card] });
        return card;
      }),
    /** Other values for some of an order's fields. */
    changeOrder: (order, patch) =>
      attempt(async () => {
        const card = await api(`/api/v1/orders/${order.id}/`, { method: "PATCH", body: patch, headers: { "If-Match": `"${order.version}"` } });
        apply({ orders: [card] });
        return card;
      }),
    /** Every van for an order: what it would cost, or what is in the way. */
    choices: (order) => attempt(() => api(`/api/v1/orders/${order.id}/choices/`)),
    optimize: (body) =>
      attempt(async () => {
        const card = await post(`${station}/optimize/`, body);
        apply({ plans: [card] });
        return card;
      }),
    plan: (id) => attempt(() => api(`/api/v1/plans/${id}/`)),
    release: onRoute("release"),
    recall: onRoute("recall"),
    depart: onRoute("depart"),
    close: onRoute("close"),
    lock: (route, locked) => onRoute("lock", edit)(route, { locked }),
    assignDriver: (route, driverId) => onRoute("assign-driver", edit)(route, { driver_id: driverId }),
    cancelPlan: onPlan("cancel"),
    acceptPlan: onPlan("accept", edit),
    discardPlan: onPlan("discard"),
    acknowledge: onException("acknowledge"),
    resolve: onException("resolve"),
    snooze: (card) => onException("snooze")(card, { minutes: 30 }),
  };
}
