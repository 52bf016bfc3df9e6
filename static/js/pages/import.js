// A running import: shows how far it is, live where a socket is open, by asking where not; then shows the result.

import { api } from "../core/api.js";
import { setText } from "../core/dom.js";
import { openSocket } from "../core/socket.js";
import { watchJob } from "./job_watch.js";

const root = document.getElementById("progress");
const bar = document.getElementById("bar");
const words = document.getElementById("words");
const jobId = Number(root.dataset.job);

const job = watchJob({
  jobId,
  ask: () => api(`/api/v1/jobs/${jobId}/`),
  onProgress: ({ percent, words: text }) => {
    bar.value = percent;
    if (text) setText(words, text);
  },
  onEnd: () => location.reload(),
});

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
openSocket({
  url: `${scheme}//${location.host}/ws/stations/${root.dataset.station}/`,
  counts: (frame) => frame.type !== "hello",
  onFrame: job.heard,
  onState: (state) => job.live(state === "open"),
});
