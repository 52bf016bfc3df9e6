// Photos of a report: made small on the phone before they are sent, shown, and taken out again.

import { h } from "../core/dom.js";

const EDGE = 1600;
const QUALITY = 0.82;
const MOST = 7;
const THUMB = 96;

/** The size a picture is sent in: no side longer than `edge`, never larger than it is. Pure. */
export function fit(width, height, edge = EDGE) {
  const share = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

async function small(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = fit(bitmap.width, bitmap.height);
  const canvas = h("canvas", { width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("the canvas gave no picture");
  return { blob, canvas };
}

function thumbnail(canvas) {
  const { width, height } = fit(canvas.width, canvas.height, THUMB);
  const thumb = h("canvas", { width, height, "aria-hidden": "true" });
  thumb.getContext("2d").drawImage(canvas, 0, 0, width, height);
  return thumb;
}

export function photoList(root) {
  const input = root.querySelector("input[type=file]");
  const thumbs = root.querySelector("[data-thumbs]");
  const trouble = h("p", { class: "field__error", role: "alert", hidden: true });
  const photos = []; // {blob, row}
  let working = Promise.resolve();
  root.append(trouble);
  root.classList.add("is-enhanced");

  function say(words) {
    trouble.textContent = words;
    trouble.hidden = !words;
  }

  function label() {
    photos.forEach(({ row }, index) => {
      row.querySelector("button").setAttribute("aria-label", root.dataset.remove.replace("{n}", String(index + 1)));
    });
    thumbs.hidden = photos.length === 0;
  }

  async function add(file) {
    if (photos.length >= MOST) return say(root.dataset.most);
    try {
      const { blob, canvas } = await small(file);
      const photo = { blob, row: null };
      const remove = () => {
        photos.splice(photos.indexOf(photo), 1);
        photo.row.remove();
        label();
        input.focus();
      };
      photo.row = h("li", { class: "driver__thumb" }, thumbnail(canvas),
        h("button", { type: "button", class: "button driver__unphoto", onclick: remove }, "×"));
      photos.push(photo);
      thumbs.append(photo.row);
      label();
    } catch {
      say(root.dataset.bad); // no picture, or one that this browser cannot decode
    }
  }

  input.addEventListener("change", () => {
    say("");
    const files = [...input.files];
    input.value = ""; // what is sent is our small copies; the same file may be chosen again
    for (const file of files) working = working.then(() => add(file));
  });

  return {
    /** The pictures, once all are made small. */
    async blobs() {
      await working;
      return photos.map(({ blob }) => blob);
    },
  };
}
