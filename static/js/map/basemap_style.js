// Colours and rules of the map: our own layer names (docs/city.md), drawn by protomaps-leaflet.
// A rule's zoom is the zoom on screen; tiles hold one zoom less, and 15 at most.

export const THEMES = {
  light: {
    beyond: "#e6e5e1", ground: "#f5f4f0", water: "#b4d2e6", waterLine: "#b4d2e6",
    park: "#d3e7c6", wood: "#c5dfb6", grass: "#deebd1", cemetery: "#d5e3cd", allotments: "#dfe8cf",
    farmland: "#efefdc", pitch: "#c9e3c4", sand: "#f2e9cf", wetland: "#d2e5da",
    industrial: "#eceae8", institution: "#f1ede1", parking: "#eeedea", square: "#edebe6", pier: "#f5f4f0",
    building: "#e3dfd8", buildingLine: "#d2ccc3",
    casing: "#d6d1c8", minor: "#ffffff", tertiary: "#ffffff", secondary: "#fff8e0", primary: "#fdeeb9",
    trunk: "#fbdd9c", motorway: "#f6c98b", majorCasing: "#e2c98e", path: "#cdbfae", pedestrian: "#f0ece6",
    rail: "#bdb9b6", tram: "#d5cfcc",
    text: "#4d4a46", strong: "#2b2926", halo: "#ffffff", waterText: "#4a7fa5", greenText: "#557a46",
    number: "#8c857b", station: "#54606d",
  },
  dark: {
    beyond: "#14171b", ground: "#1d2126", water: "#142b3d", waterLine: "#1a3549",
    park: "#1f2f25", wood: "#1d3024", grass: "#212c25", cemetery: "#222c27", allotments: "#232c25",
    farmland: "#23271f", pitch: "#22362a", sand: "#2d2b24", wetland: "#1d2e2c",
    industrial: "#20242a", institution: "#24262a", parking: "#22262c", square: "#252a31", pier: "#1d2126",
    building: "#2a2f37", buildingLine: "#343a44",
    casing: "#15181c", minor: "#3b424d", tertiary: "#444c58", secondary: "#4c5461", primary: "#5a5f66",
    trunk: "#686559", motorway: "#77694f", majorCasing: "#15181c", path: "#3d434c", pedestrian: "#31373f",
    rail: "#454a52", tram: "#363b43",
    text: "#b3bbc6", strong: "#e4e8ee", halo: "#171a1f", waterText: "#6d9cc0", greenText: "#7fa98a",
    number: "#737c88", station: "#9fb0c3",
  },
};

const FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

// Width in pixels on screen by zoom, for the inside of a road; the casing adds its own.
const WIDTHS = {
  motorway: [[9, 1], [12, 2.5], [15, 7], [17, 15], [19, 34]],
  trunk: [[9, 0.8], [12, 2.2], [15, 6.5], [17, 14], [19, 32]],
  primary: [[10, 0.7], [12, 1.8], [15, 6], [17, 13.5], [19, 30]],
  secondary: [[11, 0.7], [13, 2], [15, 5], [17, 12], [19, 28]],
  tertiary: [[12, 0.7], [14, 2.6], [15, 4.2], [17, 10.5], [19, 25]],
  minor: [[13, 0.6], [14, 1.4], [15, 2.8], [17, 8.5], [19, 22]],
  pedestrian: [[14, 0.8], [15, 2], [17, 6.5], [19, 16]],
  service: [[14, 0.4], [15, 1.2], [17, 4.5], [19, 11]],
  track: [[14, 0.5], [17, 1.6], [19, 3]],
  path: [[15, 0.6], [17, 1.3], [19, 2.4]],
};
const FROM = {
  motorway: 9, trunk: 9, primary: 10, secondary: 11, tertiary: 12, minor: 13, pedestrian: 14, service: 14,
  track: 14, path: 15,
};
const MAJOR = new Set(["motorway", "trunk", "primary"]);
const CASED = ["service", "pedestrian", "minor", "tertiary", "secondary", "primary", "trunk", "motorway"];
const GREENS = [
  "farmland", "allotments", "grass", "cemetery", "park", "wood", "wetland", "sand", "pitch",
];
const LANDS = ["industrial", "institution", "parking", "square"];

const kindIs = (kind) => (zoom, feature) => feature.props.kind === kind;

/** Paint rules, bottom first, for the classes of protomaps-leaflet in `p`. */
export function paintRules(p, theme) {
  const polygon = (dataLayer, kind, minzoom) => ({
    dataLayer, minzoom, filter: kindIs(kind), symbolizer: new p.PolygonSymbolizer({ fill: theme[kind] }),
  });
  return [
    { dataLayer: "ground", symbolizer: new p.PolygonSymbolizer({ fill: theme.ground }) },
    ...LANDS.slice(0, 2).map((kind) => polygon("land", kind, 13)),
    ...GREENS.map((kind) => polygon("green", kind, 10)),
    ...LANDS.slice(2).map((kind) => polygon("land", kind, 14)),
    { dataLayer: "water", symbolizer: new p.PolygonSymbolizer({ fill: theme.water }) },
    { dataLayer: "islands", symbolizer: new p.PolygonSymbolizer({ fill: theme.ground }) },
    polygon("land", "pier", 13),
    ...waterways(p, theme),
    buildings(p, theme),
    ...tunnels(p, theme),
    ...rails(p, theme),
    ...roads(p, theme),
  ];
}

function waterways(p, theme) {
  const width = { river: [[10, 1], [14, 3], [18, 12]], canal: [[11, 0.8], [14, 2.5], [18, 10]] };
  return ["river", "canal", "stream", "ditch", "drain"].map((kind) => ({
    dataLayer: "waterways", minzoom: kind.length > 5 ? 13 : 11, filter: kindIs(kind),
    symbolizer: new p.LineSymbolizer({
      color: theme.waterLine, width: p.exp(1.4, width[kind] ?? [[13, 0.6], [18, 3]]), lineCap: "round", lineJoin: "round",
    }),
  }));
}

function buildings(p, theme) {
  return {
    dataLayer: "buildings", minzoom: 14,
    symbolizer: new p.PolygonSymbolizer({
      fill: theme.building, stroke: theme.buildingLine, width: (zoom) => (zoom >= 16 ? 0.8 : 0.01),
    }),
  };
}

function line(p, options) {
  return new p.LineSymbolizer({ lineCap: "round", lineJoin: "round", ...options });
}

function tunnels(p, theme) {
  const symbolizer = (kind) => new p.LineSymbolizer({
    color: theme.casing, width: p.exp(1.5, WIDTHS[kind]), dash: [6, 4], opacity: 0.7,
  });
  return CASED.filter((kind) => kind !== "service").map((kind) => ({
    dataLayer: "roads", minzoom: FROM[kind], symbolizer: symbolizer(kind),
    filter: (zoom, { props }) => props.kind === kind && props.tunnel === 1,
  }));
}

function rails(p, theme) {
  const above = (kinds) => (zoom, { props }) => kinds.includes(props.kind) && props.tunnel !== 1;
  const heavy = above(["rail", "light_rail", "narrow_gauge", "funicular"]);
  return [
    { dataLayer: "rails", minzoom: 15, filter: above(["tram"]),
      symbolizer: line(p, { color: theme.tram, width: p.exp(1.4, [[15, 0.7], [19, 2]]) }) },
    { dataLayer: "rails", minzoom: 12, filter: heavy,
      symbolizer: line(p, { color: theme.rail, width: p.exp(1.4, [[12, 0.7], [15, 1.6], [19, 4]]) }) },
    { dataLayer: "rails", minzoom: 15, filter: heavy,
      symbolizer: new p.LineSymbolizer({
        color: theme.ground, width: p.exp(1.4, [[15, 0.8], [19, 2.4]]), dash: [7, 7],
      }) },
  ];
}

const isRoad = (kind) => (zoom, { props }) =>
  props.kind === kind && props.tunnel !== 1 && (props.small !== 1 || zoom >= 17);

function roads(p, theme) {
  const width = (kind, more = 0) => {
    const inside = p.exp(1.5, WIDTHS[kind]);
    return (zoom) => inside(zoom) + more;
  };
  const lines = ["path", "track"].map((kind) => ({
    dataLayer: "roads", minzoom: FROM[kind], filter: isRoad(kind),
    symbolizer: new p.LineSymbolizer({ color: theme.path, width: width(kind), dash: kind === "path" ? [3, 2] : [7, 2] }),
  }));
  const casings = CASED.map((kind) => ({
    dataLayer: "roads", minzoom: Math.max(FROM[kind], 12), filter: isRoad(kind),
    symbolizer: line(p, { color: MAJOR.has(kind) ? theme.majorCasing : theme.casing, width: width(kind, 1.6) }),
  }));
  const insides = CASED.map((kind) => ({
    dataLayer: "roads", minzoom: FROM[kind], filter: isRoad(kind),
    symbolizer: line(p, { color: theme[kind] ?? theme.minor, width: width(kind) }),
  }));
  return [...lines, ...casings, ...insides];
}

/** Label rules, the most important first: an earlier label pushes a later one away. */
export function labelRules(p, theme) {
  return [
    place(p, theme, ["city", "town"], { minzoom: 9, maxzoom: 14, size: [[9, 13], [13, 20]], weight: 600, fill: theme.strong }),
    place(p, theme, ["suburb", "village", "borough", "quarter", "island"], {
      minzoom: 12, maxzoom: 16, size: [[12, 11], [16, 14]], weight: 600, fill: theme.text,
    }),
    ...["primary", "trunk", "motorway", "secondary", "tertiary"].map((kind) => street(p, theme, kind, 14, 11.5)),
    place(p, theme, ["station"], { minzoom: 15, size: [[15, 10.5], [18, 12]], weight: 600, fill: theme.station }),
    ...["minor", "pedestrian"].map((kind) => street(p, theme, kind, 15, 10.5)),
    ...areas(p, theme),
    place(p, theme, ["neighbourhood", "hamlet", "square"], {
      minzoom: 14, size: [[14, 10], [18, 12]], weight: 500, fill: theme.text,
    }),
    ...["service", "path"].map((kind) => street(p, theme, kind, 17, 10)),
    river(p, theme),
    number(p, theme),
  ];
}

const sized = (p, stops, weight, style = "") => {
  const size = p.linear(stops);
  return (zoom) => `${style}${weight} ${size(zoom)}px ${FAMILY}`;
};

function place(p, theme, kinds, { minzoom, maxzoom, size, weight, fill }) {
  return {
    dataLayer: "places", minzoom, maxzoom, filter: (zoom, { props }) => kinds.includes(props.kind),
    symbolizer: new p.CenteredTextSymbolizer({
      labelProps: ["name"], fill, stroke: theme.halo, width: 2.5, font: sized(p, size, weight), lineHeight: 1.2,
    }),
  };
}

function street(p, theme, kind, minzoom, size) {
  return {
    dataLayer: "street_names", minzoom, filter: kindIs(kind),
    symbolizer: new p.LineLabelSymbolizer({
      labelProps: ["name"], fill: theme.text, stroke: theme.halo, width: 2.5, position: 2,
      font: sized(p, [[minzoom, size], [18, size + 2]], 500), repeatDistance: 450,
    }),
  };
}

function areas(p, theme) {
  const label = (fill, filter) => ({
    dataLayer: "areas", minzoom: 14, filter,
    symbolizer: new p.CenteredTextSymbolizer({
      labelProps: ["name"], fill, stroke: theme.halo, width: 2, font: sized(p, [[13, 10], [18, 12]], 500, "italic "),
      lineHeight: 1.2,
    }),
  });
  const green = new Set(GREENS);
  return [
    label(theme.greenText, (zoom, { props }) => green.has(props.kind)),
    label(theme.waterText, (zoom, { props }) => props.kind === "water"),
    label(theme.text, (zoom, { props }) => props.kind === "square" || (props.kind === "institution" && zoom >= 17)),
  ];
}

function river(p, theme) {
  return {
    dataLayer: "water_names", minzoom: 13,
    symbolizer: new p.LineLabelSymbolizer({
      labelProps: ["name"], fill: theme.waterText, stroke: theme.halo, width: 2, position: 2,
      font: sized(p, [[13, 10], [18, 12]], 500, "italic "), repeatDistance: 600,
    }),
  };
}

function number(p, theme) {
  return {
    dataLayer: "numbers", minzoom: 17,
    symbolizer: new p.CenteredTextSymbolizer({
      labelProps: ["number"], fill: theme.number, stroke: theme.halo, width: 1.5, font: sized(p, [[17, 9], [19, 11]], 500),
    }),
  };
}
