// What the pointer is over in one view is lit in the others: rows, tiles and lines of the table, and a ring on the map.

const MOST = 12; // rings: a stop has a few orders, not a hundred

/** The orders that a row, a tile or a line of the table stands for. */
export const idsOf = ({ dataset }) => (dataset.orders ?? dataset.order ?? "").split(",").filter(Boolean).map(Number);

/** Everything that stands for one of these orders, as a selector. */
export const selectorOf = (ids) =>
  ids.flatMap((id) => [`[data-order="${id}"]`, `[data-orders="${id}"]`, `[data-orders^="${id},"]`, `[data-orders$=",${id}"]`, `[data-orders*=",${id},"]`]).join();

/** @returns {(ids: number[]) => void} lights these orders, or with none puts all lights out */
export function hovers(root, app) {
  let now = "";
  let lit = [];

  function show(ids) {
    const key = ids.join();
    if (key === now) return;
    now = key;
    for (const element of lit) element.classList.remove("is-hovered");
    lit = ids.length ? [...root.querySelectorAll(selectorOf(ids))] : [];
    for (const element of lit) element.classList.add("is-hovered");
    const orders = ids.map((id) => app.state.orders.get(id)).filter((order) => order && order.lat !== null);
    app.map.ring(orders.slice(0, MOST));
  }

  root.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || event.buttons) return;
    const row = event.target.closest("[data-orders], [data-order]");
    show(row ? idsOf(row) : []);
  });
  root.addEventListener("pointerleave", () => show([]));
  return show;
}
