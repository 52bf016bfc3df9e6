// The rules of the map, checked without a browser: every layer has colours in both themes, every text a font.
import assert from "node:assert/strict";
import { test } from "node:test";

import { basemap, OSM_ATTRIBUTION } from "../../static/js/map/basemap.js";
import { THEMES, labelRules, paintRules } from "../../static/js/map/basemap_style.js";

class Recorder {
  constructor(options) { this.options = options; }
}

const protomaps = {
  PolygonSymbolizer: class extends Recorder {},
  LineSymbolizer: class extends Recorder {},
  LineLabelSymbolizer: class extends Recorder {},
  CenteredTextSymbolizer: class extends Recorder {},
  exp: (base, stops) => (zoom) => stops.reduce((width, [from, value]) => (zoom >= from ? value : width), stops[0][1]),
  linear: (stops) => () => stops[0][1],
  leafletLayer: (options) => ({ options, on() {}, clearLayout() { this.cleared = true; }, rerenderTiles() { this.drawn = true; } }),
};

test("both themes name the same colours", () => {
  assert.deepEqual(Object.keys(THEMES.light).sort(), Object.keys(THEMES.dark).sort());
});

test("every paint rule has a colour and a width above zero at every zoom it is drawn", () => {
  for (const theme of Object.values(THEMES)) {
    for (const rule of paintRules(protomaps, theme)) {
      const { fill, color, width } = rule.symbolizer.options;
      assert.match(fill ?? color, /^#[0-9a-f]{6}$/, JSON.stringify(rule));
      for (let zoom = rule.minzoom ?? 9; width && zoom <= 20; zoom += 1) assert.ok(width(zoom) > 0);
    }
  }
});

test("every label rule has a readable font and a colour apart from its halo", () => {
  for (const theme of Object.values(THEMES)) {
    for (const rule of labelRules(protomaps, theme)) {
      const { font, fill, stroke } = rule.symbolizer.options;
      assert.match(font(16), /\d+(\.\d+)?px .*sans-serif/);
      assert.ok(Number(/(\d+(\.\d+)?)px/.exec(font(16))[1]) >= 9);
      assert.notEqual(fill, stroke);
    }
  }
});

test("a tunnel, a driveway and a street are told apart by the filters", () => {
  const drawn = (zoom, props) => paintRules(protomaps, THEMES.light)
    .filter((rule) => rule.dataLayer === "roads" && zoom >= rule.minzoom && rule.filter(zoom, { props }))
    .map((rule) => Boolean(rule.symbolizer.options.dash));
  assert.deepEqual(drawn(16, { kind: "minor" }), [false, false]);
  assert.deepEqual(drawn(16, { kind: "minor", tunnel: 1 }), [true]);
  assert.deepEqual(drawn(16, { kind: "service", small: 1 }), []);
  assert.deepEqual(drawn(17, { kind: "service", small: 1 }), [false, false]);
});

test("the vector layer takes its address, credits OpenStreetMap and changes its theme in place", () => {
  const layer = basemap({}, { url: "/tiles/x/y/{z}/{x}/{y}.mvt", protomaps });
  assert.equal(layer.options.url, "/tiles/x/y/{z}/{x}/{y}.mvt");
  assert.equal(layer.options.attribution, OSM_ATTRIBUTION);
  assert.equal(layer.options.backgroundColor, THEMES.light.beyond);
  layer.setTheme("dark");
  assert.equal(layer.backgroundColor, THEMES.dark.beyond);
  assert.ok(layer.cleared && layer.drawn);
});

test("an online address is used only where it is given, and no tiles mean a plain ground", () => {
  const made = [];
  const L = {
    tileLayer: (url, options) => (made.push(["raster", url]), { options }),
    gridLayer: (options) => (made.push(["plain"]), { options, redraw() { return this; } }),
  };
  basemap(L, { online_tile_url: "https://tiles.example/{z}/{x}/{y}.png", url: "/t/{z}/{x}/{y}" });
  assert.equal(basemap(L, {}).options.attribution, OSM_ATTRIBUTION);
  assert.deepEqual(made, [["raster", "https://tiles.example/{z}/{x}/{y}.png"], ["plain"]]);
});

test("a theme or a library that is not there is an error that says so", () => {
  assert.throws(() => basemap({}, { url: "/t", theme: "pink", protomaps }), /light, dark/);
  assert.throws(() => basemap({}, { url: "/t" }), /protomaps-leaflet is not loaded/);
});
