// A small map around one place: the ground, and a pin that may be movable.

import { h } from "../core/dom.js";
import { effective, watch } from "../core/theme.js";
import { basemap } from "./basemap.js";

/** The map in `#map` for what the page's `map-data` says; `pin` is a marker not yet on the map. */
export function placeMap(L, about, { draggable = false, zoom = 13 } = {}) {
  const map = L.map("map", { minZoom: 3, maxZoom: 20, keyboard: true, scrollWheelZoom: draggable });
  map.attributionControl.setPrefix(false);
  map.setView([about.lat, about.lng], zoom);
  if (about.bounds) map.setMaxBounds(L.latLngBounds(about.bounds).pad(0.5));
  const ground = basemap(L, {
    url: about.url, theme: effective(), attribution: about.attribution || undefined, maxDataZoom: about.max_zoom,
    bounds: about.bounds ?? undefined, online_tile_url: about.online_url ?? undefined,
  }).addTo(map);
  watch((theme) => ground.setTheme(theme));
  const pin = L.marker([about.lat, about.lng], {
    draggable, interactive: draggable, keyboard: false,
    icon: L.divIcon({ className: "", iconSize: [18, 18], html: h("span", { class: "order__dot" }) }),
  });
  return { map, pin };
}
