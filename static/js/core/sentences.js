// What the server says in English and stores so, in the page's language; what no table knows stays as it is.

const FILES = { de: () => import("./sentences.de.js") };
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const HOLE = /\{(\w+)\}/;

/** A function that says a sentence in a language: `said("Route 1 ...")`. */
export const speaker = async (lang) => spoken((await FILES[lang?.slice(0, 2)]?.())?.sentences);

function spoken(table) {
  if (!table) return (words) => words;
  const loose = (template) => template.replace(/\{\w+\}/g, "").length;
  // The most literal first: a loose one must not catch another's sentence.
  const patterns = Object.keys(table).filter((one) => HOLE.test(one)).sort((a, b) => loose(b) - loose(a)).map((one) => [
    new RegExp(`^${one.split(HOLE).map((part, i) => (i % 2 ? `(?<${part}>.+?)` : escaped(part))).join("")}$`, "s"), table[one],
  ]);
  const said = (words) => {
    if (!words || Object.hasOwn(table, words)) return table[words] ?? words;
    for (const [pattern, template] of patterns) {
      const held = pattern.exec(words)?.groups;
      if (held) return template.replace(/\{(\w+)\}/g, (_, name) => said(held[name]));
    }
    return words;
  };
  return said;
}

export const said = await speaker(globalThis.document?.documentElement.lang);

/** A broken rule in words; one that the station has given a price, with what it costs here. */
export const brokenRule = (one, fmt) => (one.cents === undefined ? said(one.words) : `${said(one.words)} ${fmt.money(one.cents)}`);
