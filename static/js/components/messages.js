// Messages between the board and the drivers: how many wait, a notice for each new one, and the talk with one driver.

import { S } from "../core/strings.js";
import { toast } from "./toasts.js";

const SOON_MS = 200;

/** The new state of the counts, and the drivers with more unread messages than before. Pure. */
export function counted(before, rows) {
  const counts = new Map(rows.map(({ driver_id, unread, unconfirmed }) => [driver_id, { unread, unconfirmed }]));
  const rung = rows.filter(({ driver_id, unread }) => unread > (before?.get(driver_id)?.unread ?? 0)).map((row) => row.driver_id);
  return { counts, rung: before ? rung : [] };
}

/**
 * @param {object} app the board: `state`, `ui`, `set`, `fmt`, `may`
 * @param {{api: Function, stationId: number}} given
 */
export function messages(app, { api, stationId }) {
  const base = `/api/v1/stations/${stationId}`;
  let timer = null;
  let talk = null; // the open dialog: {driverId, refresh}

  const nameOf = (driverId) => app.state?.drivers.get(driverId)?.name ?? S.someDriver;
  const history = (driverId) => api(`${base}/drivers/${driverId}/messages/`).then(({ messages: all }) => all);

  async function refresh() {
    let rows;
    try {
      rows = (await api(`${base}/messages/`)).drivers;
    } catch {
      return; // the bar says that the connection is gone; the next event or reconnection asks again
    }
    const { counts, rung } = counted(app.ui.messages, rows);
    app.set({ messages: counts });
    for (const driverId of rung) if (talk?.driverId !== driverId) announce(driverId);
  }

  async function announce(driverId) {
    const last = (await history(driverId).catch(() => [])).filter((one) => one.from_driver && !one.confirmed_at).at(-1);
    if (last) toast({ text: S.messageFrom(nameOf(driverId)), action: last.words, kind: "warning", buttons: [{ text: S.openMessages, run: () => open(driverId) }] });
  }

  async function open(driverId) {
    const { messageDialog } = await import("./message_dialog.js");
    talk = {
      driverId,
      ...messageDialog({
        name: nameOf(driverId), driver: app.state?.drivers.get(driverId), may: app.may, fmt: app.fmt,
        history: () => history(driverId),
        send: (words, id) => api(`${base}/drivers/${driverId}/messages/`, { method: "POST", body: { event_id: id, words } }),
        seen: (upto) => api(`${base}/drivers/${driverId}/messages/seen/`, { method: "POST", body: { upto } }),
        closed: () => (talk = null),
      }),
    };
  }

  return {
    open,
    refresh,
    /** A frame of the board's socket: messages carry no words, so they are asked for. */
    heard(frame) {
      const ours = frame.type === "hello" || (frame.type === "event" && frame.name === "driver_message.changed");
      if (!ours) return;
      clearTimeout(timer);
      timer = setTimeout(refresh, SOON_MS);
      if (talk && frame.data?.driver_id === talk.driverId) talk.refresh();
    },
  };
}
