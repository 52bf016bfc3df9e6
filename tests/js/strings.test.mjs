import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { S as de } from "../../static/js/core/strings.de.js";
import { S as en } from "../../static/js/core/strings.en.js";
import { stringsOf } from "../../static/js/core/strings.js";

/** Every key with what stands there: "moved: function of 2", "kinds.late: string". */
function shape(words, path = "") {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" ? shape(value, `${path}${key}.`) : [`${path}${key}: ${typeof value}${typeof value === "function" ? ` of ${value.length}` : ""}`]);
}

test("both languages have the same keys, each a word or a function of as many arguments", () => {
  // A key that one language lacks would show as "undefined" to half of the people.
  assert.deepEqual(shape(de), shape(en));
});

test("no German word was left in English, and every function uses what it is given", () => {
  const same = [];
  const compare = (one, other, path = "") => {
    for (const [key, value] of Object.entries(one)) {
      if (typeof value === "object") compare(value, other[key], `${path}${key}.`);
      else if (typeof value === "string" && value === other[key]) same.push(`${path}${key}`);
      else if (typeof value === "function" && value.length) {
        const given = Array.from({ length: value.length }, (_, i) => 71 + i);
        for (const mark of given) assert.ok(value(...given).includes(mark), `${path}${key}`);
      }
    }
  };
  compare(de, en);
  assert.deepEqual(same, ["live", "facts.shop", "legend.station"]);
});

test("the page's language chooses the words, English where there are none", async () => {
  assert.equal((await stringsOf("de")).stops(2), "2 Stopps");
  assert.equal((await stringsOf("de-AT")).orders(1234), "1.234 Aufträge");
  assert.equal((await stringsOf("fi")).orders(1234), "1,234 orders");
  assert.equal(await stringsOf(undefined), en);
});

test("every word that a component asks for is there, and none is written into the component", () => {
  const known = new Set(Object.keys(en));
  const folder = new URL("../../static/js/components/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const text = readFileSync(new URL(name, folder), "utf8");
    for (const [, key] of text.matchAll(/\bS\.(\w+)/g)) assert.ok(known.has(key), `${name}: S.${key}`);
    for (const line of text.split("\n").filter((line) => !/^\s*(\/\/|\*|\/\*|import)/.test(line))) {
      assert.doesNotMatch(line, /["`][A-Z][a-z]+ [a-z]+ [^"`]*["`]/, `${name}: ${line.trim()}`);
    }
  }
});
