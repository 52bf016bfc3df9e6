// What the board says, in the page's language: only that language's file is fetched. Another one has the same keys.

const FILES = { de: () => import("./strings.de.js"), en: () => import("./strings.en.js") };

/** The words of a language, as in the lang attribute of the page; English where there is no such file. */
export const stringsOf = async (lang) => (await (FILES[lang?.slice(0, 2)] ?? FILES.en)()).S;

export const S = await stringsOf(globalThis.document?.documentElement.lang);
