import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff, openSocket } from "../../static/js/core/socket.js";

function world() {
  const sockets = [];
  const waiting = new Map();
  let id = 0;
  class Socket {
    constructor(url) {
      this.url = url;
      this.readyState = 1;
      this.sent = [];
      sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close(code) { this.onclose?.({ code }); }
  }
  const timers = {
    setTimeout(call, ms) { waiting.set((id += 1), { call, ms }); return id; },
    clearTimeout(which) { waiting.delete(which); },
  };
  const states = [];
  const frames = [];
  const handle = openSocket({
    url: "ws://x/", Socket, timers, random: () => 0.5,
    counts: (frame) => frame.type !== "hello",
    onFrame: (frame) => frames.push(frame), onState: (state) => states.push(state),
  });
  const fire = () => { const [key, { call }] = [...waiting].at(-1); waiting.delete(key); call(); };
  return { sockets, waiting, states, frames, handle, fire };
}
const say = (socket, frame) => socket.onmessage({ data: JSON.stringify(frame) });

test("back-off is full jitter below half a second doubling, capped at 30 s", () => {
  // A restart of the server must not be followed by all pages at the same moment.
  assert.equal(backoff(0, () => 1), 500);
  assert.equal(backoff(3, () => 1), 4000);
  assert.equal(backoff(20, () => 1), 30_000);
  assert.equal(backoff(3, () => 0), 0);
});

test("every counted frame is acknowledged, hello is not", () => {
  // The server stops sending after eight frames nobody acknowledged.
  const { sockets, frames } = world();
  sockets[0].onopen();
  say(sockets[0], { type: "hello" });
  say(sockets[0], { type: "event", seq: 1 });
  say(sockets[0], { type: "beat" });
  assert.deepEqual(sockets[0].sent, [{ ack: 1 }, { ack: 1 }]);
  assert.equal(frames.length, 3);
});

test("a frame whose handler fails is acknowledged all the same", () => {
  // Otherwise one bad frame would pause the stream for good.
  const sent = [];
  class Socket { constructor() { this.readyState = 1; Socket.last = this; } send(text) { sent.push(text); } }
  openSocket({
    url: "x", Socket, timers: { setTimeout: () => 1, clearTimeout() {} }, onState() {},
    onFrame() { throw new Error("boom"); },
  });
  assert.throws(() => Socket.last.onmessage({ data: "{}" }), /boom/);
  assert.deepEqual(sent, ['{"ack":1}']);
});

test("a lost connection is tried again, longer each time, until a frame arrives", () => {
  const { sockets, waiting, states, fire } = world();
  sockets[0].onclose({ code: 1006 });
  assert.equal([...waiting.values()].at(-1).ms, 250);
  fire();
  sockets[1].onclose({ code: 1006 });
  assert.equal([...waiting.values()].at(-1).ms, 500);
  fire();
  sockets[2].onopen();
  say(sockets[2], { type: "hello" });
  sockets[2].onclose({ code: 4408 });
  assert.equal([...waiting.values()].at(-1).ms, 250);
  assert.deepEqual(states.slice(0, 3), ["connecting", "waiting", "connecting"]);
});

test("a refusal is final", () => {
  // Signed out or no longer at the station: asking again would only fill the log.
  const { sockets, waiting, states } = world();
  sockets[0].onclose({ code: 4403 });
  assert.equal(states.at(-1), "refused");
  assert.equal(waiting.size, 0);
});

test("closing ends it for good", () => {
  const { sockets, waiting, handle } = world();
  sockets[0].onopen();
  handle.close();
  assert.equal(waiting.size, 0);
});

test("the network back, or a machine that woke, makes a new connection at once", () => {
  // A laptop that slept holds a socket that looks open and hears nothing; the back-off may be half a minute by then.
  const sockets = [], heard = new Map(), ticks = [];
  let clock = 0;
  class Socket { constructor() { this.readyState = 1; sockets.push(this); } close() { this.closed = true; } }
  const page = { addEventListener: (name, run) => heard.set(name, run), removeEventListener: (name) => heard.delete(name) };
  const timers = { setTimeout: () => 1, clearTimeout() {}, setInterval: (run) => ticks.push(run), clearInterval() {} };
  const handle = openSocket({ url: "x", Socket, timers, page, now: () => clock, onFrame() {}, onState() {} });
  clock = 1000;
  ticks[0]();
  assert.equal(sockets.length, 1);
  clock = 60_000;
  ticks[0]();
  assert.equal(sockets.length, 2);
  assert.ok(sockets[0].closed);
  heard.get("online")();
  assert.equal(sockets.length, 3);
  handle.close();
  assert.equal(heard.size, 0);
});
