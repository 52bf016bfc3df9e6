// Puts the phone's place into the reports, if the driver allows it. Everything works without.

const forms = () => [...document.forms].filter((form) => form.elements.accuracy);

function note({ coords }) {
  for (const { elements } of forms()) {
    elements.lat.value = coords.latitude.toFixed(6);
    elements.lng.value = coords.longitude.toFixed(6);
    elements.accuracy.value = Math.round(coords.accuracy);
  }
}

/** An old place is worse than none. */
function forget() {
  for (const { elements } of forms()) elements.lat.value = elements.lng.value = elements.accuracy.value = "";
}

export async function notePlaces() {
  const button = document.querySelector("[data-share-place]");
  if (!button || !navigator.geolocation || !navigator.permissions) return;
  const follow = () => {
    button.hidden = true;
    navigator.geolocation.watchPosition(note, forget, { enableHighAccuracy: true, maximumAge: 15000 });
  };
  button.addEventListener("click", follow);
  const { state } = await navigator.permissions.query({ name: "geolocation" });
  if (state === "granted") follow();
  else button.hidden = state === "denied";
}
