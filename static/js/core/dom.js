// Building the page out of elements, never out of strings of markup: data is only ever text.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("button", {type: "button", onclick, dataset: {...}, "aria-label": "…"}, "Text", child)`. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) assign(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function assign(element, name, value) {
  if (value === null || value === undefined) return;
  if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "class") element.className = value;
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (typeof value === "boolean" && !name.startsWith("aria-")) element.toggleAttribute(name, value);
  else element.setAttribute(name, value);
}

const ICONS = {
  alert: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  close: "m6 6 12 12M18 6 6 18",
  down: "m6 9 6 6 6-6",
  early: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M15 12H9m2.5-2.5L9 12l2.5 2.5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  eyeOff: "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.6 3.3M6.3 7.8A16.5 16.5 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 3.7-.8",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  key: "M4 6.5h16v11H4zM7 10h.1M10.5 10h.1M14 10h.1M17 10h.1M8 14h8",
  late: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5v5.5M12 16v.1",
  legend: "M5 6h.1M5 12h.1M5 18h.1M9.5 6H20M9.5 12H20M9.5 18H20",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.6-1.6",
  more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
  next: "m9 6 6 6-6 6",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11M12 7.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4",
  previous: "m15 6-6 6 6 6",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20",
  solo: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3",
  spark: "M13 3 5 13.5h6L10 21l8-10.5h-6z",
  timeline: "M4 6h8M8 12h9M13 18h7",
  truck: "M3 6.5h10.5v10H3zM13.5 10h4l3 3.5v3h-7M7 18.5a1.8 1.8 0 1 0 0-.1M17 18.5a1.8 1.8 0 1 0 0-.1",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Set text only where it differs, so that a steady page costs nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Make the children of `parent` follow `items`: elements are kept by key, made, moved, updated and removed as needed.
 * `create(item)` gives {element, update(item)}; the element carries nothing of the bookkeeping.
 */
export function keyedList(parent, { key, create }) {
  let shown = new Map();
  return {
    render(items, ...context) {
      const next = new Map();
      let place = parent.firstElementChild;
      for (const item of items) {
        const id = key(item);
        const row = shown.get(id) ?? create(item);
        if (row.element !== place) parent.insertBefore(row.element, place);
        else place = place.nextElementSibling;
        row.update(item, ...context);
        next.set(id, row);
        shown.delete(id);
      }
      for (const row of shown.values()) row.element.remove();
      shown = next;
    },
    get: (id) => shown.get(id),
  };
}
