// A city that is being built: how far it is, by asking; then on to the next step.

import { api } from "../core/api.js";
import { setText } from "../core/dom.js";
import { watchJob } from "./job_watch.js";

const root = document.getElementById("build");
const bar = document.getElementById("bar");
const words = document.getElementById("words");
const stages = JSON.parse(root.dataset.stages);
const jobId = Number(root.dataset.job);

watchJob({
  jobId,
  ask: () => api(`/api/v1/jobs/${jobId}/`),
  onProgress: ({ percent, words: stage }) => {
    bar.value = percent;
    if (stages[stage]) setText(words, stages[stage]);
  },
  onEnd: () => location.reload(),
});
