/**
 * Dates and times in words, and the clock that keeps relative ones true.
 * @module core/time
 */
import { h } from "./dom.js";

const format = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
  new Intl.DateTimeFormat(undefined, options);
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** Discord's timestamp styles, `<t:SECONDS:STYLE>`. @type {Record<string, Intl.DateTimeFormat>} */
const STYLES = {
  t: format({ timeStyle: "short" }),
  T: format({ timeStyle: "medium" }),
  d: format({ dateStyle: "short" }),
  D: format({ dateStyle: "long" }),
  f: format({ dateStyle: "long", timeStyle: "short" }),
  F: format({ dateStyle: "full", timeStyle: "short" }),
  s: format({ dateStyle: "short", timeStyle: "short" }),
  S: format({ dateStyle: "short", timeStyle: "medium" }),
};

/** Relative units with their length in seconds, largest first. */
const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
]);

/**
 * "in 5 minutes", "2 days ago".
 * @param {number} seconds Unix time
 */
export function relativeTime(seconds) {
  const distance = Math.round(seconds - Date.now() / 1000);
  const [unit, length] = UNITS.find(([, size]) => Math.abs(distance) >= size) ?? UNITS[UNITS.length - 1];
  return relative.format(Math.trunc(distance / length), unit);
}

/**
 * The text of a timestamp in one of Discord's styles.
 * @param {number} seconds Unix time @param {string} style
 */
export function timestampText(seconds, style) {
  if (style === "R") return relativeTime(seconds);
  return (STYLES[style] ?? STYLES.f).format(new Date(seconds * 1000));
}

/**
 * The time in a message's first line: "Today at 12:30".
 * @param {Date} date
 */
export function messageTime(date) {
  const days = dayNumber(new Date()) - dayNumber(date);
  if (days === 0) return `Today at ${STYLES.t.format(date)}`;
  if (days === 1) return `Yesterday at ${STYLES.t.format(date)}`;
  return STYLES.s.format(date);
}

/** @param {Date} date the time alone, for the margin of a grouped message */
export const shortTime = (date) => STYLES.t.format(date);

/** @param {Date} date the day in words, for the line between two days */
export const dayText = (date) => STYLES.D.format(date);

/** @param {Date} date in full, for tooltips */
export const fullTime = (date) => STYLES.F.format(date);

/** @param {Date} date days since the epoch in local time */
export function dayNumber(date) {
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60000) / 86400000);
}

/**
 * A `<time>` element; one in style "R" stays true while it is in the page.
 * @param {number} seconds Unix time @param {string} style
 */
export function timestampElement(seconds, style) {
  const date = new Date(seconds * 1000);
  const live = style === "R" ? { "data-relative": seconds, "aria-live": "off" } : {};
  const attributes = { class: "timestamp", datetime: date.toISOString(), title: fullTime(date), ...live };
  return h("time", attributes, timestampText(seconds, style));
}

/** Keep every relative time in the page true, once a second. */
export function startClock() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = relativeTime(Number(/** @type {HTMLElement} */ (element).dataset.relative));
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
