// Releasing routes to their drivers. Whatever a route breaks needs a reason with somebody's name under it.

import { h, icon } from "../core/dom.js";
import { brokenRule } from "../core/sentences.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";
import { dialog } from "./dialog.js";
import { toast } from "./toasts.js";

// What the station has priced asks for nobody's name.
const unpriced = (route) => route.violations.filter((one) => one.cents === undefined);
const codes = (route) => [...new Set(unpriced(route).map((one) => one.code))];

function line(app, route) {
  const swatch = h("span", { class: "route__swatch" }, route.name);
  swatch.style.backgroundColor = colourOf(route.colour);
  swatch.style.color = inkOn(colourOf(route.colour));
  const check = h("input", { type: "checkbox", checked: true, "aria-label": `${S.releaseOne} ${route.name}` });
  const driver = app.state.drivers.get(route.driver_id);
  const element = h("li", { class: "release" }, h("label", { class: "release__head" }, check, swatch, h("span", { class: driver ? "" : "is-missing" }, driver?.name ?? S.noDriver),
    h("span", { class: "muted num" }, `${S.stops(route.stops.length)}, ${app.fmt.time(route.start_at)}`)),
  route.violations.length > 0 && h("ul", { class: "route__wrong" }, route.violations.map((one) => h("li", {}, icon("alert"), h("span", {}, brokenRule(one, app.fmt))))));
  return { element, check, route };
}

export function releaseDialog(app, routes) {
  const lines = routes.map((route) => line(app, route));
  const broken = routes.some((route) => unpriced(route).length);
  const reason = h("textarea", { id: "release-reason", rows: 2, maxlength: 300, placeholder: S.releaseReasonExample });
  const problem = h("p", { class: "field__error", role: "alert" });
  const go = h("button", { type: "button", class: "button button--primary" }, S.releaseOne);
  const body = [
    h("p", { class: "muted" }, S.releaseHelp),
    h("ul", { class: "release__list" }, lines.map((one) => one.element)),
    broken && h("div", { class: "field" }, h("label", { for: "release-reason" }, S.releaseReason), reason,
      h("p", { class: "field__help" }, S.releaseReasonHelp), problem),
  ];
  const { close } = dialog(S.releaseMany(routes.length), body, [h("button", { type: "button", class: "button", onclick: () => close() }, S.cancel), go]);
  (broken ? reason : go).focus();

  go.addEventListener("click", async () => {
    const chosen = lines.filter((one) => one.check.checked).map((one) => app.state.routes.get(one.route.id)).filter(Boolean);
    const words = reason.value.trim();
    if (!words && chosen.some((route) => unpriced(route).length)) {
      problem.textContent = S.releaseReasonMissing;
      reason.focus();
      return;
    }
    go.disabled = true;
    let released = 0;
    for (const route of chosen) {
      const overrides = Object.fromEntries(codes(route).map((code) => [code, words]));
      if (await app.do.release(route, { overrides })) released += 1;
    }
    close();
    if (released) toast({ text: S.released(released), kind: "success" });
  });
}
