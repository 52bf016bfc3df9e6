import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { sentences } from "../../static/js/core/sentences.de.js";
import { speaker } from "../../static/js/core/sentences.js";

const german = await speaker("de");

test("alerts and reasons are said in German, with what they hold", () => {
  // The board's most urgent words: a dispatcher reads them in a second.
  assert.equal(german("Route R1 will be 12 min late at Mannerheimintie 5 and 2 more stops; 3 orders at risk"),
    "Tour R1 wird 12 min zu spät sein: Mannerheimintie 5 und 2 weitere Stopps; 3 Aufträge gefährdet");
  assert.equal(german("Route R1 could not hand over 1 order at Kaivokatu 1: no one home"),
    "Tour R1 konnte nicht übergeben: 1 Auftrag, Kaivokatu 1: niemand zu Hause");
  assert.equal(german("No vehicle can fit it in without being late. Van 2 would be 5 min late there or at another stop."),
    "Kein Fahrzeug kann ihn ohne Verspätung unterbringen. Van 2 wäre dort oder an einem anderen Stopp 5 min verspätet.");
});

test("what is not known stays, and English is not touched", async () => {
  assert.equal(german("Something unheard of."), "Something unheard of.");
  assert.equal(german(""), "");
  assert.equal((await speaker("en"))("its route never left"), "its route never left");
});

test("both sides of every sentence hold the same", () => {
  const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [english, other] of Object.entries(sentences)) assert.deepEqual(holes(english), holes(other), english);
});

test("every sentence with a hole is one that the sources say", () => {
  // One that was reworded there would silently show English again. Names and joined pieces are wildcards.
  const root = new URL("../../", import.meta.url);
  const under = (folder) => readdirSync(new URL(folder, root), { recursive: true }).filter((name) => name.endsWith(".py"))
    .map((name) => readFileSync(new URL(`${folder}${name}`, root), "utf8")).join("\n");
  const sources = ["dispatch/planning/", "dispatch/services/", "tracking/engine/", "tracking/services/"].map(under).join("\n").replace(/"\s*\n\s*f?"/g, "");
  for (const english of Object.keys(sentences).filter((one) => /\{/.test(one))) {
    const pieces = english.split(/\{\w+\}/).flatMap((piece) => piece.split(/ (?:before|at risk|on the way back|more stops?)/)).map((piece) => piece.trim()).filter((piece) => piece.length > 4);
    for (const piece of pieces) assert.ok(sources.includes(piece), `${english}: ${piece}`);
  }
});
