// The board's map: ground, station, lines, pins, vehicles, and what the pointer finds on them.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";
import { effective, watch } from "../core/theme.js";
import { basemap } from "./basemap.js";
import { lines } from "./lines.js";
import { MARKS } from "./palette.js";
import { pins } from "./pins.js";
import { scene, vans } from "./scene.js";
import { vehicles } from "./vehicles.js";

const REACH = 18;

/**
 * @param {HTMLElement} root
 * @param {object} app the board: `select`, `frames`, `describe`, `pressPin`
 */
export function boardMap(root, app) {
  const L = globalThis.L;
  const map = L.map(root, { zoomControl: false, minZoom: 3, maxZoom: 20, zoomSnap: 0.5, wheelPxPerZoomLevel: 90, boxZoom: false }); // Shift and drag chooses here
  L.control.zoom({ position: "topleft" }).addTo(map);
  const imperial = app.state.station.units === "imperial";
  L.control.scale({ position: "bottomleft", imperial, metric: !imperial }).addTo(map);
  map.attributionControl.setPrefix(false);
  const renderer = L.canvas({ padding: 0.3 });
  let marks = MARKS[effective()];
  let ground = null;
  let groundOf = "";
  let placed = null;
  const depot = L.marker([0, 0], {
    interactive: false, keyboard: false, icon: L.divIcon({ className: "depot", iconSize: [22, 22], html: h("span", {}) }),
  });

  const rings = L.layerGroup().addTo(map);
  const ringIcon = L.divIcon({ className: "hover-ring", iconSize: [32, 32] });
  const tip = L.tooltip({ direction: "top", offset: [0, -8], className: "tip" });
  const list = h("ul", { class: "visually-hidden", "data-part": "vans", "aria-label": S.vehiclesOnMap });
  root.after(list);
  const point = (at, words) => tip.setLatLng(at).setContent(words).addTo(map);
  const vanLayer = vehicles(L, map, list, app.frames.every, {
    click: (id) => app.selectVehicle(id),
    over: (at, words) => point(at, h("span", {}, words)),
    out: () => tip.remove(),
  });
  const pinLayer = pins(L, map, renderer, {
    over: (pin) => {
      app.hover?.(pin.about.orderIds);
      return vanLayer.isOver() || (app.describe && point(pin.getLatLng(), app.describe(pin.about)));
    },
    out: () => {
      app.hover?.([]);
      return vanLayer.isOver() || tip.remove();
    },
    press: (about, event) => vanLayer.isOver() || app.pressPin(about, event, map),
    click: (about, event) => app.selectPin(about, event),
  });
  const lineLayer = lines(L, map, renderer, (id, event) => app.selectRoute(id, event));
  let area = null;
  import("./area.js").then(({ areas }) => {
    area = areas(L, map, (inLoop, event) => app.chooseArea(pinLayer.within(inLoop), event), (on) => app.drawing?.(on));
  });
  const picture = scene();
  map.on("click", () => app.clear());
  watch((theme) => {
    marks = MARKS[theme];
    ground?.setTheme(theme);
    app.frames.schedule();
  });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(root);

  function lay(state) {
    const { tiles, station } = state;
    const key = `${tiles.url}|${tiles.online_url}`;
    if (key !== groundOf) {
      groundOf = key;
      ground?.remove();
      ground = basemap(L, {
        url: tiles.url, theme: effective(), attribution: tiles.attribution || undefined, maxDataZoom: tiles.max_zoom,
        bounds: tiles.bounds ?? undefined, online_tile_url: tiles.online_url ?? undefined,
      }).addTo(map);
      ground.bringToBack?.();
    }
    if (placed === station.id) return;
    placed = station.id;
    depot.setLatLng([station.lat, station.lng]).addTo(map);
  }

  function everything(state) {
    const all = L.latLngBounds([[state.station.lat, state.station.lng]]);
    for (const order of state.orders.values()) if (order.lat !== null) all.extend([order.lat, order.lng]);
    return all;
  }

  let framed = null;
  let drawn = null; // the looks of stops and lines that are on the canvas
  let raised = null;

  function raise(id) {
    if (id === raised) return;
    raised = id;
    if (id === null) return;
    lineLayer.front(`r${id}`);
    pinLayer.front(id);
  }

  let trackLayer = null, tracksAsked = false;
  async function openTracks() {
    if (tracksAsked) return;
    tracksAsked = true;
    const { tracks } = await import("./tracks.js");
    trackLayer = tracks(L, map, renderer, (id) => app.do.track(id), () => app.frames.schedule());
    app.frames.schedule();
  }

  /** What lies over the map at its right is not a place to show anything. */
  function room() {
    const panel = root.parentElement.querySelector('[data-part="plan"]');
    const width = panel && !panel.hidden ? panel.offsetWidth + 20 : 0;
    return { paddingBottomRight: [width > root.offsetWidth / 2 ? 0 : width, 0] };
  }

  return {
    render(state, ui) {
      // A view must stand before anything is added: Leaflet places layers by it.
      if (framed === null) map.fitBounds(everything(state).pad(0.05), { animate: false, maxZoom: 15 });
      lay(state);
      if (framed === null) framed = state.day;
      const looks = picture(state, ui, marks);
      if (looks !== drawn) {
        drawn = looks;
        lineLayer.show(looks.lineLooks);
        pinLayer.show(looks.pinLooks);
        raise(ui.focusRoute);
      }
      if (ui.lines !== "planned") openTracks();
      trackLayer?.show(state.routes, ui);
      vanLayer.show(vans(state, ui), app.now(), app.fmt.time, marks);
    },
    fit: (state) => map.fitBounds(everything(state).pad(0.05), { maxZoom: 16, ...room() }),
    fitRoute(state, id) {
      const bounds = lineLayer.bounds(`r${id}`);
      for (const stop of state.routes.get(id)?.stops ?? []) bounds.extend([stop.lat, stop.lng]);
      if (bounds.isValid()) map.fitBounds(bounds.pad(0.1), { maxZoom: 16, ...room() });
    },
    /** Bring a place into view without a jump when it is there already. */
    reveal({ lat, lng }) {
      if (lat === null || lat === undefined) return;
      if (!map.getBounds().pad(-0.1).contains([lat, lng])) map.setView([lat, lng], Math.max(map.getZoom(), 14));
    },
    /** What lies under a point of the page: the `about` of the nearest pin. */
    under(x, y) {
      const box = root.getBoundingClientRect();
      return pinLayer.nearest(L.point(x - box.left, y - box.top), REACH)?.about ?? null;
    },
    /** Rings around these places: what the pointer is over in another view. */
    ring(places) {
      rings.clearLayers();
      for (const { lat, lng } of places) rings.addLayer(L.marker([lat, lng], { icon: ringIcon, interactive: false, keyboard: false }));
    },
    drawArea: () => area?.draw(),
    stopArea: () => area?.stop(),
    leaflet: map,
    root,
  };
}
