// Numbers and times as people read them: the page's language says how they are written, the station says zone, currency
// and units. Pure but for that language.

const MILE_M = 1609.344;
const POUND_G = 453.59237;
const CUBIC_FOOT_CM3 = 28_316.846592;

const pageLanguage = () => globalThis.document?.documentElement.lang;

/** Formatters of a station, in the page's language (outside of a page: the station's). Times are ISO strings or milliseconds. */
export function formats({ time_zone, currency, language = "en", units = "metric" }) {
  const written = pageLanguage() || language;
  const locale = written === "en" ? (units === "imperial" ? "en-US" : "en-GB") : written;
  const clock = new Intl.DateTimeFormat(locale, { timeZone: time_zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const seconds = new Intl.DateTimeFormat(locale, {
    timeZone: time_zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const date = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
  const money = new Intl.NumberFormat(locale, { style: "currency", currency });
  const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const imperial = units === "imperial";

  return {
    time: (at) => (at === null || at === undefined ? "–" : clock.format(typeof at === "string" ? Date.parse(at) : at)),
    timeWithSeconds: (at) => seconds.format(at),
    day: (day) => date.format(Date.parse(`${day}T12:00:00Z`)),
    window: (start, end) => {
      if (!start && !end) return "";
      if (!start) return `–${clock.format(Date.parse(end))}`;
      if (!end) return `${clock.format(Date.parse(start))}–`;
      return `${clock.format(Date.parse(start))}–${clock.format(Date.parse(end))}`;
    },
    money: (cents) => money.format(cents / 100),
    number: (value) => whole.format(value),
    tenths: (value) => one.format(value),
    distance: (metres) => (imperial ? `${one.format(metres / MILE_M)} mi` : `${one.format(metres / 1000)} km`),
    weight: (grams) => (imperial ? `${whole.format(grams / POUND_G)} lb` : `${one.format(grams / 1000)} kg`),
    volume: (cm3) => (imperial ? `${one.format(cm3 / CUBIC_FOOT_CM3)} cu ft` : `${whole.format(cm3 / 1000)} l`),
    duration,
    signed: (value, words) => (value === 0 ? `±${words(0)}` : `${value > 0 ? "+" : "−"}${words(Math.abs(value))}`),
  };
}

/** Seconds as "45 s", "12 min", "3 h 05". */
export function duration(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (Math.abs(seconds) < 60) return `${Math.round(Math.abs(seconds))} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** Local midnight of a day in a zone, in milliseconds. */
export function localMidnight(day, timeZone) {
  const guess = Date.parse(`${day}T00:00:00Z`);
  const first = guess - offset(guess, timeZone);
  return guess - offset(first, timeZone);
}

function offset(at, timeZone) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  }).formatToParts(at);
  const value = Object.fromEntries(parts.map(({ type, value: text }) => [type, Number(text)]));
  return Date.UTC(value.year, value.month - 1, value.day, value.hour, value.minute) - Math.floor(at / 60_000) * 60_000;
}
