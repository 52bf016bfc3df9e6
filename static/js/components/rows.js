// What lists of orders and stops share: roving focus, selection by click and key, the beginning of a drag.

/** Arrow keys move the focus from row to row of `list`; Home and End jump. */
export function roving(list) {
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll('[role="option"]')].filter((row) => row.offsetParent);
    const at = rows.indexOf(event.target);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[to].focus();
  });
}

/**
 * Clicks, Enter and Space on rows call `choose(row, event)`; a press begins a drag through `lift(row, event)`.
 */
export function choosing(list, choose, lift) {
  const rowOf = (event) => event.target.closest('[role="option"]');
  list.addEventListener("click", (event) => {
    const row = rowOf(event);
    if (row && !event.target.closest("button, select, a")) choose(row, event);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    const row = event.target.matches('[role="option"]') ? event.target : null;
    if (!row) return;
    event.preventDefault();
    choose(row, event);
  });
  list.addEventListener("pointerdown", (event) => {
    const row = rowOf(event);
    if (row && !event.target.closest("button, select, a")) lift(row, event);
  });
}

/** The selection after a click: replaced, toggled (Ctrl, Cmd) or extended over `sequence` (Shift). */
export function chosen(selected, anchor, ids, event, sequence) {
  if (event.shiftKey && anchor !== null) {
    const from = sequence.indexOf(anchor), to = sequence.indexOf(ids[0]);
    if (from >= 0 && to >= 0) return new Set([...selected, ...sequence.slice(Math.min(from, to), Math.max(from, to) + 1), ...ids]);
  }
  if (event.ctrlKey || event.metaKey) {
    const next = new Set(selected);
    const remove = ids.every((id) => next.has(id));
    for (const id of ids) remove ? next.delete(id) : next.add(id);
    return next;
  }
  return new Set(ids);
}
