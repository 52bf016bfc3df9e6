import assert from "node:assert/strict";
import { test } from "node:test";

import { businessTime, dayAfter } from "../../static/js/core/clock.js";
import { duration, formats, localMidnight } from "../../static/js/core/format.js";
import { cut, decode } from "../../static/js/core/polyline.js";

const helsinki = formats({ time_zone: "Europe/Helsinki", currency: "EUR", language: "en", units: "metric" });

test("times are the station's, not the browser's", () => {
  // A dispatcher in Berlin must see what the driver in Helsinki sees.
  assert.equal(helsinki.time("2026-06-01T06:05:00Z"), "09:05");
  assert.equal(helsinki.window("2026-06-01T06:00:00Z", "2026-06-01T08:30:00Z"), "09:00–11:30");
  assert.equal(helsinki.window(null, "2026-06-01T08:30:00Z"), "–11:30");
  assert.equal(helsinki.time(null), "–");
});

test("amounts carry their unit, in the station's system", () => {
  assert.equal(helsinki.distance(12_345), "12.3 km");
  assert.equal(helsinki.money(123_456), "€1,234.56");
  assert.equal(formats({ time_zone: "UTC", currency: "USD", units: "imperial" }).distance(1609), "1.0 mi");
  assert.equal(formats({ time_zone: "UTC", currency: "USD", units: "imperial" }).weight(4_536), "10 lb");
  assert.equal(formats({ time_zone: "UTC", currency: "USD", units: "imperial" }).volume(28_317), "1.0 cu ft");
  assert.equal(helsinki.signed(-120, duration), "−2 min");
  assert.equal(helsinki.signed(0, duration), "±0 s");
});

test("durations read like people say them", () => {
  assert.deepEqual([45, 60, 3599, 3600, 11_100].map(duration), ["45 s", "1 min", "1 h 00", "1 h 00", "3 h 05"]);
});

test("local midnight holds on the days the clocks change", () => {
  // Helsinki springs forward on 2026-03-29: the day has 23 hours.
  const before = localMidnight("2026-03-29", "Europe/Helsinki");
  assert.equal(new Date(before).toISOString(), "2026-03-28T22:00:00.000Z");
  assert.equal((localMidnight("2026-03-30", "Europe/Helsinki") - before) / 3600_000, 23);
});

test("the business clock runs at its speed from its anchor", () => {
  const clock = { wall: "2026-06-01T12:00:00Z", business: "2026-06-01T05:00:00Z", speed: 30 };
  assert.equal(businessTime(clock, Date.parse("2026-06-01T12:01:00Z")), Date.parse("2026-06-01T05:30:00Z"));
  assert.equal(dayAfter("2026-02-28", 1), "2026-03-01");
  assert.equal(dayAfter("2026-01-01", -1), "2025-12-31");
});

test("polylines decode to the published example", () => {
  // The example of the format's own description.
  assert.deepEqual(decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@"), [[38.5, -120.2], [40.7, -120.95], [43.252, -126.453]]);
  assert.deepEqual(decode(""), []);
  assert.throws(() => decode("_p~iF~ps|"), /ends inside/);
});

test("a line is cut at the last done stop, at the right passage of a there-and-back road", () => {
  // Out along a street and back along it: the second visit must not be cut at the first passage.
  const line = [[60, 24], [60.001, 24], [60.002, 24], [60.003, 24], [60.002, 24], [60.001, 24], [60, 24]];
  const stops = [{ lat: 60.003, lng: 24 }, { lat: 60.001, lng: 24 }];
  assert.equal(cut(line, stops, 0).ahead.length, 7);
  assert.deepEqual(cut(line, stops, 1).ahead[0], [60.003, 24]);
  assert.equal(cut(line, stops, 2).ahead.length, 2);
});

test("amounts are written as the reader's language has them", () => {
  // A German reads 1.234 as a thousand and more: an English point would be off by a factor of a thousand.
  const berlin = formats({ time_zone: "Europe/Berlin", currency: "EUR", language: "de" });
  assert.equal(berlin.money(123_456).replace(/\s/, " "), "1.234,56 €");
  assert.equal(berlin.distance(12_345), "12,3 km");
  assert.equal(berlin.weight(1_234_500), "1.234,5 kg");
  assert.equal(berlin.day("2026-03-10"), "Di., 10. März");
  assert.equal(berlin.time("2026-06-01T06:05:00Z"), "08:05");
  globalThis.document = { documentElement: { lang: "de" } }; // the page's language wins over the station's
  try {
    assert.equal(formats({ time_zone: "UTC", currency: "USD", language: "en", units: "imperial" }).distance(16_093), "10,0 mi");
  } finally {
    delete globalThis.document;
  }
});
