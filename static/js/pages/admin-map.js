// Small maps in the admin: set a place by click or drag, draw an area, or look at a place.

import { basemap } from "../map/basemap.js";
import { S } from "../core/strings.js";
import { effective, watch } from "../core/theme.js";

const { L } = globalThis;
const PLACES = 6; // digits: a tenth of a metre
const CLOSE = 16;

const dot = (extra = "") => L.divIcon({ className: `admin-map__dot ${extra}`, iconSize: [18, 18] });
const round = (value) => Number(value.toFixed(PLACES));
const onEarth = (lat, lng) => Math.abs(lat) <= 90 && Math.abs(lng) <= 180;

function show(element) {
  const ground = JSON.parse(element.dataset.ground);
  const { url, attribution, max_zoom: maxDataZoom, bounds, online_url: online } = ground.tiles;
  const map = L.map(element, { zoomAnimation: false, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.setView([ground.lat, ground.lng], url || online || ground.lat !== 30 ? 14 : 2);
  const options = { url, maxDataZoom, bounds: bounds ?? undefined, online_tile_url: online, theme: effective() };
  if (attribution) options.attribution = attribution;
  const layer = basemap(L, options).addTo(map);
  watch((theme) => layer.setTheme(theme));
  // Collapsed fieldsets have no size until they open.
  new ResizeObserver(() => map.invalidateSize()).observe(element);
  return map;
}

function showPlace(element) {
  const place = element.dataset.place.split(",").map(Number);
  const map = show(element);
  map.setView(place, CLOSE);
  L.marker(place, { icon: dot(), keyboard: false }).addTo(map);
}

function editPlace(element) {
  const lngInput = document.getElementById(element.dataset.input);
  const latInput = document.getElementById(element.dataset.input.replace(/lng$/, "lat"));
  const map = show(element);
  let marker = null;

  const written = () => {
    if (latInput.value === "" || lngInput.value === "") return null;
    const [lat, lng] = [Number(latInput.value), Number(lngInput.value)];
    return onEarth(lat, lng) ? [lat, lng] : null;
  };
  const write = ({ lat, lng }) => {
    const wrapped = L.latLng(lat, lng).wrap();
    latInput.value = round(wrapped.lat);
    lngInput.value = round(wrapped.lng);
    for (const input of [latInput, lngInput]) input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const draw = () => {
    const place = written();
    if (!place) {
      marker?.remove();
      marker = null;
      return;
    }
    if (!marker) {
      marker = L.marker(place, { icon: dot(), draggable: true, keyboard: false }).addTo(map); // by keys: the two fields
      marker.on("dragend", () => write(marker.getLatLng()));
    }
    marker.setLatLng(place);
  };

  map.on("click", (event) => write(event.latlng));
  for (const input of [latInput, lngInput]) input.addEventListener("change", draw);
  draw();
  if (marker) map.setView(marker.getLatLng(), CLOSE);
}

function corners(text) {
  try {
    const ring = JSON.parse(text || "[]");
    const good = (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite);
    return Array.isArray(ring) && ring.every(good) ? ring : [];
  } catch {
    return []; // half-typed JSON: Django says so on saving
  }
}

function editArea(element) {
  const input = document.getElementById(element.dataset.area);
  const map = show(element);
  const shape = L.polygon([], { className: "admin-map__area" }).addTo(map);
  const handles = L.layerGroup().addTo(map);
  let ring = corners(input.value);

  const save = () => {
    input.value = JSON.stringify(ring.map(([lat, lng]) => [round(lat), round(lng)]));
  };
  const draw = () => {
    shape.setLatLngs(ring);
    handles.clearLayers();
    ring.forEach((corner, index) => {
      const handle = L.marker(corner, { icon: dot("admin-map__dot--corner"), draggable: true, title: S.corner(index + 1) });
      handle.on("drag", () => {
        const { lat, lng } = handle.getLatLng();
        ring[index] = [lat, lng];
        shape.setLatLngs(ring);
        save();
      });
      handle.on("click", () => {
        ring.splice(index, 1);
        save();
        draw();
      });
      handles.addLayer(handle);
    });
  };

  map.on("click", ({ latlng }) => {
    ring.push([latlng.lat, latlng.lng]);
    save();
    draw();
  });
  input.addEventListener("change", () => {
    ring = corners(input.value);
    draw();
  });
  draw();
  if (ring.length) map.fitBounds(shape.getBounds(), { padding: [20, 20], animate: false });
}

for (const element of document.querySelectorAll(".admin-map")) {
  if (element.dataset.place) showPlace(element);
  else if (element.dataset.input) editPlace(element);
  else editArea(element);
}
