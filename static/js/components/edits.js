// Undo and redo: what the server says can be taken back, as two buttons, two keys and a word on every notice.

import { S } from "../core/strings.js";
import { toast } from "./toasts.js";

/** @param {HTMLElement} root the bar */
export function edits(root, app) {
  const back = root.querySelector('[data-part="undo"]'), again = root.querySelector('[data-part="redo"]');
  let known = { undo: null, redo: null };
  let busy = false;

  function show() {
    for (const [button, edit, words] of [[back, known.undo, S.undo], [again, known.redo, S.redo]]) {
      if (!button) continue;
      button.disabled = !edit || busy;
      const said = edit ? `${words}: ${S.edits[edit.what] ?? edit.what}` : words;
      button.title = said;
      button.setAttribute("aria-label", said);
    }
  }

  async function refresh() {
    if (!app.may) return;
    known = (await app.do.edits()) ?? known;
    show();
  }

  async function turn(verb, said, other) {
    if (busy || !app.may) return;
    busy = true;
    show();
    const answer = await app.do[verb]();
    busy = false;
    await refresh();
    if (!answer) return;
    const button = { text: S[other], run: () => turn(other, other === "undo" ? S.undone : S.redone, verb) };
    toast({ text: said(S.edits[answer.what] ?? answer.what), kind: "success", buttons: [button] });
  }

  const undo = () => turn("undo", S.undone, "redo");
  const redo = () => turn("redo", S.redone, "undo");
  back?.addEventListener("click", undo);
  again?.addEventListener("click", redo);
  addEventListener("focus", refresh); // another tab of the same person may have gone on
  return { refresh, undo, redo };
}
