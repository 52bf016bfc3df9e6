// Puts the phone's place into the reports, if the driver allows it. Everything works without.

const button = document.querySelector("[data-share-place]");
const forms = () => [...document.forms].filter((form) => form.elements.accuracy);

function note({ coords }) {
  for (const { elements } of forms()) {
    elements.lat.value = coords.latitude.toFixed(6);
    elements.lng.value = coords.longitude.toFixed(6);
    elements.accuracy.value = Math.round(coords.accuracy);
  }
}

function follow() {
  button.hidden = true;
  navigator.geolocation.watchPosition(note, forget, { enableHighAccuracy: true, maximumAge: 15000 });
}

/** An old place is worse than none. */
function forget() {
  for (const { elements } of forms()) elements.lat.value = elements.lng.value = elements.accuracy.value = "";
}

if (button && navigator.geolocation && navigator.permissions) {
  button.addEventListener("click", follow);
  const { state } = await navigator.permissions.query({ name: "geolocation" });
  if (state === "granted") follow();
  else button.hidden = state === "denied";
}
