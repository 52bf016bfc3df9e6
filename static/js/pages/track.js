// The recipient's page. It is complete without this; the script keeps it fresh, shows the van, and opens the details.

import { openSocket } from "../core/socket.js";

const given = document.getElementById("track-script").dataset;
const here = location.pathname;
const el = (id) => document.getElementById(id);
const AGAIN_MS = 6_000; // after a nudge once more: the server sends no two within five seconds
const POLL_MS = 60_000;
const VAN_MS = 10_000;

let done = given.done === "true";
let timer = null;
let map = null;
let fetching = false;

// --- status -----------------------------------------------------------------------------------------------------
function show(card) {
  done = card.done;
  el("title").textContent = card.title;
  el("title").dataset.state = card.state;
  document.title = card.title;
  el("more").textContent = card.more;
  el("more").hidden = !card.more;
  el("window").textContent = card.window;
  el("expected").textContent = card.expected;
  el("expected-row").hidden = !card.expected;
  const steps = el("steps");
  if (steps) {
    steps.hidden = !card.step;
    steps.dataset.step = card.step;
    [...steps.children].forEach((step, at) => (at + 1 === card.step ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current")));
  }
  if (el("note-form")) mayNote(card.may_note);
  showVan(card.van);
  plan(card.van ? VAN_MS : POLL_MS);
}

async function refresh() {
  if (fetching) return plan(AGAIN_MS);
  fetching = true;
  try {
    const answer = await fetch(`${here}status.json`, { cache: "no-store", credentials: "omit" });
    if (answer.status === 404) return location.reload();
    el("offline").hidden = answer.ok;
    if (!answer.ok) return plan(1000 * Number(answer.headers.get("Retry-After") ?? 60));
    show(await answer.json());
  } catch {
    el("offline").hidden = false;
    plan(POLL_MS);
  } finally {
    fetching = false;
  }
}

function plan(ms) {
  clearTimeout(timer);
  if (!done && !document.hidden) timer = setTimeout(refresh, ms);
}

function nudged() {
  setTimeout(refresh, 2_000 * Math.random()); // a route's pages hear of it at once and should not ask at once
  setTimeout(() => !done && refresh(), AGAIN_MS + 2_000 * Math.random());
}

// --- the van ----------------------------------------------------------------------------------------------------
const loaded = (node) => new Promise((resolve, reject) => {
  node.onload = resolve;
  node.onerror = () => reject(new Error(`${node.src ?? node.href} did not load`));
  document.head.append(node);
});
const script = (src) => loaded(Object.assign(document.createElement("script"), { src }));
const sheet = (href) => loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

async function makeMap() {
  await Promise.all([sheet(given.leafletCss), script(given.leaflet)]);
  const tiles = JSON.parse(given.tiles);
  if (tiles.url) await script(given.protomaps);
  const { basemap } = await import("../map/basemap.js");
  const L = globalThis.L;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const made = L.map(el("map"), { zoomControl: false, keyboard: false, scrollWheelZoom: false });
  made.attributionControl.setPrefix(false);
  const ground = basemap(L, {
    url: tiles.url, theme: dark.matches ? "dark" : "light", attribution: tiles.attribution || undefined, bounds: tiles.bounds ?? undefined,
  }).addTo(made);
  dark.addEventListener("change", () => ground.setTheme(dark.matches ? "dark" : "light"));
  const icon = L.divIcon({ className: "track__van", iconSize: [22, 22] });
  return { made, marker: L.marker([0, 0], { icon, interactive: false, keyboard: false }) };
}

async function showVan(van) {
  el("van").hidden = !van;
  if (!van) return;
  try {
    map ??= makeMap();
    const { made, marker } = await map;
    marker.setLatLng(van).addTo(made);
    made.invalidateSize();
    made.setView(van, 15, { animate: false });
  } catch {
    el("van").hidden = true; // without its map the rest of the page is as good as before
    map = null;
  }
}

// --- what the digits open: kept in this variable only, gone with the page ---------------------------------------
let digits = null;

async function send(path, body) {
  const answer = await fetch(`${here}${path}`, {
    method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.code), { said: [said.cause, said.action].join(" ") });
  return said;
}

function mayNote(may) {
  el("note-form").hidden = !may;
  el("note-fixed").hidden = may;
}

function fill(found) {
  const set = (name, text) => (el("details").querySelector(`[data-of="${name}"]`).textContent = text);
  set("recipient", found.recipient);
  set("address", found.address);
  set("town", [found.postcode, found.place].filter(Boolean).join(" "));
  el("note").value = found.note;
  mayNote(found.may_note);
}

function during(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await work();
    } finally {
      button.disabled = false;
    }
  });
}

if (el("private")) {
  el("private").hidden = false;
  during(el("digits-form"), async () => {
    el("digits-error").textContent = "";
    try {
      fill(await send("details/", { digits: el("digits").value }));
      digits = el("digits").value;
      el("digits-form").hidden = true;
      el("details").hidden = false;
      el("details").focus();
    } catch (error) {
      el("digits-error").textContent = error.said ?? given.failed;
      el("digits").select();
    }
  });
  during(el("note-form"), async () => {
    try {
      const found = await send("note/", { digits, note: el("note").value });
      fill(found);
      el("note-said").textContent = found.note ? given.saved : given.removed;
    } catch (error) {
      el("note-said").textContent = error.said ?? given.failed;
    }
  });
}

// --- begin ------------------------------------------------------------------------------------------------------
if (given.van) showVan(given.van.split(",").map(Number));
if (!done) {
  const token = here.split("/").at(-2);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  openSocket({ url: `${scheme}://${location.host}/ws/track/${token}/`, onFrame: (frame) => frame.name === "order.changed" && nudged(), onState: () => {}, counts: (frame) => frame.type !== "hello" });
  plan(given.van ? VAN_MS : POLL_MS);
  addEventListener("visibilitychange", () => !document.hidden && !done && refresh());
}
