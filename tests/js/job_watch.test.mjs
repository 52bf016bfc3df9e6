// Following an import: a page must neither hang on a lost frame nor run backwards.

import assert from "node:assert/strict";
import test from "node:test";

import { watchJob } from "../../static/js/pages/job_watch.js";
import { nextAfter } from "../../static/js/pages/locate_list.js";

function stage(answers) {
  const seen = { progress: [], ends: 0, waits: [], due: null };
  const timers = {
    setTimeout: (run, ms) => { seen.waits.push(ms); seen.due = run; return 1; },
    clearTimeout: () => { seen.due = null; },
  };
  const watched = watchJob({
    jobId: 7,
    timers,
    ask: async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onProgress: (progress) => seen.progress.push(progress.percent),
    onEnd: () => { seen.ends += 1; },
  });
  return { seen, watched };
}

const frame = (percent, job_id = 7) => ({ type: "live", name: "job.progressed", data: { job_id, percent, words: "" } });

test("frames of this job move the bar forward only", () => {
  const { seen, watched } = stage([]);
  for (const heard of [frame(10), frame(5), frame(90, 8), { type: "beat", seq: 1 }, frame(20)]) watched.heard(heard);
  assert.deepEqual(seen.progress, [10, 20]);
});

test("without a socket the job is asked each second, with one every five", () => {
  const { seen, watched } = stage([]);
  watched.live(true);
  watched.live(false);
  assert.deepEqual(seen.waits, [1000, 5000, 1000]);
});

test("an end is told once, by whichever way it is learnt first", async () => {
  const { seen, watched } = stage([{ state: "done", percent: 100, words: "" }]);
  await seen.due();
  watched.heard({ type: "event", name: "job.finished", data: { job_id: 7 } });
  watched.heard(frame(50));
  assert.equal(seen.ends, 1);
  assert.deepEqual(seen.progress, []);
});

test("a server that does not answer is asked again", async () => {
  const { seen } = stage([new Error("gone"), { state: "running", percent: 40, words: "" }]);
  await seen.due();
  await seen.due();
  assert.deepEqual(seen.progress, [40]);
  assert.equal(seen.ends, 0);
});

test("after the last order of the list comes the one before it", () => {
  assert.equal(nextAfter(["a", "b", "c"], "b"), "c");
  assert.equal(nextAfter(["a", "b"], "b"), "a");
  assert.equal(nextAfter(["a"], "a"), null);
});
