/** An id that no other report or message has, also where the page is not served by https. */
export const eventId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
