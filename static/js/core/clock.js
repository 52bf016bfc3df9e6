// The station's own time. Pure: wall time in, business time out, both in milliseconds.

/** Business time at `wall`: from the anchor the station's clock runs at `clock.speed`. */
export const businessTime = (clock, wall) =>
  Date.parse(clock.business) + (wall - Date.parse(clock.wall)) * clock.speed;

/** Days away from `day` ("2026-06-01"), as a day. */
export function dayAfter(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}
