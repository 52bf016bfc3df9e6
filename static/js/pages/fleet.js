// Says when the fleet of the shown day changed elsewhere; a form somebody is filling in is never taken away.

import { openSocket } from "../core/socket.js";

const news = document.querySelector("[data-fleet-news]");
const { station, day, me } = news.dataset;
const TELLS = new Set(["fleet.changed", "routes.changed", "day.changed"]);
const scheme = location.protocol === "https:" ? "wss:" : "ws:";

news.querySelector("a").href = location.href.split("#")[0];
openSocket({
  url: `${scheme}//${location.host}/ws/stations/${station}/`,
  counts: (frame) => frame.type !== "hello",
  onFrame: (frame) => {
    if (frame.actor === me) return; // this page was drawn after one's own change
    if (TELLS.has(frame.name) && (!frame.data?.day || frame.data.day === day)) news.hidden = false;
  },
  onState: () => {},
});
