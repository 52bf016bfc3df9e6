// The ground under every map: our own vector tiles, an online raster where the settings name one, else a plain colour.
//
// The page loads Leaflet and protomaps-leaflet's ready-made file (which sets `protomapsL`) before its modules:
//   <script src="…/leaflet.js"></script>
//   <script src="…/vendor/protomaps-leaflet/protomaps-leaflet.js"></script>

import { THEMES, labelRules, paintRules } from "./basemap_style.js";

export const OSM_ATTRIBUTION =
  '© <a href="https://www.openstreetmap.org/copyright" rel="noopener" target="_blank">OpenStreetMap</a> contributors';

const MAX_ZOOM = 20;

/**
 * A Leaflet layer to put under everything else.
 *
 * @param {object} L Leaflet, the one the page loaded as a script.
 * @param {object} options
 * @param {string} [options.url] tile address with {z}, {x} and {y}; none: a plain background.
 * @param {"light"|"dark"} [options.theme]
 * @param {string} [options.attribution]
 * @param {number} [options.maxDataZoom] the deepest zoom in the tiles; deeper ones on screen are drawn from it.
 * @param {Array} [options.bounds] [[south, west], [north, east]] of the tiles: nothing outside is asked for.
 * @param {string} [options.online_tile_url] a raster address that a setting allows; it is used instead of `url`.
 * @param {object} [options.protomaps] protomaps-leaflet, where it is not the page's global.
 * @returns {object} a layer with setTheme(name).
 */
export function basemap(L, options = {}) {
  const { theme = "light", attribution = OSM_ATTRIBUTION } = options;
  if (options.online_tile_url) return raster(L, options.online_tile_url, attribution);
  if (!options.url) return plain(L, theme, attribution);
  return vector(options, theme, attribution);
}

function colours(name) {
  const theme = THEMES[name];
  if (!theme) throw new Error(`There is no map theme "${name}"; use one of ${Object.keys(THEMES).join(", ")}.`);
  return theme;
}

function raster(L, url, attribution) {
  const layer = L.tileLayer(url, { attribution, maxZoom: MAX_ZOOM });
  layer.setTheme = () => layer;
  return layer;
}

function plain(L, themeName, attribution) {
  const layer = L.gridLayer({ attribution, maxZoom: MAX_ZOOM });
  let theme = colours(themeName);
  layer.createTile = () => {
    const tile = document.createElement("div");
    tile.style.backgroundColor = theme.ground;
    return tile;
  };
  layer.setTheme = (name) => {
    theme = colours(name);
    return layer.redraw();
  };
  return layer;
}

function vector(options, themeName, attribution) {
  const p = options.protomaps ?? globalThis.protomapsL;
  if (!p) throw new Error("protomaps-leaflet is not loaded: put its script before this module.");
  const theme = colours(themeName);
  const layer = p.leafletLayer({
    url: options.url,
    attribution,
    maxDataZoom: options.maxDataZoom ?? 15,
    maxZoom: MAX_ZOOM,
    bounds: options.bounds,
    paintRules: paintRules(p, theme),
    labelRules: labelRules(p, theme),
    backgroundColor: theme.beyond,
  });
  let beyond = theme.beyond;
  const fillContainer = () => {
    if (layer._map) layer._map.getContainer().style.backgroundColor = beyond;
  };
  layer.on("add", fillContainer);
  layer.setTheme = (name) => {
    const next = colours(name);
    beyond = next.beyond;
    fillContainer();
    layer.paintRules = paintRules(p, next);
    layer.labelRules = labelRules(p, next);
    layer.backgroundColor = next.beyond;
    layer.clearLayout();
    layer.rerenderTiles();
    return layer;
  };
  return layer;
}
