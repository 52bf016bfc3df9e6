// Keeps a state in step with the server: a snapshot, the frames after it, a new snapshot when one went missing.

import { fromSnapshot, patched, reduce } from "./store.js";

const LOST_MS = 1000; // a beat ahead of us for this long means the frame will not come

/**
 * @param {object} given
 * @param {() => Promise<object>} given.load fetches a snapshot
 * @param {(state: object) => void} given.onState a new state
 * @param {(error: Error) => void} given.onError a snapshot could not be fetched; it is tried again
 */
export function follow({ load, onState, onError, timers = globalThis }) {
  let state = null;
  let waiting = []; // frames that arrive while a snapshot is on its way
  let fetching = 0;
  let lost = null;
  let failures = 0;

  function become(next) {
    if (next === state) return;
    state = next;
    onState(state);
  }

  async function refetch() {
    const mine = (fetching += 1);
    let snapshot;
    try {
      snapshot = await load();
    } catch (error) {
      if (mine === fetching) failed(error, mine);
      return;
    }
    if (mine !== fetching) return; // a newer request is on its way
    failures = 0;
    fetching = 0;
    const fresh = fromSnapshot(snapshot);
    if (state && state.day === fresh.day) fresh.progress = stillRunning(state.progress, fresh.plans);
    const frames = waiting;
    waiting = [];
    become(fresh);
    for (const frame of frames) heard(frame);
  }

  function failed(error, mine) {
    failures += 1;
    onError(error);
    if (error.status && error.status < 500) return; // asking again would not help
    timers.setTimeout(() => mine === fetching && refetch(), Math.min(30_000, 1000 * 2 ** failures));
  }

  function heard(frame) {
    if (!state || fetching) {
      if (frame.type !== "beat") waiting.push(frame);
      return;
    }
    const next = reduce(state, frame);
    if (next.gap) {
      refetch();
      return;
    }
    become(next);
    watch();
  }

  function watch() {
    timers.clearTimeout(lost);
    if (!state.ahead) return;
    lost = timers.setTimeout(() => state.ahead && !fetching && refetch(), LOST_MS);
  }

  return {
    heard,
    refetch,
    apply: (patch) => state && become(patched(state, patch)),
    isFetching: () => fetching > 0,
  };
}

function stillRunning(progress, plans) {
  return new Map([...progress].filter(([id]) => plans.get(id)?.state === "running"));
}
