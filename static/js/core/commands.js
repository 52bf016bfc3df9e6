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
 */
export function commands({ stationId, api, state, apply, refuse }) {
  const station = `/api/v1/stations/${stationId}`;

  async function attempt(call) {
    try {
      return await call();
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!(error instanceof ApiError)) throw error;
      const newest = error.status === 412 ? (error.data.routes ?? []) : [];
      if (newest.length) {
        const words = changes(state().routes, newest);
        apply({ routes: newest });
        refuse(error, { cause: S.conflict(words), action: S.conflictAction });
      } else refuse(error);
      return null;
    }
  }

  const post = (path, body = {}) => api(path, { method: "POST", body });
  const moveBody = ({ orderIds, routeId = null, shiftId, position }) => ({
    day: state().day,
    order_ids: orderIds,
    route_id: routeId,
    ...(shiftId === undefined ? {} : { shift_id: shiftId }),
    ...(position === undefined || position === null ? {} : { position }),
    versions: versionsFor(state(), orderIds, routeId),
  });

  const onRoute = (verb) => (route, extra = {}) =>
    attempt(async () => {
      const card = await post(`/api/v1/routes/${route.id}/${verb}/`, { version: route.version, ...extra });
      apply({ routes: [card] });
      return card;
    });
  const onPlan = (verb) => (plan) =>
    attempt(async () => {
      const card = await post(`/api/v1/plans/${plan.id}/${verb}/`);
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
    move: (given) =>
      attempt(async () => {
        const answer = await post(`${station}/moves/`, moveBody(given));
        apply({ routes: answer.routes, orders: answer.orders, removed_routes: answer.removed_routes });
        return answer;
      }),
    /** What the move would do; null when it would be refused. Never shows a refusal. */
    preview: async (given, signal) => {
      try {
        return await api(`${station}/moves/preview/`, { method: "POST", body: moveBody(given), signal });
      } catch (error) {
        if (error instanceof ApiError) return { refused: error.cause };
        if (error.name === "AbortError") return null;
        throw error;
      }
    },
    /** A failed order goes back to the pool, to be planned again. */
    reopen: (order) =>
      attempt(async () => {
        const card = await post(`/api/v1/orders/${order.id}/reopen/`, { version: order.version });
        apply({ orders: [card] });
        return card;
      }),
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
    lock: (route, locked) => onRoute("lock")(route, { locked }),
    assignDriver: (route, driverId) => onRoute("assign-driver")(route, { driver_id: driverId }),
    cancelPlan: onPlan("cancel"),
    acceptPlan: onPlan("accept"),
    discardPlan: onPlan("discard"),
    acknowledge: onException("acknowledge"),
    resolve: onException("resolve"),
    snooze: (card) => onException("snooze")(card, { minutes: 30 }),
  };
}
