// The driver's pages. Everything works without; with it a page follows the route, and nothing written is lost.

import { notePlaces } from "./driver_place.js";
import { photoList } from "./driver_photos.js";
import { reportForm } from "./driver_report.js";
import { signaturePad } from "./driver_pad.js";
import { liveRegion } from "./driver_live.js";

const forms = [...document.querySelectorAll("[data-report]")].map((form) => {
  const photos = form.querySelector("[data-photos]");
  const pad = form.querySelector("[data-pad]");
  return reportForm(form, {
    photos: photos && photoList(photos),
    pad: pad && signaturePad(pad),
  });
});

const live = document.getElementById("live");
if (live) liveRegion(live, { onReturn: () => forms.forEach((form) => form.again()) });
notePlaces();

// Which of several orders were handed over decides whether a reason is asked for.
for (const rest of document.querySelectorAll("[data-rest]")) {
  const boxes = [...rest.closest("form").elements].filter((one) => one.name === "orders");
  const ask = () => {
    const all = boxes.every((box) => box.checked);
    rest.hidden = all;
    const reason = rest.querySelector("select");
    reason.required = !all;
    if (all) reason.value = "";
  };
  for (const box of boxes) box.addEventListener("change", ask);
  ask();
}

// Plain buttons: two taps are one, and a dead spot leaves the page where it is.
const refused = document.getElementById("refused");

function refuse(words) {
  refused.textContent = words;
  refused.hidden = false;
  refused.focus();
}

async function press(form) {
  let response;
  try {
    response = await fetch(form.action, {
      method: "POST", body: new FormData(form), credentials: "same-origin",
      headers: { Accept: "application/json" }, redirect: "manual",
    });
  } catch {
    return refuse(refused.dataset.offline);
  }
  if (response.type === "opaqueredirect") return location.reload(); // the sign-in ended
  const answer = await response.json().catch(() => null);
  if (answer?.next) return location.assign(answer.next);
  refuse(answer ? `${answer.cause} ${answer.action}` : `${response.status}`);
}

addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !live?.contains(form)) return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  refused.hidden = true;
  await press(form);
  delete form.dataset.sent;
});

// A page that comes back out of the browser's memory shows a stop as it was, under event ids that are used up.
addEventListener("pageshow", (event) => event.persisted && location.reload());
