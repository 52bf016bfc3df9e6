// Where a new station stands: search the address, or click it on the map.

import { api, ApiError } from "../core/api.js";
import { h } from "../core/dom.js";
import { effective, watch } from "../core/theme.js";
import { basemap } from "../map/basemap.js";

const L = globalThis.L;
const WAIT_MS = 250;
const form = document.getElementById("station");
const matches = document.getElementById("matches");
const about = JSON.parse(document.getElementById("map-data").textContent);
const { address, lat, lng } = form.elements;
let due = null;
let asked = 0;

const map = L.map("map", { minZoom: 3, maxZoom: 20, keyboard: true });
map.attributionControl.setPrefix(false);
map.setView([about.lat, about.lng], 13);
if (about.bounds) map.fitBounds(about.bounds).setMaxBounds(L.latLngBounds(about.bounds).pad(0.5));
const ground = basemap(L, {
  url: about.url, theme: effective(), attribution: about.attribution || undefined, maxDataZoom: about.max_zoom,
  bounds: about.bounds ?? undefined,
}).addTo(map);
watch((theme) => ground.setTheme(theme));
new ResizeObserver(() => map.invalidateSize()).observe(map.getContainer());
const pin = L.marker([0, 0], {
  interactive: false, keyboard: false,
  icon: L.divIcon({ className: "", iconSize: [16, 16], html: h("span", { class: "setup__pin" }) }),
});

function place(at, zoom = 16) {
  lat.value = at.lat.toFixed(6);
  lng.value = at.lng.toFixed(6);
  show(at, zoom);
}

function show(at, zoom) {
  pin.setLatLng(at).addTo(map);
  map.setView(at, Math.max(map.getZoom(), zoom));
}

async function ask(query) {
  asked += 1;
  const mine = asked;
  try {
    const found = await api(`${form.dataset.search}?${new URLSearchParams(query)}`);
    return mine === asked ? found : null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

function offer(found) {
  const buttons = found.map((one) => h("button", { type: "button", class: "button button--small", onclick: () => take(one) }, one.label));
  matches.replaceChildren(h("span", { class: "field__help" }, found.length ? form.dataset.found : form.dataset.none), ...buttons);
}

function take(one) {
  address.value = one.label;
  matches.replaceChildren();
  place(one);
  address.focus();
}

address.addEventListener("input", () => {
  clearTimeout(due);
  due = setTimeout(async () => {
    const found = address.value.trim().length > 2 ? await ask({ q: address.value }) : [];
    if (found === null) return;
    if (address.value.trim().length > 2) offer(found);
    else matches.replaceChildren();
  }, WAIT_MS);
});

async function pointAt(at) {
  place(at, map.getZoom());
  const found = await ask({ lat: at.lat, lng: at.lng });
  if (found?.length) address.value = found[0].label;
}

map.on("click", (event) => pointAt(event.latlng.wrap()));
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== map.getContainer()) return;
  event.preventDefault();
  pointAt(map.getCenter().wrap());
});
for (const field of [lat, lng]) {
  field.addEventListener("change", () => {
    const at = { lat: Number(lat.value), lng: Number(lng.value) };
    if (lat.value && lng.value && Math.abs(at.lat) <= 90 && Math.abs(at.lng) <= 180) show(at, 14);
  });
}
// The server knows one place of each zone; near a border the browser's own zone says better which one it is.
const own = about.guesses?.[Intl.DateTimeFormat().resolvedOptions().timeZone];
if (own) for (const [name, value] of Object.entries(own)) form.elements[name].value = value;
if (lat.value && lng.value) show({ lat: Number(lat.value), lng: Number(lng.value) }, 16);
else if (address.value) address.dispatchEvent(new Event("input")); // typed before this script was here
