// The present beside a proposal: a second map that moves with the first and shows the day as it stands.

import { currentPlan } from "../core/select.js";
import { boardMap } from "./board_map.js";

/** Two maps that always show the same piece of the city. */
function together(one, other) {
  let leading = false;
  const follow = (from, to) => () => {
    if (leading) return;
    leading = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    leading = false;
  };
  one.on("move", follow(one, other));
  other.on("move", follow(other, one));
}

/**
 * @param {HTMLElement} board gets the class `is-beside` while both maps are shown
 * @param {HTMLElement} root where the second map goes
 */
export function beside(board, root, app) {
  let present = null;
  let shown = false;
  return {
    render(state, ui) {
      const wanted = ui.beside && currentPlan(state.plans, ui.plan)?.state === "proposed";
      if (ui.beside && !wanted) app.set({ beside: false }); // accepted, discarded, or another day
      if (wanted !== shown) {
        shown = wanted;
        board.classList.toggle("is-beside", shown);
        root.hidden = !shown;
        if (shown && present) present.leaflet.invalidateSize();
      }
      if (!shown) return;
      const first = !present;
      present ??= boardMap(root, app);
      present.render(state, { ...ui, showProposal: false });
      if (!first) return;
      together(app.map.leaflet, present.leaflet);
      requestAnimationFrame(() => requestAnimationFrame(() => app.map.fit(app.state)));
    },
  };
}
