// What the board says, in the page's language. Another language is one more file with the same keys.

import { S as de } from "./strings.de.js";
import { S as en } from "./strings.en.js";

const languages = { de, en };

/** The words of a language, as in the lang attribute of the page; English where there is no such file. */
export const stringsOf = (lang) => languages[lang?.slice(0, 2)] ?? en;

export const S = stringsOf(globalThis.document?.documentElement.lang);
