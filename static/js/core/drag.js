// Dragging by mouse, pen or finger: what is dragged and where it may fall is the caller's business.
//
// Mouse: the drag begins after a few pixels. Touch: after a long press, so that lists still scroll. Esc gives up.

const SLOP = 5;
const PRESS_MS = 350;
const EDGE = 36;

/**
 * @param {object} given
 * @param {(payload: object) => HTMLElement} given.ghost what follows the pointer
 * @param {(x: number, y: number, payload: object) => object|null} given.targetAt
 * @param {(payload: object, target: object|null, ghost: HTMLElement) => void} given.onHover
 * @param {(payload: object, target: object|null) => void} given.onEnd target is null where it fell on nothing
 */
export function dragging({ ghost, targetAt, onHover, onEnd }) {
  let drag = null;

  function begin(event, payload) {
    if (drag || (event.pointerType !== "touch" && event.button !== 0)) return;
    drag = { payload, startX: event.clientX, startY: event.clientY, id: event.pointerId, touch: event.pointerType === "touch", ghost: null };
    if (drag.touch) drag.press = setTimeout(() => drag && lift(drag.startX, drag.startY), PRESS_MS);
    addEventListener("pointermove", move, { passive: false });
    addEventListener("pointerup", up);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", escape, true);
    addEventListener("touchmove", hold, { passive: false });
  }

  function lift(x, y) {
    drag.ghost = ghost(drag.payload);
    drag.ghost.classList.add("ghost");
    document.body.append(drag.ghost);
    document.documentElement.classList.add("is-dragging");
    getSelection()?.removeAllRanges();
    follow(x, y);
  }

  function move(event) {
    if (!drag || event.pointerId !== drag.id) return;
    const far = Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > SLOP;
    if (!drag.ghost && drag.touch && far) return end(); // it was a scroll
    if (!drag.ghost && far) lift(event.clientX, event.clientY);
    if (drag.ghost) follow(event.clientX, event.clientY);
  }

  function hold(event) {
    if (drag?.ghost) event.preventDefault();
  }

  function follow(x, y) {
    const { style } = drag.ghost;
    const onLeft = x < innerWidth / 2; // it grows with its words: away from the nearer edge
    style.left = onLeft ? `${x + 12}px` : "auto";
    style.right = onLeft ? "auto" : `${innerWidth - x + 12}px`;
    style.top = `${Math.min(y + 14, innerHeight - drag.ghost.offsetHeight - 4)}px`;
    drag.target = targetAt(x, y, drag.payload);
    onHover(drag.payload, drag.target, drag.ghost);
    scrollAt(x, y);
  }

  function up(event) {
    if (!drag || event.pointerId !== drag.id) return;
    const { payload, target, ghost: lifted } = drag;
    end();
    if (!lifted) return;
    swallowClick();
    onEnd(payload, target);
  }

  function cancel() {
    if (!drag) return;
    const { payload, ghost: lifted } = drag;
    end();
    if (lifted) onEnd(payload, null);
  }

  function escape(event) {
    if (event.key !== "Escape" || !drag?.ghost) return;
    event.stopPropagation();
    cancel();
  }

  function end() {
    clearTimeout(drag.press);
    drag.ghost?.remove();
    drag = null;
    document.documentElement.classList.remove("is-dragging");
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", escape, true);
    removeEventListener("touchmove", hold);
  }

  return { begin, active: () => Boolean(drag?.ghost), waiting: () => Boolean(drag) };
}

// The click that a browser sends after a drop would select what was dropped on.
function swallowClick() {
  const swallow = (event) => event.stopPropagation();
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
}

function scrollAt(x, y) {
  const list = document.elementFromPoint(x, y)?.closest("[data-scroll]");
  if (!list) return;
  const box = list.getBoundingClientRect();
  if (y < box.top + EDGE) list.scrollTop -= 10;
  else if (y > box.bottom - EDGE) list.scrollTop += 10;
}
