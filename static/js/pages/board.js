// The board: wires state, map, lists and keys together. Everything below is handed what it needs; nothing is global.

import { api } from "../core/api.js";
import { businessTime } from "../core/clock.js";
import { commands } from "../core/commands.js";
import { setText } from "../core/dom.js";
import { formats } from "../core/format.js";
import { frames } from "../core/frames.js";
import { follow } from "../core/live.js";
import { placements, remembered, unassigned } from "../core/select.js";
import { openSocket } from "../core/socket.js";
import { S } from "../core/strings.js";
import { boardMap } from "../map/board_map.js";
import { boardKeys } from "../components/board_keys.js";
import { drawer, heightKey } from "../components/drawer.js";
import { edits } from "../components/edits.js";
import { exceptionPanel } from "../components/exceptions.js";
import { messages } from "../components/messages.js";
import { routeList } from "../components/route_list.js";
import { chosen } from "../components/rows.js";
import { toast } from "../components/toasts.js";
import { toolbar } from "../components/toolbar.js";
import { unassignedColumn } from "../components/unassigned.js";

const root = document.getElementById("board");
const stationId = Number(root.dataset.station);
const area = (name) => root.querySelector(`[data-area="${name}"]`);
const parts = new Map(); // asked for at every drawing
const part = (name) => {
  if (!parts.has(name)) parts.set(name, root.querySelector(`[data-part="${name}"]`));
  return parts.get(name);
};
const all = (what) => [...root.querySelectorAll(what)];
const routeCounts = all("[data-route-count]"), tabs = all("[data-tab]"), panels = all("[data-panel]");
const stored = (key, otherwise) => {
  try {
    return localStorage.getItem(key) ?? otherwise;
  } catch {
    return otherwise;
  }
};

const app = {
  get may() { // whether this person may change what is on the screen: nobody changes a day that is closed
    return root.dataset.may === "true" && !this.state?.closed;
  },
  state: null,
  fmt: null,
  ui: {
    day: new URLSearchParams(location.search).get("day"),
    selected: new Set(), anchor: null, focusRoute: null, open: new Set(), hidden: new Set(), solo: null,
    lines: "planned", plan: null, query: "", grouping: "none", limit: 150, tab: "routes", kind: "all", showProposal: true, beside: false,
    drawer: stored("lastmile.drawer", "off"),
    sound: stored("lastmile.sound", "off") === "on",
    live: { state: "connecting", since: null },
  },
};

const screen = {};
app.frames = frames(draw);
app.now = () => (app.state ? businessTime(app.state.station.clock, Date.now()) : Date.now());
app.set = (change) => {
  app.ui = { ...app.ui, ...change };
  app.frames.schedule();
};
app.remember = (key, value) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
};

// --- drawing ----------------------------------------------------------------------------------------------------
const stationFormats = remembered(formats);

// The panel of plans comes with the first plan.
let plansAsked = false;
async function openPlans() {
  if (plansAsked) return;
  plansAsked = true;
  const { planPanel } = await import("../components/plan_panel.js");
  screen.plan = planPanel(part("plan"), app);
  app.frames.schedule();
}

let besideAsked = false;
async function openBeside() {
  if (besideAsked) return;
  besideAsked = true;
  const { beside } = await import("../map/beside.js");
  screen.beside = beside(root, part("map-present"), app);
  app.frames.schedule();
}

function draw() {
  const { state, ui } = app;
  if (!state) return;
  if (state.plans.size && !screen.plan) openPlans();
  if (ui.beside && !screen.beside) openBeside();
  for (const piece of Object.values(screen)) piece.render?.(state, ui);
  root.dataset.drawn = "";
  root.setAttribute("aria-busy", String(!app.drag)); // drawn, and listening
  for (const badge of routeCounts) setText(badge, String(state.routes.size));
  part("map-notice").hidden = !state.roads?.approximate;
  part("closed-notice").hidden = !state.closed;
  if (part("print-all")) {
    part("print-all").hidden = state.routes.size === 0;
    part("print-all").search = `?day=${state.day}`;
  }
  part("closed-link").search = `?day=${state.day}`;
  for (const name of ["optimize", "release"]) if (part(name)) part(name).hidden = state.closed;
  for (const tab of tabs) {
    const on = tab.dataset.tab === ui.tab;
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
  }
  for (const panel of panels) panel.hidden = panel.dataset.panel !== ui.tab;
  part("timeline-toggle").setAttribute("aria-pressed", ui.drawer === "timeline");
  part("table-toggle").setAttribute("aria-pressed", ui.drawer === "orders");
}

function become(state) {
  const first = app.state === null;
  if (!first && app.state.closed !== state.closed) return location.reload(); // its lists are built for the one or the other
  app.state = state;
  app.fmt = stationFormats(state.station);
  part("trouble").hidden = true;
  if (first) begin();
  app.frames.schedule();
}

function begin() {
  screen.map = app.map = boardMap(part("map"), app);
  screen.unassigned = unassignedColumn(area("unassigned"), app);
  screen.routes = routeList(area("right"), app);
  screen.exceptions = exceptionPanel(area("right"), app);
  screen.toolbar = toolbar(area("bar"), app);
  const wanted = Number(new URLSearchParams(location.search).get("route"));
  if (app.state.routes.has(wanted)) requestAnimationFrame(() => app.selectRoute(wanted)); // from the code on a printed sheet
  app.edits = edits(area("bar"), app);
  app.edits.refresh();
  app.keys = boardKeys(app, screen);
  screen.drawer = drawer(area("drawer"), app, stored(heightKey, null));
  openDrawer();
  setInterval(tick, 1000);
  tick();
  beginRest();
}

// What the first drawing does not need is fetched beside it.
const assignMenus = () => import("../components/assign_menu.js");
const routeMenus = () => import("../components/route_menu.js");
async function beginRest() {
  const [{ detailCard }, { drops }, { hovers }, { presence }, { tips }] = await Promise.all([
    import("../components/detail.js"), import("../components/drops.js"), import("../components/hovers.js"),
    import("../components/presence.js"), import("../components/tips.js"),
  ]);
  screen.detail = detailCard(part("detail"), app);
  if (app.may) screen.presence = presence(area("bar"), app, (words) => socket?.say(words));
  screen.presence?.arrive();
  app.hover = hovers(root, app);
  app.describe = (about) => tips(app, about);
  app.drag = drops(app);
  app.frames.schedule();
  assignMenus();
  routeMenus();
}

// What is not on the first screen is fetched when it is asked for.
async function openDrawer() {
  const { drawer: shown } = app.ui;
  if (shown === "timeline" && !screen.timeline) {
    const { timeline } = await import("../components/timeline.js");
    screen.timeline ??= timeline(area("timeline"), app);
    requestAnimationFrame(() => requestAnimationFrame(() => screen.timeline.goNow()));
  }
  if (shown === "orders" && !screen.orders) {
    const { orderTable } = await import("../components/order_table.js");
    screen.orders ??= orderTable(area("order-table"), app);
  }
  if (shown === "log" && !screen.log) {
    const { dispatchLog } = await import("../components/dispatch_log.js");
    screen.log ??= dispatchLog(area("log"), app);
  }
  app.frames.schedule();
}

let ticks = 0;
function tick() {
  screen.toolbar.tick();
  screen.timeline?.tick();
  ticks += 1;
  if (ticks % 5 === 0) app.frames.schedule(); // positions grow stale without anything arriving
}

// --- live -------------------------------------------------------------------------------------------------------
const load = () => api(`/api/v1/stations/${stationId}/board/${app.ui.day ? `?day=${app.ui.day}` : ""}`);
const board = follow({ load, onState: become, onError: troubled });

function troubled(error) {
  if (app.state && !error.status) return; // the bar says that what one sees is old
  part("trouble-cause").textContent = error.cause ?? error.message;
  part("trouble-action").textContent = error.action ?? "";
  part("trouble").hidden = false;
}

function connection(state) {
  if (state === "connecting" && app.ui.live.since !== null) return;
  const since = state === "open" ? null : (app.ui.live.since ?? (state === "waiting" ? app.now() : null));
  app.set({ live: { state, since } });
}

app.busy = (orderIds) => screen.presence?.drags(orderIds);
app.messages = messages(app, { api, stationId });
function heard(frame) {
  if (frame.type === "hello") screen.presence?.arrive();
  screen.presence?.heard(frame);
  board.heard(frame);
  app.messages.heard(frame);
}

let socket = null;
if (app.may) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = openSocket({
    url: `${scheme}://${location.host}/ws/stations/${stationId}/`,
    onFrame: heard, onState: connection, counts: (frame) => frame.type !== "hello",
  });
} else {
  app.messages.refresh();
  setInterval(() => {
    board.refetch();
    app.messages.refresh();
  }, 30_000);
}
board.refetch();

// --- orders of the dispatcher -----------------------------------------------------------------------------------
app.do = commands({
  stationId, api, state: () => app.state, apply: board.apply,
  edited: () => app.edits.refresh(),
  refuse: (error, words = {}) => toast({ text: words.cause ?? error.cause, action: words.action ?? error.action, kind: "error" }),
});

const told = (text) => toast({ text, kind: "success", buttons: [{ text: S.undo, run: () => app.edits.undo() }] });
app.move = async ({ orderIds, routeId = null, shiftId, position }) => {
  const answer = await app.do.move({ orderIds, routeId, shiftId, position });
  if (!answer) return;
  const route = app.state.routes.get(routeId) ?? answer.routes.find((card) => card.shift_id === shiftId);
  told(S.moved(orderIds.length, route?.name ?? ""));
};
app.arrange = async (sequences, what, words) => (await app.do.arrange(sequences, what)) && told(words);
app.pin = async (orderIds, pinned) => (await app.do.pin(orderIds, pinned)) && told(pinned ? S.lockedMany(orderIds.length) : S.unlockedMany(orderIds.length));
app.unassign = async (orderIds) => {
  if (!app.may) return;
  const on = orderIds.filter((id) => placed(app.state.routes).has(id));
  if (on.length && (await app.do.move({ orderIds: on }))) told(S.unassigned(on.length));
};
app.assignMenu = async (anchor, orderIds) => (await assignMenus()).assignMenu(app, anchor, orderIds);
app.routeMenu = async (anchor, route) => (await routeMenus()).routeMenu(app, anchor, route);
app.releasable = () => [...app.state.routes.values()].filter((route) => route.state === "draft" && route.stops.length);
app.releaseDialog = async (routes) => {
  if (!app.may || !routes.length) return;
  const { releaseDialog } = await import("../components/release_dialog.js");
  releaseDialog(app, routes);
};
app.idleShifts = () => {
  const taken = new Set([...app.state.routes.values()].filter((route) => route.state !== "closed").map((route) => route.shift_id));
  return [...app.state.shifts.values()].filter((shift) => !taken.has(shift.id));
};
/** Do what would let an order in: widen its window where that is it, then put it on that van where it costs least. */
app.doChange = async (order, change) => {
  const { widened } = await import("../components/changes.js");
  const window_ = widened(order, change);
  if (window_ && !(await app.do.changeOrder(order, window_))) return;
  const route = [...app.state.routes.values()].find((one) => one.shift_id === change.shift_id && one.state !== "closed");
  app.move(route ? { orderIds: [order.id], routeId: route.id } : { orderIds: [order.id], shiftId: change.shift_id });
};
app.newOrder = () => location.assign(`/stations/${stationId}/orders/new/?day=${app.state.day}`);
app.choices = async (order) => {
  const { choicesDialog } = await import("../components/choices_dialog.js");
  choicesDialog(app, order);
};
app.optimizeDialog = async (given) => {
  if (!app.may) return;
  const { optimizeDialog } = await import("../components/plan_dialog.js");
  optimizeDialog(app, { open: unassigned(app.state.orders).length, drafts: app.releasable().length, shifts: app.state.shifts.size }, given);
};
app.planAccepted = () => toast({ text: S.planAccepted, kind: "success", buttons: [{ text: S.releaseMore, run: () => app.releaseDialog(app.releasable()) }] });
app.fetchPlan = async (id) => {
  const plan = await app.do.plan(id);
  if (plan) board.apply({ plans: [plan] });
};

// --- looking and selecting --------------------------------------------------------------------------------------
const placed = remembered(placements);

app.choose = (ids, event, sequence, { focusRoute = null } = {}) => {
  const selected = chosen(app.ui.selected, app.ui.anchor, ids, event, sequence);
  app.set({ selected, anchor: ids[0], focusRoute });
  if (selected.size === ids.length) app.map.reveal(app.state.orders.get(ids[0]) ?? {});
};
/** Every stop of the route whose list the focus is in, else every order of the pool that the search finds. */
app.selectAll = () => {
  const route = app.state.routes.get(Number(document.activeElement?.closest("[data-route]")?.dataset.route)) ?? app.state.routes.get(app.ui.focusRoute);
  if (area("drawer").contains(document.activeElement) && app.ui.drawer === "orders") return screen.orders.selectAll();
  if (route) app.set({ selected: new Set(route.stops.flatMap((stop) => stop.order_ids)), focusRoute: route.id });
  else screen.unassigned.selectAll();
};
app.clear = () => app.set({ selected: new Set(), anchor: null, focusRoute: null });
app.reveal = (routeId, orderId) => {
  app.set({ tab: "routes", open: new Set([...app.ui.open, routeId]) });
  requestAnimationFrame(() => requestAnimationFrame(() => screen.routes.reveal(routeId, orderId)));
};
app.selectPin = (about, event) => {
  const selected = chosen(app.ui.selected, null, about.orderIds, event, []);
  app.set({ selected, anchor: about.orderIds[0], focusRoute: about.routeId ?? null });
  if (about.type === "stop") app.reveal(about.routeId, about.orderIds[0]);
  else area("unassigned").querySelector(`[data-order="${about.id}"]`)?.scrollIntoView({ block: "nearest" });
};
/** What lies in an area of the map: in place of what was selected, or with Ctrl besides. */
app.chooseArea = (abouts, event) => {
  const ids = abouts.flatMap((about) => about.orderIds);
  const kept = event.ctrlKey || event.metaKey ? app.ui.selected : [];
  app.set({ selected: new Set([...kept, ...ids]), anchor: ids[0] ?? null, focusRoute: null });
};
app.drawing = (on) => part("area").setAttribute("aria-pressed", on);
app.selectRoute = (id) => {
  app.set({ focusRoute: id, selected: new Set() });
  app.reveal(id, null);
};
app.selectVehicle = (id) => {
  const route = [...app.state.routes.values()].find((one) => one.vehicle_id === id && one.state !== "closed");
  if (route) app.selectRoute(route.id);
};
app.toggleRoute = (id) => {
  const open = new Set(app.ui.open);
  const opening = !open.delete(id);
  if (opening) open.add(id);
  app.set({ open, focusRoute: opening ? id : app.ui.focusRoute === id ? null : app.ui.focusRoute });
};
app.hide = (id) => {
  if (app.ui.solo !== null) return app.solo(app.ui.solo);
  const hidden = new Set(app.ui.hidden);
  if (!hidden.delete(id)) hidden.add(id);
  app.set({ hidden });
};
app.solo = (id) => app.set({ solo: app.ui.solo === id ? null : id });
app.fitRoute = (id) => {
  app.set({ focusRoute: id });
  app.map.fitRoute(app.state, id);
};
app.openException = (card) => {
  const stopOrders = card.order_ids.length ? card.order_ids : [];
  if (card.route_id && app.state.routes.has(card.route_id)) {
    const route = app.state.routes.get(card.route_id);
    const stop = route.stops.find((one) => one.id === card.stop_id);
    app.set({ focusRoute: route.id, selected: new Set(stop ? stop.order_ids : stopOrders), open: new Set([...app.ui.open, route.id]) });
    const vehicle = app.state.vehicles.get(route.vehicle_id);
    app.map.reveal(stop ?? vehicle?.position ?? route.stops[0] ?? {});
    requestAnimationFrame(() => requestAnimationFrame(() => screen.routes.reveal(route.id, stop?.order_ids[0])));
  } else if (stopOrders.length) app.set({ selected: new Set(stopOrders) });
};

// --- dragging ---------------------------------------------------------------------------------------------------
let lastPress = null;
addEventListener("pointerdown", (event) => (lastPress = event), true);

app.lift = (ids, event) => {
  if (!app.may) return;
  const orderIds = ids.some((id) => app.ui.selected.has(id)) ? [...new Set([...app.ui.selected, ...ids])] : ids;
  const where = placed(app.state.routes);
  app.drag?.begin(event, { orderIds, placed: orderIds.some((id) => where.has(id)) });
};
app.pressPin = (about, event, map) => {
  if (!app.may || about.type === "proposed" || event.button !== 0) return;
  map.dragging.disable();
  addEventListener("pointerup", () => map.dragging.enable(), { once: true });
  app.lift(about.orderIds, lastPress);
};

// --- fixed buttons ----------------------------------------------------------------------------------------------
app.showDay = (day) => {
  app.set({ day, selected: new Set(), focusRoute: null, hidden: new Set(), solo: null });
  const address = new URL(location.href);
  day ? address.searchParams.set("day", day) : address.searchParams.delete("day");
  history.replaceState(null, "", address);
  root.setAttribute("aria-busy", "true");
  board.refetch();
};
/** Show "timeline" or "orders" below the map, or with "off" neither. */
app.showDrawer = (name) => {
  app.remember("lastmile.drawer", name);
  app.set({ drawer: name });
  openDrawer();
};
app.toggleDrawer = (name) => app.showDrawer(app.ui.drawer === name ? "off" : name);
part("timeline-toggle").addEventListener("click", () => app.toggleDrawer("timeline"));
part("table-toggle").addEventListener("click", () => app.toggleDrawer("orders"));
part("legend-menu").addEventListener("toggle", async () => {
  const { legend } = await import("../components/legend.js");
  part("legend").replaceChildren(...legend());
}, { once: true });
part("shortcuts").addEventListener("click", () => app.keys?.overlay());
part("lines").addEventListener("change", (event) => app.set({ lines: event.target.value }));
part("area").addEventListener("click", () => app.map?.drawArea());
part("fit").addEventListener("click", () => app.state && app.map.fit(app.state));
part("retry").addEventListener("click", () => board.refetch());
for (const tab of tabs) {
  tab.addEventListener("click", () => app.set({ tab: tab.dataset.tab }));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs.find((one) => one !== tab);
    app.set({ tab: other.dataset.tab });
    other.focus();
  });
}
