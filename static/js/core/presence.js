// Who else looks at this station's board, and what they drag. Pure: frames in, people out.

const FORGET_MS = 45_000; // pages say where they are every twenty seconds

/** Pages after a frame `person.here`: Map page -> {page, name, day, routeId, dragging, at}. */
export function heard(pages, { page, name, day, route_id: routeId, dragging, gone }, now) {
  const next = new Map([...pages].filter(([, one]) => now - one.at < FORGET_MS));
  if (gone) next.delete(page);
  else next.set(page, { page, name, day, routeId, dragging, at: now });
  return next;
}

/** Others on this day, one line per person however many pages they have open: [{name, routeIds, dragging}]. */
export function others(pages, mine, day, now) {
  const people = new Map();
  for (const one of pages.values()) {
    if (one.page === mine || one.day !== day || now - one.at >= FORGET_MS) continue;
    const person = people.get(one.name) ?? { name: one.name, routeIds: [], dragging: [] };
    if (one.routeId !== null) person.routeIds.push(one.routeId);
    person.dragging.push(...one.dragging);
    people.set(one.name, person);
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** "AB" of "Anna Berg". */
export const initials = (name) => name.split(/\s+/).filter(Boolean).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
