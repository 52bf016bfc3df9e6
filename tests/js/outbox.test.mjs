import assert from "node:assert/strict";
import test from "node:test";
import { outbox } from "../../static/js/core/outbox.js";

const settled = () => new Promise((done) => setImmediate(() => setImmediate(done)));

function world(send, kept = {}) {
  const told = [], refused = [], timers = [];
  const storage = { getItem: (key) => kept[key] ?? null, setItem: (key, value) => (kept[key] = value) };
  const given = {
    storage, key: "k", send, most: 3,
    onAnswer: (item, answer) => told.push([item.id, answer]),
    onRefused: (item, error) => refused.push([item.id, error.status]),
    timers: { setTimeout: (run) => timers.push(run), clearTimeout: () => {} },
  };
  return { box: outbox(given), told, refused, timers, kept };
}

const error = (status) => Object.assign(new Error("no"), { status });

test("items are answered once, in their order, in batches", async () => {
  const sent = [];
  const { box, told, kept } = world(async (items) => (sent.push(items.map((item) => item.id)), items.map((item) => `${item.id}!`)));
  for (const id of ["a", "b", "c", "d", "e"]) box.push({ id });
  await settled();
  await settled();
  assert.deepEqual(sent, [["a"], ["b", "c", "d"], ["e"]]);
  assert.deepEqual(told, ["a", "b", "c", "d", "e"].map((id) => [id, `${id}!`]));
  assert.equal(kept.k, "[]");
});

test("without a connection everything waits, outlives the page, and goes out later", async () => {
  let there = false;
  const send = async (items) => {
    if (!there) throw error(0);
    return items.map(() => "ok");
  };
  const first = world(send);
  first.box.push({ id: "a" });
  first.box.push({ id: "b" });
  await settled();
  assert.equal(first.box.waiting(), 2);
  there = true;
  const second = world(send, first.kept);
  assert.equal(second.box.waiting(), 2);
  second.box.flush();
  await settled();
  assert.deepEqual(second.told.map(([id]) => id), ["a", "b"]);
});

test("one refused item does not hold up the others", async () => {
  const send = async (items) => {
    if (items.some((item) => item.bad)) throw error(400);
    return items.map(() => "ok");
  };
  const { box, told, refused, timers } = world(send, { k: JSON.stringify([{ id: "a" }, { id: "b", bad: true }, { id: "c" }]) });
  box.flush();
  for (let i = 0; i < 12 && box.waiting(); i += 1) {
    await settled();
    timers.splice(0).forEach((run) => run());
  }
  assert.deepEqual(refused, [["b", 400]]);
  assert.deepEqual(told.map(([id]) => id), ["a", "c"]);
});

test("an ended session or a busy server is no refusal", async () => {
  for (const status of [401, 403, 429, 500, 503]) {
    const { box, refused } = world(async () => { throw error(status); });
    box.push({ id: "a" });
    await settled();
    assert.equal(box.waiting(), 1);
    assert.deepEqual(refused, []);
  }
});

test("storage that is blocked loses nothing that is in memory", async () => {
  const told = [];
  const broken = { getItem() { throw new Error("blocked"); }, setItem() { throw new Error("blocked"); } };
  const box = outbox({ storage: broken, key: "k", send: async (items) => items.map(() => 1), onAnswer: (item) => told.push(item.id), onRefused() {} });
  box.push({ id: "a" });
  await settled();
  assert.deepEqual(told, ["a"]);
});
