// The scanning page: a scanner types a barcode and Enter; the answer stands large, in colour and sound; nothing is lost.

import { api } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { eventId } from "../core/event_id.js";
import { outbox } from "../core/outbox.js";

const root = document.getElementById("floor");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const words = root.dataset;
const { station, day } = root.dataset;
const input = part("barcode"), route = part("route"), answer = part("answer"), recent = part("recent");
const REFRESH_MS = 800, RECENT = 12;
const TONES = { good: [880, 0.09], again: [560, 0.09], bad: [180, 0.4] };

let audio = null;
/** A high short tone for good, a middle one for a repetition, a low long one for a refusal. */
function sound(kind) {
  const [hertz, seconds] = TONES[kind];
  audio ??= new AudioContext();
  const tone = audio.createOscillator(), loud = audio.createGain();
  tone.frequency.value = hertz;
  loud.gain.value = 0.2;
  tone.connect(loud).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + seconds);
}

const activity = () => root.querySelector('[name="activity"]:checked').value;
const kindOf = ({ ok, moved }) => (!ok ? "bad" : moved ? "good" : "again");

function show(kind, barcode, text, lane = "") {
  answer.dataset.kind = kind;
  setText(part("answer-lane"), lane);
  setText(part("answer-words"), text);
  setText(part("answer-barcode"), barcode);
}

function note(item, kind, text) {
  recent.prepend(h("li", { "data-kind": kind, "data-scan": item.id }, h("code", {}, item.barcode), h("span", {}, text)));
  while (recent.children.length > RECENT) recent.lastElementChild.remove();
}

const box = outbox({
  storage: localStorage,
  key: `lastmile.scans.${station}`,
  send: async (items) => {
    const now = Date.now();
    const scans = items.map(({ id, activity, barcode, route_id, at }) => ({ id, activity, barcode, route_id, age_ms: Math.max(0, now - at) }));
    return (await api(`/api/v1/stations/${station}/scans/`, { method: "POST", body: { scans } })).answers;
  },
  onAnswer(item, given) {
    const kind = kindOf(given);
    show(kind, item.barcode, given.words, ["sort", "load"].includes(item.activity) || !given.ok ? given.lane : "");
    note(item, kind, given.words);
    sound(kind);
    refreshSoon();
  },
  onRefused(item, error) {
    show("bad", item.barcode, error.cause);
    note(item, "bad", `${error.cause} ${error.action ?? ""}`);
    sound("bad");
  },
  onChange: showWaiting,
});

function showWaiting(n) {
  part("waiting").hidden = n === 0;
  setText(part("waiting-count"), String(n));
}

function scanned(barcode) {
  if (!barcode) return;
  const doing = activity();
  if (doing === "load" && !route.value) {
    show("bad", barcode, words.chooseRoute);
    sound("bad");
    return;
  }
  show("wait", barcode, words.wait);
  box.push({ id: eventId(), activity: doing, barcode, route_id: doing === "load" ? Number(route.value) : null, at: Date.now() });
}

part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  scanned(input.value.trim());
  input.value = "";
  input.focus();
});

// A scanner types wherever the focus is: keys outside a field go into the field of barcodes.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (event.target.closest("input:not([type=radio]), select, textarea, button, a")) return;
  input.focus();
});

// --- what is left to do -------------------------------------------------------------------------------------------
let timer = null;
function refreshSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    refresh();
  }, REFRESH_MS);
}

async function refresh() {
  const chosen = route.value ? `&route_id=${route.value}` : "";
  let found;
  try {
    found = await api(`/api/v1/stations/${station}/floor/?day=${day}${chosen}`);
  } catch {
    return; // the counts are old until the connection is back; scans wait in the outbox
  }
  for (const cell of part("totals").querySelectorAll("[data-state]")) setText(cell, String(found.totals[cell.dataset.state] ?? 0));
  showRoutes(found.routes);
  showGaps(found.gaps);
}

function showRoutes(routes) {
  const now = route.value;
  route.replaceChildren(h("option", { value: "" }, words.allRoutes), ...routes.map(({ id, name, loaded = 0, parcels }) => h("option", { value: id }, `${name} (${loaded}/${parcels})`)));
  route.value = routes.some(({ id }) => String(id) === now) ? now : "";
  part("routes").replaceChildren(...routes.map((one) => h("tr", {}, h("th", { scope: "row" }, one.name),
    ...["parcels", "received", "sorted", "to_sort_anew", "loaded", "on_another_van"].map((name) => h("td", { class: `num ${one[name] && ["to_sort_anew", "on_another_van"].includes(name) ? "is-odd" : ""}` }, String(one[name] ?? 0))))));
  part("no-routes").hidden = routes.length > 0;
}

function showGaps(gaps) {
  part("gaps").replaceChildren(...gaps.map((one) => h("li", {}, h("code", {}, one.barcode), h("span", {}, `${one.order} · ${one.address}`), h("span", { class: "badge" }, [one.stop && `${words.stop} ${one.stop}`, words[`state_${one.state}`] ?? one.state, one.lane].filter(Boolean).join(" · ")))));
  setText(part("gap-count"), String(gaps.length));
  part("no-gaps").hidden = gaps.length > 0;
}

route.addEventListener("change", refresh);
for (const choice of root.querySelectorAll('[name="activity"]')) choice.addEventListener("change", () => input.focus());
addEventListener("online", () => box.flush());
showWaiting(box.waiting());
box.flush();
refresh();
setInterval(refresh, 30_000);
