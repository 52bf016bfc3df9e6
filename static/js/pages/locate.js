// Giving orders a place: choose one in the list, click the map, or take a suggestion.

import { api, ApiError } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { effective, watch } from "../core/theme.js";
import { basemap } from "../map/basemap.js";
import { toast } from "../components/toasts.js";
import { nextAfter } from "./locate_list.js";
import { S } from "../core/strings.js";

const L = globalThis.L;
const list = document.getElementById("orders");
const count = document.getElementById("count");
const about = JSON.parse(document.getElementById("map-data").textContent);
const rows = () => [...list.querySelectorAll("[data-order]")];
let chosen = null;
let busy = false;

const map = L.map("map", { minZoom: 3, maxZoom: 20, keyboard: true });
map.attributionControl.setPrefix(false);
map.setView([about.lat, about.lng], 13);
if (about.bounds) map.setMaxBounds(L.latLngBounds(about.bounds).pad(0.5));
const ground = basemap(L, {
  url: about.url, theme: effective(), attribution: about.attribution || undefined, maxDataZoom: about.max_zoom,
  bounds: about.bounds ?? undefined, online_tile_url: about.online_url ?? undefined,
}).addTo(map);
watch((theme) => ground.setTheme(theme));
const pin = L.marker([0, 0], {
  interactive: false, keyboard: false,
  icon: L.divIcon({ className: "", iconSize: [16, 16], html: h("span", { class: "locate__pin" }) }),
});

function choose(row) {
  chosen = row;
  for (const other of rows()) other.querySelector(".locate__pick").setAttribute("aria-pressed", String(other === row));
  const first = row?.querySelector("[data-lat]");
  pin.remove();
  if (first) show(Number(first.dataset.lat), Number(first.dataset.lng));
}

function show(lat, lng) {
  pin.setLatLng([lat, lng]).addTo(map);
  map.setView([lat, lng], Math.max(map.getZoom(), 16));
}

async function locate(row, lat, lng) {
  if (!row || busy) return;
  busy = true;
  const { order, version, name } = row.dataset;
  try {
    await api(`/api/v1/orders/${order}/locate/`, { method: "POST", body: { lat, lng, version: Number(version) } });
    toast({ text: S.hasPlace(name), kind: "success" });
    done(row);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast({ text: error.cause, action: error.action, kind: "error" });
    const newest = error.data.order;
    if (newest && newest.state !== "needs_location") done(row);
    else if (newest) row.dataset.version = newest.version;
  } finally {
    busy = false;
  }
}

function done(row) {
  const next = nextAfter(rows(), row);
  row.remove();
  setText(count, String(Math.max(0, Number(count.textContent) - 1)));
  if (next) {
    choose(next);
    next.querySelector(".locate__pick").focus();
  } else if (Number(count.textContent) > 0) {
    location.reload(); // the next page of the list moved up
  } else {
    document.getElementById("locate").hidden = true;
    document.getElementById("nothing").hidden = false;
  }
}

list.addEventListener("click", (event) => {
  const row = event.target.closest("[data-order]");
  const suggestion = event.target.closest("[data-lat]");
  if (suggestion) locate(row, Number(suggestion.dataset.lat), Number(suggestion.dataset.lng));
  else if (event.target.closest(".locate__pick")) choose(row);
});
for (const reach of ["focusin", "mouseover"]) {
  list.addEventListener(reach, (event) => {
    const suggestion = event.target.closest("[data-lat]");
    if (suggestion && suggestion.closest("[data-order]") === chosen) {
      pin.setLatLng([Number(suggestion.dataset.lat), Number(suggestion.dataset.lng)]).addTo(map);
    }
  });
}
map.on("click", (event) => locate(chosen, event.latlng.lat, event.latlng.wrap().lng));
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== map.getContainer()) return;
  const middle = map.getCenter().wrap();
  locate(chosen, middle.lat, middle.lng);
});
if (!list.querySelector(".locate__pick:disabled")) choose(rows()[0]);
