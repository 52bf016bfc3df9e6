// The talk with one driver: what was said, what was confirmed and when, and a line to write.

import { h } from "../core/dom.js";
import { eventId } from "../core/event_id.js";
import { S } from "../core/strings.js";
import { dialog } from "./dialog.js";

function line(message, fmt) {
  const done = message.confirmed_at && (message.from_driver ? S.readAt : S.understoodAt)(fmt.time(message.confirmed_at));
  const state = done ?? (message.from_driver ? S.notRead : S.notConfirmed);
  return h("li", { class: `talk__line${message.from_driver ? "" : " talk__line--ours"}` },
    h("p", { class: "talk__words" }, message.words),
    h("p", { class: "muted num" }, `${message.from_driver ? "" : `${message.actor.replace(/^user:/, "")}, `}${fmt.time(message.at)} · `,
      h("span", { class: message.confirmed_at ? "" : "talk__waiting" }, state)));
}

/** Opens it. Returns {refresh}: to be called when something was said or confirmed. */
export function messageDialog({ name, driver, may, fmt, history, send, seen, closed }) {
  const list = h("ol", { class: "talk", "aria-label": S.messagesWith(name), "aria-live": "polite" });
  const words = h("textarea", { rows: 3, maxlength: 500, required: true, id: "talk-words" });
  const trouble = h("p", { class: "field__error", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "button button--primary" }, S.send);
  const form = h("form", { class: "form" },
    h("div", { class: "field" }, h("label", { for: "talk-words" }, S.writeTo(name)), words), trouble,
    h("div", { class: "actions" }, driver?.phone && h("a", { class: "button", href: `tel:${driver.phone}` }, S.callDriver), button));
  const { element } = dialog(S.messagesWith(name), [list, may && form].filter(Boolean));
  let id = eventId();
  element.addEventListener("close", closed);

  function say(text) {
    trouble.textContent = text;
    trouble.hidden = !text;
  }

  async function refresh() {
    let all;
    try {
      all = await history();
    } catch (error) {
      say(`${error.cause} ${error.action}`);
      return;
    }
    list.replaceChildren(...(all.length ? all.map((one) => line(one, fmt)) : [h("li", { class: "muted" }, S.noMessages)]));
    list.scrollTop = list.scrollHeight;
    const unread = all.filter((one) => one.from_driver && !one.confirmed_at);
    if (may && unread.length) await seen(unread.at(-1).id).catch(() => {}); // asked again with the next look
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    say("");
    try {
      await send(words.value, id);
      words.value = "";
      id = eventId();
      await refresh();
    } catch (error) {
      say(`${error.cause} ${error.action}`);
    } finally {
      button.disabled = false;
    }
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    event.stopPropagation(); // the board's keys are letters
  });
  refresh();
  if (may) words.focus();
  return { refresh };
}
