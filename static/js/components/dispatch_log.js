// Who did what with the day, newest first; each line leads to its route.

import { h } from "../core/dom.js";
import { S } from "../core/strings.js";
import { colourOf, inkOn } from "../map/palette.js";

const SOON_MS = 600;

function swatch(app, route) {
  const button = h("button", { type: "button", class: "route__swatch log__route", onclick: () => app.selectRoute(route.id) }, route.name);
  button.style.backgroundColor = colourOf(route.colour);
  button.style.color = inkOn(colourOf(route.colour));
  return button;
}

export function dispatchLog(root, app) {
  const list = h("ol", { class: "log__list" });
  const more = h("button", { type: "button", class: "button button--small", hidden: true, onclick: () => fetchMore() }, S.logEarlier);
  const filter = h("input", { type: "search", class: "log__filter", placeholder: S.logFilter, "aria-label": S.logFilter, oninput: () => draw() });
  root.replaceChildren(filter, h("div", { class: "log__scroll", tabindex: "0", "aria-label": S.logTitle }, list, more));
  let entries = [];
  let timer = null, seq = null;

  async function fetchNewest() {
    const answer = await app.do.log();
    if (!answer) return;
    const newest = new Set(answer.entries.map((one) => one.id));
    entries = [...answer.entries, ...entries.filter((one) => !newest.has(one.id) && one.id < (answer.entries.at(-1)?.id ?? Infinity))];
    more.hidden = entries.length === answer.entries.length && !answer.more;
    draw();
  }

  async function fetchMore() {
    const answer = await app.do.log(entries.at(-1)?.id);
    if (!answer) return;
    entries = [...entries, ...answer.entries];
    more.hidden = !answer.more;
    draw();
  }

  function draw() {
    const words = filter.value.trim().toLocaleLowerCase();
    const named = (one) => one.route_ids.map((id) => app.state.routes.get(id)).filter(Boolean);
    const shown = entries.filter((one) => !words || `${one.actor} ${one.words} ${named(one).map((route) => route.name).join(" ")}`.toLocaleLowerCase().includes(words));
    list.replaceChildren(...shown.map((one) => h("li", { class: "log__line" },
      h("time", { class: "num muted", datetime: one.at }, app.fmt.time(one.at)), h("strong", {}, one.actor), h("span", {}, one.words), named(one).slice(0, 6).map((route) => swatch(app, route)))));
    if (!shown.length) list.append(h("li", { class: "empty" }, S.logEmpty));
  }

  return {
    render(state, ui) {
      root.hidden = ui.drawer !== "log";
      if (root.hidden || seq === state.seq) return;
      const first = seq === null;
      seq = state.seq;
      clearTimeout(timer);
      timer = setTimeout(fetchNewest, first ? 0 : SOON_MS);
    },
  };
}
