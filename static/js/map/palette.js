// Route colours. Neighbours differ in hue and in lightness, so that people who see fewer hues tell them apart as well;
// number pins and names say the same without colour. From the seventeenth route on, lines are dashed too.

export const PALETTE = [
  "#2563c9", "#d9730d", "#15803d", "#b4267e", "#0e9bb3", "#7a4b12", "#7c4ddb", "#c9352b",
  "#5f8a00", "#1e3a8a", "#e05c94", "#0f6b63", "#a37f00", "#8c3fae", "#4a9be8", "#8f1d3f",
];

export const colourOf = (index) => PALETTE[index % PALETTE.length];
export const dashOf = (index) => (Math.floor(index / PALETTE.length) % 2 ? "10 5" : null);

/** White or black, whichever reads better on the colour: with pure black it is 4.5:1 or more on any colour. */
export function inkOn(colour) {
  const light = luminance(colour);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/** Relative luminance of "#rrggbb". */
export function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Colours of the map's own marks, which a canvas cannot take from the style sheet. */
export const MARKS = {
  light: { halo: "#ffffff", text: "#16202b", unassigned: "#4a5563", late: "#f0a800", failed: "#c8281c", select: "#16202b", dim: 0.28, onTime: "#17734a", behindTrack: "#f3c1bc", muted: "#536070" },
  dark: { halo: "#10151b", text: "#e7ecf2", unassigned: "#c3ccd6", late: "#f2b93b", failed: "#e5534b", select: "#ffffff", dim: 0.35, onTime: "#58c896", behindTrack: "#6b2d2a", muted: "#9dabba" },
};
