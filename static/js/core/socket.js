// A websocket that stays connected: heartbeat, back-off with full jitter, acknowledgements. Knows no event names.

const SILENCE_MS = 35_000; // the server beats more often than this
const CAP_S = 30;
const TICK_MS = 1000;
const SLEPT_MS = 6000; // ticks of a page that somebody looks at never lie so far apart, unless the machine slept

/** Milliseconds to wait before attempt `n` (from 0): full jitter, so that a thousand pages do not come back at once. */
export const backoff = (n, random = Math.random) => 1000 * random() * Math.min(CAP_S, 0.5 * 2 ** n);

/**
 * @param {object} options
 * @param {string} options.url
 * @param {(frame: object) => void} options.onFrame called for every frame, in order.
 * @param {(state: "connecting"|"open"|"waiting"|"refused", code?: number) => void} options.onState
 * @param {(frame: object) => boolean} [options.counts] whether a frame is to be acknowledged.
 * @returns {{close: () => void, say: (words: object) => void}} what is said while nobody hears is lost
 */
export function openSocket(options) {
  const { url, onFrame, onState, counts = () => true } = options;
  const { Socket = globalThis.WebSocket, random = Math.random, timers = globalThis, page = globalThis, now = Date.now } = options;
  let socket = null;
  let attempt = 0;
  let retry = null;
  let silence = null;
  let owed = 0;
  let ended = false;
  let ticked = now();

  function listen() {
    timers.clearTimeout(silence);
    silence = timers.setTimeout(() => socket?.close(4000, "silent"), SILENCE_MS);
  }

  function acknowledge() {
    if (!owed || socket?.readyState !== 1) return;
    socket.send(JSON.stringify({ ack: owed }));
    owed = 0;
  }

  function heard(event) {
    listen();
    const frame = JSON.parse(event.data);
    attempt = 0;
    if (counts(frame)) owed += 1;
    try {
      onFrame(frame);
    } finally {
      acknowledge();
    }
  }

  function lost(event) {
    timers.clearTimeout(silence);
    if (ended) return;
    if ([4403, 4404].includes(event.code)) {
      onState("refused", event.code);
      return;
    }
    onState("waiting", event.code);
    retry = timers.setTimeout(connect, backoff(attempt, random));
    attempt += 1;
  }

  function connect() {
    onState("connecting");
    owed = 0;
    const mine = new Socket(url);
    socket = mine;
    mine.onopen = () => {
      onState("open");
      listen();
    };
    mine.onmessage = heard;
    mine.onclose = (event) => mine === socket && lost(event);
  }

  /** The network is back, or the machine woke: whatever this connection was, a new one tells what was missed. */
  function again() {
    if (ended) return;
    timers.clearTimeout(retry);
    timers.clearTimeout(silence);
    attempt = 0;
    const old = socket;
    socket = null;
    old?.close(4000, "again");
    connect();
  }

  const visible = () => page.document?.visibilityState !== "hidden";
  function tick() {
    const slept = now() - ticked > SLEPT_MS;
    ticked = now();
    if (slept && visible()) again();
  }
  const beat = timers.setInterval?.(tick, TICK_MS);
  const shown = () => visible() && tick();
  page.addEventListener?.("online", again);
  page.document?.addEventListener("visibilitychange", shown);

  connect();
  return {
    say: (words) => socket?.readyState === 1 && socket.send(JSON.stringify(words)),
    close() {
      ended = true;
      timers.clearTimeout(retry);
      timers.clearTimeout(silence);
      timers.clearInterval?.(beat);
      page.removeEventListener?.("online", again);
      page.document?.removeEventListener("visibilitychange", shown);
      socket?.close(1000);
    },
  };
}
