// Loops of points: what lies inside. Pure.

/** Whether a point lies inside a loop of points, by how often a line to the right crosses it. */
export function inside([x, y], loop) {
  let odd = false;
  for (let i = 0, j = loop.length - 1; i < loop.length; j = i++) {
    const [ax, ay] = loop[i], [bx, by] = loop[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/** The names of the zones that a place lies in, with commas between; zones have corners of latitude and longitude. */
export const zonesOf = ({ lat, lng }, zones) =>
  lat === null ? "" : zones.filter((zone) => zone.polygon.length > 2 && inside([lat, lng], zone.polygon)).map((zone) => zone.name).join(", ");
