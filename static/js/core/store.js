// The board's state: a snapshot plus numbered frames. Pure: the same frames give the same state.
//
// Sections are Maps by id. A section that a frame did not change keeps its identity, and so does every card: who draws
// compares references and touches nothing else.

const SECTIONS = ["orders", "routes", "vehicles", "drivers", "shifts", "plans", "exceptions", "jobs"];
const OF_A_DAY = new Set(["orders", "routes", "plans", "exceptions", "shifts"]);
const VERSIONED = new Set(["orders", "routes"]);
const WHOLE = new Set(["fleet.changed", "clock.changed"]); // these frames list every vehicle there is
// Cards that a fresh snapshot would not hold any more.
const GONE = {
  exceptions: (card) => card.state === "resolved",
  jobs: (card) => !["queued", "running"].includes(card.state),
};

const byId = (cards = []) => new Map(cards.map((card) => [card.id, card]));

/** The state that a snapshot of `GET /stations/{id}/board/` stands for. */
export function fromSnapshot(snapshot) {
  const state = {
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    day: snapshot.day,
    closed: snapshot.closed ?? false,
    station: snapshot.station,
    tiles: snapshot.tiles,
    roads: snapshot.roads,
    zones: snapshot.zones ?? [],
    progress: new Map(),
    gap: null,
  };
  for (const section of SECTIONS) state[section] = byId(snapshot[section]);
  return state;
}

/**
 * The state after a frame. `gap` names why a new snapshot is needed ("epoch", "missed"), else null.
 * A beat that is ahead of us only sets `ahead`: the missing frame may still be on its way.
 */
export function reduce(state, frame) {
  switch (frame.type) {
    case "hello":
      if (frame.epoch !== state.epoch) return { ...state, gap: "epoch" };
      return frame.seq > state.seq ? { ...state, gap: "missed" } : state;
    case "beat":
      if (frame.epoch !== state.epoch) return { ...state, gap: "epoch" };
      return note(state, frame.seq > state.seq ? frame.seq : null);
    case "event":
      return numbered(state, frame);
    case "live":
      return live(state, frame);
    default:
      return state;
  }
}

const note = (state, ahead) => ((state.ahead ?? null) === ahead ? state : { ...state, ahead });

function numbered(state, frame) {
  if (frame.seq <= state.seq) return state;
  if (frame.seq !== state.seq + 1) return { ...state, gap: "missed" };
  if (frame.name === "day.changed" && frame.data?.day === state.day) return { ...state, gap: "missed" }; // nothing is as it was
  const { vehicles, drivers, shifts, ...patch } = frame.patch ?? {};
  const fleet = WHOLE.has(frame.name) ? { vehicles, drivers, shifts } : {};
  const next = fleetChanged(patched(state, patch), fleet, frame.data?.day);
  const ahead = next.ahead > frame.seq ? next.ahead : null;
  return { ...next, seq: frame.seq, ahead };
}

/**
 * The fleet comes whole, so that what was taken away goes. A card says where its van is, as a snapshot would: a clock
 * that was set back has forgotten places, and one that is held here from its future would refuse all fixes to come.
 */
function fleetChanged(state, { vehicles, drivers, shifts }, day) {
  let next = state;
  if (vehicles) next = { ...next, vehicles: byId(vehicles) };
  if (drivers) next = { ...next, drivers: byId(drivers) };
  if (shifts && day === state.day) next = { ...next, shifts: byId(shifts) };
  return next;
}

/** The state with a patch laid over it: cards replaced by id, other days and older versions left alone. */
export function patched(state, patch) {
  let next = state;
  for (const section of SECTIONS) {
    if (patch[section]?.length) next = upsert(next, section, patch[section]);
  }
  if (patch.removed_routes?.length) next = without(next, "routes", patch.removed_routes);
  if (patch.station) next = { ...next, station: { ...next.station, ...patch.station } };
  if (patch.plans?.length) next = endProgress(next, patch.plans);
  return next;
}

function upsert(state, section, cards) {
  const before = state[section];
  let rows = null;
  for (const card of cards) {
    const old = before.get(card.id);
    if (OF_A_DAY.has(section) && card.day !== undefined && card.day !== state.day) {
      if (!old) continue;
      rows ??= new Map(before);
      rows.delete(card.id); // it moved to another day
      continue;
    }
    if (VERSIONED.has(section) && old && card.version < old.version) continue;
    rows ??= new Map(before);
    if (GONE[section]?.(card)) rows.delete(card.id);
    else rows.set(card.id, section === "plans" ? withProposal(card, old) : card);
  }
  return rows ? { ...state, [section]: rows } : state;
}

/** Lists tell a proposal's sums only; what was once asked for whole stays, for a proposal never changes. */
const withProposal = (card, old) => (card.state === "proposed" && !card.proposal && old?.proposal ? { ...card, proposal: old.proposal } : card);

function without(state, section, ids) {
  const rows = new Map(state[section]);
  for (const id of ids) rows.delete(id);
  return { ...state, [section]: rows };
}

function endProgress(state, plans) {
  const over = plans.filter((plan) => plan.state !== "running" && state.progress.has(plan.id));
  return over.length ? without(state, "progress", over.map((plan) => plan.id)) : state;
}

function live(state, { name, data }) {
  if (name === "vehicles.moved") return moved(state, data.vehicles ?? []);
  if (name === "plan.progressed") {
    const plan = state.plans.get(data.plan_id);
    if (plan && plan.state !== "running") return state; // a late echo of a run that is over
    return { ...state, progress: new Map(state.progress).set(data.plan_id, data) };
  }
  if (name === "job.progressed") {
    const job = state.jobs.get(data.job_id) ?? { id: data.job_id, kind: "", state: "running" };
    const card = { ...job, percent: data.percent, words: data.words };
    return { ...state, jobs: new Map(state.jobs).set(card.id, card) };
  }
  return state;
}

function moved(state, fixes) {
  const rows = new Map(state.vehicles);
  let changed = false;
  for (const { id, ...position } of fixes) {
    const vehicle = rows.get(id);
    if (!vehicle || (vehicle.position && Date.parse(vehicle.position.at) > Date.parse(position.at))) continue;
    rows.set(id, { ...vehicle, position });
    changed = true;
  }
  return changed ? { ...state, vehicles: rows } : state;
}
