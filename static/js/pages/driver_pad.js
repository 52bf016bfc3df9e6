// A field to sign in. Keeps the points of the strokes as shares of the field: the picture is drawn by the server.

const PLACES = 1e4;
const NEAR = 0.002; // points closer than this to the last say nothing new
const MOST_POINTS = 7900;
const MOST_STROKES = 190;

/** Strokes in the making. Pure, but for what it holds. */
export function strokes() {
  let list = [];
  let count = 0;
  const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * PLACES) / PLACES;
  return {
    begin(x, y) {
      if (list.length >= MOST_STROKES || count >= MOST_POINTS) return false;
      list.push([[round(x), round(y)]]);
      count += 1;
      return true;
    },
    /** The line to draw, or null where the point adds nothing. */
    extend(x, y) {
      const stroke = list.at(-1);
      const before = stroke.at(-1);
      const point = [round(x), round(y)];
      if (count >= MOST_POINTS || Math.hypot(point[0] - before[0], point[1] - before[1]) < NEAR) return null;
      stroke.push(point);
      count += 1;
      return [before, point];
    },
    clear() {
      list = [];
      count = 0;
    },
    json: () => (list.length ? JSON.stringify({ strokes: list }) : ""),
  };
}

export function signaturePad(canvas) {
  const field = canvas.closest("fieldset");
  const hidden = field.querySelector("input[name=signature]");
  const clear = field.querySelector("[data-pad-clear]");
  const pen = canvas.getContext("2d");
  const kept = strokes();
  let drawing = null;

  function wipe() {
    pen.fillStyle = "#fff"; // paper is white in the dark as well: so is the picture
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = pen.fillStyle = "#101828";
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
  }

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };

  function line([before, after]) {
    pen.beginPath();
    pen.moveTo(before[0] * canvas.width, before[1] * canvas.height);
    pen.lineTo(after[0] * canvas.width, after[1] * canvas.height);
    pen.stroke();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (drawing !== null || event.button !== 0 || !kept.begin(...at(event))) return;
    event.preventDefault();
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const drawn = kept.extend(...at(one));
      if (drawn) line(drawn);
    }
  });
  const lift = (event) => {
    if (event.pointerId !== drawing) return;
    drawing = null;
    hidden.value = kept.json();
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
    clear.hidden = false;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  clear.addEventListener("click", () => {
    kept.clear();
    hidden.value = "";
    wipe();
    clear.hidden = true;
  });
  canvas.hidden = false;
  wipe();
}
