// Choosing what lies in an area: a box by Shift and drag, or a loop drawn by hand after the button was pressed.

import { inside } from "../core/loop.js";

/** The corners of a box between two points. */
export const box = ([ax, ay], [bx, by]) => [[ax, ay], [bx, ay], [bx, by], [ax, by]];

const SLOP = 4;

/** The click that a browser sends after the drag would clear what was just chosen. */
function swallowClick(root) {
  const swallow = (event) => event.stopPropagation();
  root.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => root.removeEventListener("click", swallow, { capture: true }), 50);
}

/**
 * @param {object} L
 * @param {object} map
 * @param {(inLoop: (point: [number, number]) => boolean, event: PointerEvent) => void} choose
 * @param {(on: boolean) => void} [onMode] told when drawing begins and ends
 * @returns {{draw: () => void, stop: () => void}} `draw` makes the next drag a loop, or not after all
 */
export function areas(L, map, choose, onMode = () => {}) {
  const root = map.getContainer();
  const shape = L.polygon([], { color: "#1d5bb8", weight: 1.5, fillOpacity: 0.12, interactive: false });
  let mode = false;

  const at = (event) => {
    const edge = root.getBoundingClientRect();
    return [event.clientX - edge.left, event.clientY - edge.top];
  };

  function begin(event) {
    const free = mode;
    if (event.button !== 0 || (!free && !event.shiftKey) || event.target.closest(".leaflet-control, .leaflet-marker-icon")) return;
    event.preventDefault();
    event.stopPropagation();
    map.dragging.disable();
    const start = at(event);
    let loop = [start];
    root.setPointerCapture(event.pointerId);
    shape.setLatLngs([]).addTo(map);

    const move = (moved) => {
      const here = at(moved);
      loop = free ? [...loop, here] : box(start, here);
      shape.setLatLngs(loop.map((point) => map.containerPointToLatLng(point)));
    };
    const end = (last) => {
      root.removeEventListener("pointermove", move);
      root.removeEventListener("pointerup", end);
      root.removeEventListener("pointercancel", end);
      map.dragging.enable();
      shape.remove();
      stop();
      const here = at(last);
      if (last.type === "pointercancel" || loop.length < 3 || (!free && Math.hypot(here[0] - start[0], here[1] - start[1]) < SLOP)) return;
      swallowClick(root);
      choose((point) => inside(point, loop), last);
    };
    root.addEventListener("pointermove", move);
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
  }

  function stop() {
    mode = false;
    root.classList.remove("is-drawing");
    onMode(false);
  }

  root.addEventListener("pointerdown", begin, true);
  return {
    draw() {
      if (mode) return stop();
      mode = true;
      root.classList.add("is-drawing");
      onMode(true);
    },
    stop,
  };
}
