// Saved views of the order table, in this browser: a name and what it filters and sorts by.

const KEY = "lastmile.views";
const MOST = 30;

/** What is kept; broken or foreign content counts as nothing. */
export function savedViews(storage = globalThis.localStorage) {
  try {
    const found = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((view) => typeof view?.name === "string" && Array.isArray(view.filters)) : [];
  } catch {
    return [];
  }
}

/** Keep a view under its name, in place of one that is called the same; returns all. */
export function saveView(view, storage = globalThis.localStorage) {
  return keep([...savedViews(storage).filter((one) => one.name !== view.name), view].slice(-MOST), storage);
}

export function dropView(name, storage = globalThis.localStorage) {
  return keep(savedViews(storage).filter((one) => one.name !== name), storage);
}

function keep(views, storage) {
  try {
    storage.setItem(KEY, JSON.stringify(views));
  } catch {
    // Without storage a view lasts as long as the page.
  }
  return views;
}
