// Encoded polylines (precision 5) as lists of [lat, lng], and what the map cuts out of them. Pure.

/** Decode; throws on text that ends inside a number. */
export function decode(text, precision = 5) {
  const factor = 10 ** precision;
  const points = [];
  let index = 0, lat = 0, lng = 0;
  const next = () => {
    let shift = 0, result = 0, byte;
    do {
      if (index >= text.length) throw new Error("The line ends inside a number.");
      byte = text.charCodeAt(index++) - 63;
      result |= (byte & 0x1f) << shift;
      shift += 5;
    } while (byte >= 0x20);
    return result & 1 ? ~(result >> 1) : result >> 1;
  };
  while (index < text.length) {
    lat += next();
    lng += next();
    points.push([lat / factor, lng / factor]);
  }
  return points;
}

/**
 * Cut a route's line where the last done stop stands: {done, ahead}, sharing the point of the cut.
 * Stops are passed in order, so that a line that crosses itself is cut at the right passage.
 */
export function cut(points, stops, doneCount) {
  if (!doneCount || points.length < 2) return { done: [], ahead: points };
  let from = 0;
  for (const stop of stops.slice(0, doneCount)) from = nearestFrom(points, from, stop, points.length);
  return { done: points.slice(0, from + 1), ahead: points.slice(from) };
}

function nearestFrom(points, from, { lat, lng }, limit) {
  const shrink = Math.cos((lat * Math.PI) / 180);
  const near = (40 / 111_320) ** 2; // the first passage within 40 m is the visit
  let best = from, bestDistance = Infinity;
  for (let i = from; i < limit; i += 1) {
    const distance = (points[i][0] - lat) ** 2 + ((points[i][1] - lng) * shrink) ** 2;
    if (distance < bestDistance) {
      best = i;
      bestDistance = distance;
    } else if (bestDistance < near && distance > bestDistance * 4 && distance > near) break;
  }
  return best;
}
