// Says where this page is and shows who else is here: initials in the bar, on the routes they have open or drag to.

import { h } from "../core/dom.js";
import { heard, initials, others } from "../core/presence.js";
import { S } from "../core/strings.js";

const AGAIN_MS = 20_000, SOON_MS = 250;

export function presence(root, app, say) {
  const me = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  const list = root.querySelector('[data-part="people"]');
  let pages = new Map();
  let told = "", timer = null;
  let dragging = [];
  let shown = "";

  function tell(asks = false) {
    clearTimeout(timer);
    timer = setTimeout(() => tell(), AGAIN_MS);
    if (!app.state) return;
    const here = { page: me, day: app.state.day, route_id: app.ui.focusRoute, dragging };
    told = JSON.stringify(here);
    say({ here: asks ? { ...here, asks } : here });
  }

  function soon() {
    const now = JSON.stringify({ page: me, day: app.state.day, route_id: app.ui.focusRoute, dragging });
    if (now === told) return;
    clearTimeout(timer);
    timer = setTimeout(() => tell(), SOON_MS);
  }

  function show(people) {
    const key = JSON.stringify(people);
    if (key === shown) return;
    shown = key;
    list.hidden = people.length === 0;
    list.replaceChildren(...people.map((one) => {
      const at = one.routeIds.map((id) => app.state.routes.get(id)?.name).filter(Boolean).join(", ");
      const words = [one.name, one.dragging.length ? S.drags(one.dragging.length) : at && S.looksAt(at)].filter(Boolean).join(": ");
      return h("li", { class: `person ${one.dragging.length ? "is-busy" : ""}`, title: words, "aria-label": words }, initials(one.name));
    }));
    app.set({ others: people });
  }

  return {
    /** The connection stands: say hello, and ask the others to. */
    arrive: () => tell(true),
    drags(orderIds) {
      dragging = orderIds.slice(0, 50);
      soon();
    },
    heard(frame) {
      if (frame.type !== "live" || frame.name !== "person.here") return;
      pages = heard(pages, frame.data, Date.now());
      if (frame.data.asks && frame.data.page !== me) setTimeout(() => tell(), SOON_MS * (1 + 3 * Math.random()));
      app.frames.schedule();
    },
    render(state) {
      soon();
      show(others(pages, me, state.day, Date.now()));
    },
  };
}
