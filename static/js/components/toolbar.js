// The board's bar: day, the station's clock, whether what one sees is live, and the day in numbers.

import { dayAfter } from "../core/clock.js";
import { setText } from "../core/dom.js";
import { progressOf, remembered, unassigned } from "../core/select.js";
import { S } from "../core/strings.js";

/** The chip's tone and words for a state of the connection: {tone, words}. */
export function liveWords({ state, since }, may, time) {
  if (!may) return { tone: "quiet", words: S.readOnly };
  if (state === "open") return { tone: "ok", words: S.live };
  if (state === "refused") return { tone: "bad", words: S.refused };
  if (since === null) return { tone: "quiet", words: S.connecting };
  return { tone: "warn", words: S.delayed(time(since)) };
}

const summary = remembered((orders, routes) => {
  let late = 0, done = 0, stops = 0;
  for (const route of routes.values()) {
    const progress = progressOf(route);
    late += progress.late;
    done += progress.done;
    stops += progress.total;
  }
  return { orders: orders.size, open: unassigned(orders).length, routes: routes.size, late, done, stops };
});

export function toolbar(root, app) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const day = part("day"), clock = part("clock"), speed = part("speed"), chip = part("live"), release = part("release");
  const go = (value) => value && value !== app.ui.day && app.showDay(value);
  day.addEventListener("change", () => go(day.value));
  part("day-before").addEventListener("click", () => go(dayAfter(day.value, -1)));
  part("day-after").addEventListener("click", () => go(dayAfter(day.value, 1)));
  part("today").addEventListener("click", () => app.showDay(null));
  part("optimize")?.addEventListener("click", () => app.optimizeDialog());
  release?.addEventListener("click", () => app.releaseDialog(app.releasable()));

  return {
    tick() {
      if (!app.state) return;
      setText(clock, app.fmt.timeWithSeconds(app.now()));
      const rate = app.state.station.clock.speed;
      speed.hidden = rate === 1;
      setText(speed, `×${rate}`);
    },
    render(state, ui) {
      if (document.activeElement !== day) day.value = ui.day ?? state.day;
      const { tone, words } = liveWords(ui.live, app.may, app.fmt.time);
      chip.dataset.tone = tone;
      setText(chip.lastElementChild, words);
      const counts = summary(state.orders, state.routes);
      setText(part("sum-orders"), app.fmt.number(counts.orders));
      setText(part("sum-done"), `${app.fmt.number(counts.done)} / ${app.fmt.number(counts.stops)}`);
      setText(part("sum-late"), app.fmt.number(counts.late));
      part("sum-late").parentElement.classList.toggle("is-late", counts.late > 0);
      if (release) {
        const ready = app.releasable().length;
        release.disabled = ready === 0;
        setText(release, ready ? S.releaseMany(ready) : S.releaseOne);
      }
    },
  };
}
