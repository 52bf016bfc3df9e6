// What the map's marks mean.

import { h } from "../core/dom.js";
import { PALETTE } from "../map/palette.js";
import { S } from "../core/strings.js";

const SVG = "http://www.w3.org/2000/svg";

function mark(...shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "legend__mark");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes, text] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    if (text) shape.textContent = text;
    svg.append(shape);
  }
  return svg;
}

const disc = (fill, stroke) => ["circle", { cx: 12, cy: 12, r: 8, fill, stroke, "stroke-width": 2 }];
const tick = (stroke) => ["path", { d: "m8 12.5 3 2.5 5-6", fill: "none", stroke, "stroke-width": 2 }];
const route = PALETTE[0];

export function legend() {
  const rows = [
    [mark(disc("var(--map-halo)", "var(--unassigned)")), S.legend.unassigned],
    [mark(disc(route, "var(--map-halo)"), ["text", { x: 12, y: 15.5, "text-anchor": "middle", "font-size": 10, "font-weight": 600, fill: "#fff" }, "7"]), S.legend.stop],
    [mark(disc("var(--map-halo)", route), tick(route)), S.legend.done],
    [mark(["rect", { x: 4, y: 4, width: 16, height: 16, fill: "var(--bad-fill)" }], ["path", { d: "m8 8 8 8M16 8l-8 8", stroke: "#fff", "stroke-width": 2 }]), S.legend.failed],
    [mark(disc(route, "var(--map-halo)"), ["circle", { cx: 18, cy: 6, r: 4.5, fill: "var(--warn-fill)", stroke: "var(--map-halo)" }]), S.legend.late],
    [mark(["path", { d: "M2 12h20", stroke: route, "stroke-width": 4 }]), S.legend.ahead],
    [mark(["path", { d: "M2 12h20", stroke: route, "stroke-width": 2.5, opacity: 0.45 }]), S.legend.driven],
    [mark(["path", { d: "M1 12h22", stroke: route, "stroke-width": 3.5, "stroke-dasharray": "6 4" }]), S.legend.proposed],
    [mark(["path", { d: "M12 1l4 6H8z", fill: route }], ["circle", { cx: 12, cy: 14, r: 7, fill: route }], ["path", { d: "M12 5.5a8.5 8.5 0 0 1 8.5 8.5", fill: "none", stroke: "var(--ok)", "stroke-width": 2.5 }]), S.legend.van],
    [mark(disc(route, "var(--map-halo)"), ["circle", { cx: 12, cy: 12, r: 10, fill: "none", stroke: "var(--bad-fill)", "stroke-width": 2.5 }]), S.legend.vanLate],
    [mark(["circle", { cx: 12, cy: 12, r: 8, fill: route, opacity: 0.4, stroke: "var(--line-strong)", "stroke-width": 2, "stroke-dasharray": "3 3" }]), S.legend.silent],
    [mark(["rect", { x: 5, y: 5, width: 14, height: 14, rx: 2, fill: "var(--text)" }]), S.legend.station],
  ];
  return rows.map(([symbol, words]) => h("li", {}, symbol, h("span", {}, words)));
}
