// What was done while nobody answered, kept in order until it is taken: sent in batches, each item once, the oldest first.

const AGAIN_MS = [1000, 2000, 5000, 10_000];

/**
 * @param {object} given
 * @param {{getItem: Function, setItem: Function}} given.storage where items outlive the page
 * @param {string} given.key
 * @param {(items: object[]) => Promise<object[]>} given.send answers one for each item; throws where nobody answered
 * @param {(item: object, answer: object) => void} given.onAnswer
 * @param {(item: object, error: Error) => void} given.onRefused the batch was refused: its items are asked one by one first
 * @param {(waiting: number) => void} [given.onChange]
 */
export function outbox({ storage, key, send, onAnswer, onRefused, onChange = () => {}, most = 50, timers = globalThis }) {
  let items = read();
  let sending = false, failures = 0, timer = null;

  function read() {
    try {
      const found = JSON.parse(storage.getItem(key) ?? "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return []; // storage is blocked, or holds what is not ours
    }
  }

  function keep() {
    try {
      storage.setItem(key, JSON.stringify(items));
    } catch {
      // full or blocked: what is in memory is still sent
    }
    onChange(items.length);
  }

  const isRefusal = (error) => error.status >= 400 && error.status < 500 && ![401, 403, 408, 429].includes(error.status);

  async function flush() {
    if (sending || !items.length) return;
    sending = true;
    timers.clearTimeout(timer);
    const batch = items.slice(0, failures ? 1 : most);
    try {
      const answers = await send(batch);
      failures = 0;
      settle(batch, answers);
    } catch (error) {
      if (isRefusal(error) && batch.length === 1) refuse(batch[0], error);
      else later(error);
    }
    sending = false;
    if (items.length && timer === null) flush();
  }

  function settle(batch, answers) {
    const taken = new Set(batch.map((item) => item.id));
    items = items.filter((item) => !taken.has(item.id));
    keep();
    batch.forEach((item, i) => onAnswer(item, answers[i]));
  }

  function refuse(item, error) {
    failures = 0;
    items = items.filter((one) => one.id !== item.id);
    keep();
    onRefused(item, error);
  }

  function later(error) {
    failures += 1;
    timer = timers.setTimeout(() => {
      timer = null;
      flush();
    }, isRefusal(error) ? 0 : AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]);
  }

  return {
    push(item) {
      items = [...items, item];
      keep();
      flush();
    },
    flush() {
      timers.clearTimeout(timer);
      timer = null;
      flush();
    },
    waiting: () => items.length,
  };
}
