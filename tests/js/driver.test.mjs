import assert from "node:assert/strict";
import { test } from "node:test";

import { counted } from "../../static/js/components/messages.js";
import { eventId } from "../../static/js/core/event_id.js";
import { delayOf, plain } from "../../static/js/pages/driver_live.js";
import { strokes } from "../../static/js/pages/driver_pad.js";
import { fit } from "../../static/js/pages/driver_photos.js";
import { reportForm } from "../../static/js/pages/driver_report.js";

test("a photo is made small, never large, and keeps its shape", () => {
  // A 12 MP picture over a bad connection is a driver waiting in the rain.
  assert.deepEqual(fit(4000, 3000), { width: 1600, height: 1200 });
  assert.deepEqual(fit(3000, 4000), { width: 1200, height: 1600 });
  assert.deepEqual(fit(640, 480), { width: 640, height: 480 });
  assert.deepEqual(fit(10_000, 1), { width: 1600, height: 1 });
});

test("strokes stay on the pad, and points that say nothing are left out", () => {
  // The server refuses what lies outside and what is more than it draws.
  const pad = strokes();
  assert.equal(pad.json(), "");
  pad.begin(-0.5, 1.5);
  assert.equal(pad.extend(0.0005, 1), null);
  assert.deepEqual(pad.extend(0.123456, 0.5), [[0, 1], [0.1235, 0.5]]);
  pad.begin(0.9, 0.9);
  assert.deepEqual(JSON.parse(pad.json()), { strokes: [[[0, 1], [0.1235, 0.5]], [[0.9, 0.9]]] });
  pad.clear();
  assert.equal(pad.json(), "");
});

test("a signature has an end", () => {
  const pad = strokes();
  for (let stroke = 0; stroke < 300; stroke += 1) {
    if (!pad.begin(0, 0)) break;
    for (let point = 0; point < 100; point += 1) pad.extend((point % 2) * 0.5, 0.5);
  }
  const kept = JSON.parse(pad.json()).strokes;
  assert.ok(kept.length <= 200);
  assert.ok(kept.flat().length <= 8000);
});

test("what matters is fetched at once, times now and then", () => {
  // Times creep with every position; a page that fetched each would empty the battery.
  assert.equal(delayOf("route", 0), 150);
  assert.equal(delayOf("messages", 0), 150);
  assert.equal(delayOf("eta", 0), 15_000);
  assert.equal(delayOf("eta", 60_000), 150);
});

test("a new form token is no change", () => {
  // Otherwise every look would replace what is under the thumb.
  const page = (token) => `<p>a</p><input type="hidden" name="csrfmiddlewaretoken" value="${token}">`;
  assert.equal(plain(page("abc")), plain(page("xyz")));
  assert.notEqual(plain(`<p>b</p>${page("abc")}`), plain(page("abc")));
});

test("a notice is shown for what is new, not for what waits already", () => {
  // Opening the board must not ring for yesterday.
  const rows = [{ driver_id: 1, unread: 2, unconfirmed: 0 }, { driver_id: 2, unread: 0, unconfirmed: 1 }];
  const first = counted(undefined, rows);
  assert.deepEqual(first.rung, []);
  const next = counted(first.counts, [{ ...rows[0], unread: 3 }, { ...rows[1], unread: 1 }]);
  assert.deepEqual(next.rung, [1, 2]);
  assert.deepEqual(counted(next.counts, rows).rung, []);
});

test("event ids are long and no two alike", () => {
  const some = new Set(Array.from({ length: 100 }, eventId));
  assert.equal(some.size, 100);
  for (const id of some) assert.match(id, /^[0-9a-f]{32}$/);
});

function page(answer) {
  const handlers = {};
  const refused = { dataset: { offline: "no connection", sending: "sending" }, textContent: "", hidden: true, focus() {} };
  const button = { textContent: "Save", disabled: false };
  const sent = [];
  const form = {
    action: "/x", elements: {},
    querySelector: (what) => (what.startsWith("button") ? button : refused),
    addEventListener: (name, handler) => (handlers[name] = handler),
  };
  globalThis.FormData = class { delete() {} append(...given) { sent.push(given); } };
  globalThis.location = { assign: (to) => sent.push(["go", to]), reload: () => sent.push(["reload"]) };
  globalThis.fetch = async (...given) => {
    sent.push(["fetch", given[0]]);
    return answer();
  };
  const submit = async () => {
    handlers.submit({ preventDefault() {} });
    await new Promise((done) => setTimeout(done, 5));
  };
  return { form, refused, button, sent, submit };
}
const json = (body) => ({ type: "basic", status: 422, json: async () => body });

test("a refusal is said and the form stays", async () => {
  // Photo and signature must not be taken again for a missing name.
  const { form, refused, button, sent, submit } = page(() => json({ cause: "No name.", action: "Write it." }));
  reportForm(form);
  await submit();
  assert.equal(refused.textContent, "No name. Write it.");
  assert.equal(button.disabled, false);
  assert.deepEqual(sent, [["fetch", "/x"]]);
});

test("two taps are one request", async () => {
  const { form, sent, submit } = page(() => json({ next: "/driver/" }));
  reportForm(form);
  submit();
  await submit();
  assert.deepEqual(sent, [["fetch", "/x"], ["go", "/driver/"]]);
});

test("what a dead spot swallowed is sent again when the connection is back, and only then", async () => {
  let up = false;
  const { form, refused, sent, submit } = page(() => {
    if (!up) throw new TypeError("no network");
    return json({ next: "/driver/" });
  });
  const report = reportForm(form);
  report.again();
  assert.equal(sent.length, 0);
  await submit();
  assert.equal(refused.textContent, "no connection");
  up = true;
  report.again();
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(sent.at(-1), ["go", "/driver/"]);
});
