// Following one job by frames and by asking. Pure: what it asks and when is handed in.

const ACTIVE = ["queued", "running"];
const ASK_MS = 1000; // without a socket
const CHECK_MS = 5000; // with one: frames of progress are at most once

/**
 * @param {object} given
 * @param {number} given.jobId
 * @param {() => Promise<{state: string, percent: number, words: string}>} given.ask
 * @param {(progress: {percent: number, words: string}) => void} given.onProgress never goes backwards
 * @param {() => void} given.onEnd called once
 * @returns {{heard: (frame: object) => void, live: (open: boolean) => void}}
 */
export function watchJob({ jobId, ask, onProgress, onEnd, timers = globalThis }) {
  let open = false;
  let ended = false;
  let shown = -1;
  let due = null;

  function show({ percent, words }) {
    if (ended || percent < shown) return;
    shown = percent;
    onProgress({ percent, words });
  }

  function end() {
    if (ended) return;
    ended = true;
    timers.clearTimeout(due);
    onEnd();
  }

  async function look() {
    try {
      const job = await ask();
      if (!ACTIVE.includes(job.state)) return end();
      show(job);
    } catch {
      // The server may be restarting: asked again below, as long as the page is open.
    }
    if (!ended) plan();
    return undefined;
  }

  function plan() {
    timers.clearTimeout(due);
    due = timers.setTimeout(look, open ? CHECK_MS : ASK_MS);
  }

  plan();
  return {
    heard(frame) {
      const mine = frame.data?.job_id === jobId;
      if (mine && frame.name === "job.progressed") show(frame.data);
      if (mine && frame.name === "job.finished") end();
    },
    live(now) {
      open = now;
      if (!ended) plan();
    },
  };
}
