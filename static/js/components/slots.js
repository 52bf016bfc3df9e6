// Which windows fit an order into its day as it is planned now, the cheapest first; a click writes one into the form.

import { api, ApiError } from "../core/api.js";
import { h, setText } from "../core/dom.js";

const UNSENT = new Set(["csrfmiddlewaretoken", "external_id", "shop", "barcodes", "service_level", "window_start", "window_end", "recipient", "phone", "email", "note", "note_dispatch", "version", "seen"]);

/** The order's words that say where, when and what, by the names of the API; empty ones are left out. */
export function asked(entries) {
  const row = {};
  for (const [name, value] of entries) if (!UNSENT.has(name) && value.trim() !== "") row[name] = value;
  return row;
}

/** `pin()`: where the order is known to stand, if nothing in the form says it; `fmt`: the station's formats. */
export function slots(root, form, { pin, fmt }) {
  const [button, status, list] = [root.querySelector("button"), root.querySelector("p"), root.querySelector("ul")];
  const take = (slot) => {
    form.elements.window_start.value = fmt.time(slot.start);
    form.elements.window_end.value = fmt.time(slot.end);
    form.elements.window_end.focus();
  };
  const shown = (slot) => h("li", {}, h("button", { type: "button", class: "button button--small", onclick: () => take(slot) },
    h("span", { class: "num" }, fmt.window(slot.start, slot.end)), " ", h("span", { class: "muted num" }, fmt.signed(slot.cents, fmt.money))));
  root.hidden = false;
  button.addEventListener("click", async () => {
    const row = asked(new FormData(form));
    const at = pin();
    if (!row.lat && at) [row.lat, row.lng] = at;
    if (root.dataset.order) row.order_id = Number(root.dataset.order);
    button.disabled = true;
    try {
      const { slots: found } = await api(root.dataset.url, { method: "POST", body: row });
      list.replaceChildren(...found.map(shown));
      setText(status, found.length ? "" : root.dataset.none);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      list.replaceChildren();
      setText(status, [error.cause || root.dataset.failed, error.action].filter(Boolean).join(" "));
    } finally {
      button.disabled = false;
    }
  });
}
