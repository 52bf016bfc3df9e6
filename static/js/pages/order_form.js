// The form of an order: addresses while typing, the pin on the map, what somebody else changed meanwhile.

import { api, ApiError } from "../core/api.js";
import { parts } from "../core/address.js";
import { setText } from "../core/dom.js";
import { formats } from "../core/format.js";
import { combobox } from "../components/combobox.js";
import { slots } from "../components/slots.js";
import { placeMap } from "../map/place_map.js";

const form = document.getElementById("order");
const words = document.getElementById("place-words");
const unpin = document.getElementById("unpin");
const about = JSON.parse(document.getElementById("map-data").textContent);
const { address, postcode, place, lat, lng } = form.elements;
const fixed = address.readOnly;
const written = () => [address, postcode, place].map((field) => field.value.trim()).join("|");
let pinnedFor = "";

document.getElementById("pin-tools").hidden = false;
const { map, pin } = placeMap(globalThis.L, about, { draggable: !fixed });

function show(at) {
  pin.setLatLng(at).addTo(map);
  map.setView(at, Math.max(map.getZoom(), 16));
}

/** A person's place: sent with the form. */
function put(at) {
  lat.value = at.lat.toFixed(6);
  lng.value = at.lng.toFixed(6);
  pinnedFor = written();
  unpin.hidden = false;
  show(at);
  setText(words, form.dataset.pinned);
}

function forget() {
  lat.value = "";
  lng.value = "";
  unpin.hidden = true;
  pin.remove();
  setText(words, form.dataset.searched);
}

async function ask(query) {
  try {
    return await api(`${form.dataset.search}?${new URLSearchParams({ q: query })}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null; // the search is a help; without it the address is looked up on saving
  }
}

function take(one) {
  const found = parts(one.label);
  address.value = found.address;
  if (found.postcode) postcode.value = found.postcode;
  if (found.place) place.value = found.place;
  put(one);
}

if (!fixed) {
  if (form.dataset.search) {
    combobox(address, document.getElementById("found"), {
      ask, take, label: (one) => one.label,
      tell: (n) => setText(words, n === 0 ? form.dataset.none : n === 1 ? form.dataset.one : form.dataset.many.replace("%n", n)),
    });
  }
  for (const field of [address, postcode, place]) {
    field.addEventListener("change", () => lat.value && written() !== pinnedFor && forget());
  }
  map.on("click", (event) => put(event.latlng.wrap()));
  pin.on("dragend", () => put(pin.getLatLng().wrap()));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    put(map.getCenter().wrap());
  });
  unpin.addEventListener("click", () => {
    forget();
    address.focus();
  });
}
if (lat.value && lng.value && Number.isFinite(Number(lat.value)) && Number.isFinite(Number(lng.value))) put({ lat: Number(lat.value), lng: Number(lng.value) });
else if (about.pin) show({ lat: about.pin[0], lng: about.pin[1] });

const offered = document.getElementById("slots");
if (offered && !fixed) {
  const before = written();
  slots(offered, form, { fmt: formats(about), pin: () => (written() === before ? about.pin : null) });
}

for (const button of document.querySelectorAll("[data-take]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = form.elements[button.dataset.take];
    field.value = button.dataset.value;
    field.focus();
    button.disabled = true;
  });
}
for (const link of document.querySelectorAll(".order__faults a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(link.hash)?.focus();
  });
}
