// The list of orders without a place. Pure.

/** The one to go to when `row` is done: the next, else the one before, else null. */
export function nextAfter(rows, row) {
  const at = rows.indexOf(row);
  return rows[at + 1] ?? rows[at - 1] ?? null;
}
