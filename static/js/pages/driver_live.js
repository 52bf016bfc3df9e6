// The part of a driver's page that follows the route: fetched again when the server nudges, and after a lost connection.

import { openSocket } from "../core/socket.js";

const SOON_MS = 150; // several nudges of one change are one look
const ETA_MS = 15_000; // times creep: no need to fetch each

/** When to fetch after a nudge: at once for what matters, seldom for times. Pure. */
export const delayOf = (name, sinceLast) => (name === "eta" ? Math.max(SOON_MS, ETA_MS - sinceLast) : SOON_MS);

export function liveRegion(region, { onReturn = () => {}, open = openSocket } = {}) {
  const offline = document.getElementById("offline");
  const said = document.getElementById("said");
  let shown = region.innerHTML;
  let known = new Date(); // when the page was last in step
  let last = performance.now();
  let timer = null;
  let due = Infinity;
  let fetching = false;
  let again = false;
  let lost = false;

  function soon(name) {
    const at = performance.now() + delayOf(name, performance.now() - last);
    if (at >= due) return;
    due = at;
    clearTimeout(timer);
    timer = setTimeout(refetch, at - performance.now());
  }

  async function refetch() {
    due = Infinity;
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      await look();
    } finally {
      fetching = false;
    }
    if (again) {
      again = false;
      soon("route");
    }
  }

  async function look() {
    let response;
    try {
      response = await fetch(region.dataset.live, { credentials: "same-origin", cache: "no-store" });
    } catch {
      gone();
      return;
    }
    if (response.redirected || response.status === 401 || response.status === 403) return leave();
    if (response.status === 404) return lose();
    if (!response.ok) return gone();
    last = performance.now();
    show(await response.text());
    back();
  }

  function show(html) {
    if (plain(html) === plain(shown)) return;
    const held = document.activeElement?.id;
    const inside = region.contains(document.activeElement);
    const open = new Set([...region.querySelectorAll("details[open]")].map((one) => one.id));
    const next = new DOMParser().parseFromString(html, "text/html");
    region.replaceChildren(...next.body.childNodes);
    for (const one of region.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
    if (inside && held) document.getElementById(held)?.focus({ preventScroll: true });
    shown = html;
    said.textContent = "";
    said.textContent = said.dataset.changed;
  }

  function gone() {
    if (!lost) {
      const time = known.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      offline.textContent = offline.dataset.words.replace("{time}", time);
      offline.hidden = false;
    }
    lost = true;
  }

  function back() {
    known = new Date();
    offline.hidden = true;
    if (lost) onReturn();
    lost = false;
  }

  /** The stop is not ours any more: ask what became of its orders, they may be handed over already. */
  function lose() {
    const orders = [...document.querySelectorAll("[data-report] [name=orders]")].map((one) => one.value);
    location.assign(`${region.dataset.gone}?orders=${[...new Set(orders)].join(",")}`);
  }

  function leave() {
    location.assign(region.dataset.signIn);
  }

  const scheme = location.protocol === "https:" ? "wss" : "ws";
  open({
    url: `${scheme}://${location.host}/ws/driver/`,
    counts: (frame) => frame.type !== "hello",
    onFrame(frame) {
      known = new Date();
      if (frame.type === "hello") soon("route"); // whatever happened while nobody listened
      else if (frame.name !== "beat") soon(frame.name);
    },
    onState(state) {
      if (state === "refused") leave();
      if (state === "waiting") gone();
    },
  });
  addEventListener("online", () => soon("route"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon("route"));
}

/** Without what differs each time and means nothing: the form tokens. */
export const plain = (html) => html.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").trim();
