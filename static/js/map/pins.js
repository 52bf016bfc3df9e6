// All pins of the map: kept by key, touched only where what they show has changed.

import { pinClass } from "./pin.js";

const SIZES = [[11, 3.2], [12, 4.2], [13, 6], [14, 8], [15, 9.5]];
export const radiusAt = (zoom) => (SIZES.findLast(([from]) => zoom >= from) ?? [0, 2.6])[1];

/**
 * @param {object} L
 * @param {object} map
 * @param {object} renderer the one canvas
 * @param {{over: Function, out: Function, press: Function, click: Function}} on handlers, called with a pin's `about`
 */
export function pins(L, map, renderer, on) {
  const Pin = pinClass(L);
  const shown = new Map();

  function make(key, look) {
    const pin = new Pin([look.lat, look.lng], { ...look.style, renderer, radius: radiusAt(map.getZoom()) });
    pin.about = look.about;
    pin.on("mouseover", () => on.over(pin));
    pin.on("mouseout", () => on.out(pin));
    pin.on("mousedown", (event) => on.press(pin.about, event.originalEvent));
    pin.on("click", (event) => {
      L.DomEvent.stop(event);
      on.click(pin.about, event.originalEvent);
    });
    pin.addTo(map);
    shown.set(key, pin);
    return pin;
  }

  function change(pin, look) {
    pin.about = look.about;
    const at = pin.getLatLng();
    if (at.lat !== look.lat || at.lng !== look.lng) pin.setLatLng([look.lat, look.lng]);
    const old = pin.options;
    if (Object.keys(look.style).some((name) => old[name] !== look.style[name])) pin.setStyle(look.style);
  }

  map.on("zoomend", () => {
    const radius = radiusAt(map.getZoom());
    for (const pin of shown.values()) if (pin.getRadius() !== radius) pin.setRadius(radius);
  });

  return {
    /** Show exactly these: Map key -> {lat, lng, about, style}. */
    show(looks) {
      for (const [key, pin] of shown) {
        if (looks.has(key)) continue;
        pin.remove();
        shown.delete(key);
      }
      for (const [key, look] of looks) {
        const pin = shown.get(key);
        if (!pin) make(key, look);
        else if (pin.look !== look) change(pin, look);
        shown.get(key).look = look;
      }
    },
    /** The pin nearest to a point of the map's container, within `reach` pixels. */
    nearest(point, reach) {
      let best = null, distance = reach;
      for (const pin of shown.values()) {
        const away = map.latLngToContainerPoint(pin.getLatLng()).distanceTo(point);
        if (away <= distance) {
          best = pin;
          distance = away;
        }
      }
      return best;
    },
    /** What the pins at points of the map's container stand for, where `inLoop([x, y])`. */
    within(inLoop) {
      const found = [];
      for (const pin of shown.values()) {
        const { x, y } = map.latLngToContainerPoint(pin.getLatLng());
        if (pin.about.type !== "proposed" && inLoop([x, y])) found.push(pin.about);
      }
      return found;
    },
    /** Draw a route's pins over all others. */
    front(routeId) {
      for (const pin of shown.values()) if (pin.about.routeId === routeId) pin.bringToFront();
    },
  };
}
