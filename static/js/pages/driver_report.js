// A form that is sent without leaving the page, so that a refusal or a dead spot costs nothing that was entered.

/**
 * @param {HTMLFormElement} form
 * @param {{photos: {blobs: () => Promise<Blob[]>}|null, pad: unknown}} parts
 */
export function reportForm(form, { photos = null } = {}) {
  const refused = form.querySelector("[data-refused]");
  const button = form.querySelector("button[type=submit]");
  const words = button.textContent;
  let sending = false;
  let waiting = false; // for a connection

  function say(text) {
    refused.textContent = text;
    refused.hidden = !text;
    if (text) refused.focus();
  }

  async function body() {
    const data = new FormData(form);
    data.delete("photos");
    for (const [index, blob] of (await photos?.blobs() ?? []).entries()) data.append("photos", blob, `photo-${index}.jpg`);
    return data;
  }

  async function send() {
    if (sending) return;
    sending = true;
    waiting = false;
    button.disabled = true;
    button.textContent = refused.dataset.sending ?? words;
    say("");
    try {
      await post();
    } finally {
      sending = false;
      button.disabled = false;
      button.textContent = words;
    }
  }

  async function post() {
    let response;
    try {
      response = await fetch(form.action, {
        method: "POST", body: await body(), credentials: "same-origin",
        headers: { Accept: "application/json" }, redirect: "manual",
      });
    } catch {
      waiting = true;
      say(refused.dataset.offline ?? "");
      return;
    }
    if (response.type === "opaqueredirect") return location.reload(); // the sign-in ended
    const answer = await response.json().catch(() => null);
    if (answer?.next) return location.assign(answer.next);
    say(answer ? `${answer.cause} ${answer.action}` : `${response.status}`);
    if (answer?.field) form.elements[answer.field]?.focus?.();
  }

  // What was refused is being put right.
  form.addEventListener("input", () => !waiting && say(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  return {
    /** The connection is back: what was tried is tried again, under the same event id. */
    again() {
      if (waiting) send();
    },
  };
}
