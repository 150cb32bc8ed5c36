/**
 * The message list: days, groups, and staying at the present.
 * @module messages/list
 */
import { byId, h } from "../core/dom.js";
import { dayNumber, dayText } from "../core/time.js";
import { rememberFocus, restoreFocus, rove } from "../core/focus.js";
import { compareIds } from "../core/snowflake.js";
import { interactionOf, renderMessage, renderPending } from "./message.js";

/** Messages of one author within this many milliseconds share one head. */
const GROUP_WITHIN = 7 * 60 * 1000;

/** Closer than this to the end counts as being there, in CSS pixels. */
const NEAR = 40;

/** @typedef {{key: string, parts: any[], build: () => HTMLElement}} Row */

/** Keeps the list in step with the store, reusing the rows that did not change. */
export class MessageList {
  #app;
  #scroller = byId("message-scroller");
  #list = byId("message-list");
  #jump = byId("jump-to-present");
  /** @type {Map<string, {parts: any[], node: HTMLElement}>} */ #rows = new Map();
  /** @type {Map<string, Set<string>>} spoilers opened, by message */ #revealed = new Map();
  #atPresent = true;
  /** How many rows there were when last drawn. */ #seen = 0;

  /** @param {import("../main.js").App} app */
  constructor(app) {
    this.#app = app;
    const { store, interactions } = app;
    for (const event of ["reset", "channel"]) store.addEventListener(event, () => this.#restart());
    for (const event of ["messages", "commands"]) store.addEventListener(event, () => this.#render());
    interactions.addEventListener("change", () => this.#render());
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#jump.addEventListener("click", () => this.jumpToPresent());
    rove(this.#list, "li.message");
    new ResizeObserver(() => this.#follow()).observe(this.#list);
    new ResizeObserver(() => this.#follow()).observe(this.#scroller);
  }

  /** Go to the newest message. */
  jumpToPresent() {
    this.#atPresent = true;
    this.#follow();
    this.#scrolled();
  }

  /** Put the keyboard on a message. @param {string} id */
  goTo(id) {
    const node = this.#rows.get(id)?.node;
    node?.scrollIntoView({ block: "center" });
    node?.focus();
  }

  #restart() {
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#render();
    this.jumpToPresent();
  }

  #render() {
    const rows = this.#wantedRows();
    const keep = new Map(rows.map((row) => [row.key, row]));
    const focus = rememberFocus(this.#list);
    for (const [key, { node }] of this.#rows) {
      if (keep.has(key)) continue;
      node.remove();
      this.#rows.delete(key);
    }
    let previous = /** @type {Element|null} */ (null);
    for (const row of rows) previous = this.#place(row, previous);
    this.#list.classList.toggle("empty", rows.length === 0);
    restoreFocus(this.#list, focus);
    this.#rove();
    if (!this.#atPresent && rows.length > this.#seen) this.#jump.textContent = "New messages below";
    this.#seen = rows.length;
    this.#follow();
  }

  /** @param {Row} row @param {Element|null} previous @returns {Element} */
  #place(row, previous) {
    const known = this.#rows.get(row.key);
    const same = known && known.parts.every((part, index) => part === row.parts[index]);
    const node = same ? known.node : row.build();
    if (known && !same) known.node.replaceWith(node);
    const place = previous ? previous.nextElementSibling : this.#list.firstElementChild;
    if (place !== node) this.#list.insertBefore(node, place);
    this.#rows.set(row.key, { parts: row.parts, node });
    return node;
  }

  /** Everything to show, in the order of ids; a command on its way has its nonce for one. @returns {Row[]} */
  #wantedRows() {
    const { store, interactions } = this.#app;
    const waiting = [...interactions.commands.values()].filter(
      ({ channelId }) => channelId === store.channelId,
    );
    /** @type {{id: string, at: Date, message?: any, pending?: any}[]} */
    const items = [
      ...store.messages.map((message) => ({
        id: String(message.id),
        at: new Date(message.timestamp),
        message,
      })),
      ...waiting.map((pending) => ({ id: pending.nonce, at: pending.at, pending })),
    ];
    items.sort((left, right) => compareIds(left.id, right.id));
    /** @type {Row[]} */ const rows = [];
    let before = /** @type {any} */ (null);
    for (const item of items) {
      if (!before || dayNumber(before.at) !== dayNumber(item.at)) rows.push(dayRow(item.at));
      if (item.message) rows.push(this.#messageRow(item.message, follows(before?.message, item.message)));
      else rows.push(this.#pendingRow(item.pending));
      before = item;
    }
    return rows;
  }

  /** @param {import("../state/interactions.js").Pending} pending @returns {Row} */
  #pendingRow(pending) {
    const build = () => renderPending(pending, this.#app);
    return { key: `pending:${pending.nonce}`, parts: [pending.status], build };
  }

  /** @param {any} message @param {boolean} grouped @returns {Row} */
  #messageRow(message, grouped) {
    const { store, interactions } = this.#app;
    const id = String(message.id);
    const waiting = interactions.components.get(id);
    const revealed = this.#revealed.get(id) ?? new Set();
    this.#revealed.set(id, revealed);
    const parts = [message, grouped, waiting?.status, waiting?.nonce, store.commands];
    return { key: id, parts, build: () => renderMessage(message, { grouped, revealed }, this.#app) };
  }

  /** One message is in the tab order: the one last visited, or else the newest. */
  #rove() {
    const messages = [...this.#list.querySelectorAll("li.message")];
    const current = messages.find((node) => node.contains(document.activeElement));
    const stop = current ?? messages.find((node) => node.tabIndex === 0) ?? messages[messages.length - 1];
    for (const node of messages) node.tabIndex = node === stop ? 0 : -1;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#atPresent = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#jump.hidden = this.#atPresent;
    if (this.#atPresent) this.#jump.textContent = "Jump to present";
  }

  #follow() {
    if (this.#atPresent) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

/** @param {Date} date @returns {Row} */
function dayRow(date) {
  const text = dayText(date);
  const build = () => h("li", { class: "day", role: "separator", "aria-label": text }, h("span", null, text));
  return { key: `day:${dayNumber(date)}`, parts: [], build };
}

/**
 * @param {any} before
 * @param {any} message
 * @returns {boolean} whether it goes under the head of the one before
 */
function follows(before, message) {
  if (!before || String(before.author.id) !== String(message.author.id)) return false;
  if (interactionOf(message) || message.message_reference) return false;
  if ((before.flags ^ message.flags) & 64) return false;
  const [earlier, later] = [before, message].map(({ timestamp }) => new Date(timestamp));
  return later.getTime() - earlier.getTime() < GROUP_WITHIN && dayNumber(earlier) === dayNumber(later);
}
