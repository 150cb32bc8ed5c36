/**
 * The list above the composer: commands, options, and values to choose from.
 *
 * The text field keeps the focus; the list is its listbox, and aria-activedescendant points into it.
 * @module composer/popup
 */
import { byId, h, uniqueId } from "../core/dom.js";

/**
 * @typedef {object} PopupItem
 * @property {string} label
 * @property {string} [detail]
 * @property {string} [hint] at the end of the row
 * @property {() => Node} [mark]
 * @property {string} testid
 * @property {() => void} pick
 */

/**
 * @typedef {object} PopupContent
 * @property {string} [title] what is being asked for
 * @property {string} [description] of it
 * @property {string} [note] in place of items, or after them
 * @property {{label?: string, items: PopupItem[]}[]} groups
 * @property {number} active index of the item Enter would pick; -1 for none
 */

/** The list above the composer. */
export class Popup {
  #root = byId("composer-popup");
  /** @type {PopupItem[]} */ #items = [];
  /** @type {HTMLElement[]} */ #rows = [];
  #active = -1;
  /** @type {HTMLElement|null} */ #owner = null;
  /** Whether the member moved through the list since it was filled. */ moved = false;

  constructor() {
    // A press on the list must not take the focus from the text field.
    this.#root.addEventListener("mousedown", (/** @type {Event} */ event) => event.preventDefault());
  }

  /** @returns {PopupItem|null} what Enter would pick */
  get active() {
    return this.#items[this.#active] ?? null;
  }

  get isOpen() {
    return !this.#root.hidden;
  }

  /**
   * Fill and show the list.
   * @param {HTMLElement} owner the text field it belongs to
   * @param {PopupContent} content
   */
  show(owner, content) {
    this.#disown(owner);
    this.#owner = owner;
    this.#items = content.groups.flatMap((group) => group.items);
    this.#rows = this.#items.map((item) => this.#row(item));
    const list = h("div", {
      role: "listbox",
      id: uniqueId("suggestions"),
      "aria-label": content.title ?? "Commands",
    });
    let at = 0;
    for (const group of content.groups) {
      const rows = this.#rows.slice(at, at + group.items.length);
      at += group.items.length;
      list.append(group.label ? labelled(group.label, rows) : fragment(rows));
    }
    this.#root.replaceChildren(
      ...[head(content), this.#rows.length ? list : null, note(content)].filter((part) => part !== null),
    );
    this.#root.hidden = false;
    owner.setAttribute("aria-expanded", String(this.#rows.length > 0));
    if (this.#rows.length) owner.setAttribute("aria-controls", list.id);
    this.moved = false;
    this.#activate(content.active);
  }

  /** Take the list away. */
  hide() {
    this.#root.hidden = true;
    this.#items = [];
    this.#disown(null);
    this.#owner = null;
  }

  /**
   * Move the active item.
   * @param {number} step 1 or -1
   */
  move(step) {
    const count = this.#items.length;
    if (count === 0) return;
    this.moved = true;
    const from = this.#active < 0 && step < 0 ? 0 : this.#active;
    this.#activate((from + step + count) % count);
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index;
    this.#rows.forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === index));
      row.classList.toggle("active", at === index);
    });
    const row = this.#rows[index];
    if (row) this.#owner?.setAttribute("aria-activedescendant", row.id);
    else this.#owner?.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLElement|null} next */
  #disown(next) {
    if (!this.#owner || this.#owner === next) return;
    this.#owner.setAttribute("aria-expanded", "false");
    for (const name of ["aria-activedescendant", "aria-controls"]) this.#owner.removeAttribute(name);
  }

  /** @param {PopupItem} item */
  #row(item) {
    return h(
      "div",
      {
        role: "option",
        id: uniqueId("suggestion"),
        class: "suggestion",
        testid: item.testid,
        on: { click: item.pick },
      },
      item.mark?.(),
      h(
        "span",
        { class: "suggestion-text" },
        h("span", { class: "suggestion-label" }, item.label),
        item.detail && h("span", { class: "suggestion-detail" }, item.detail),
      ),
      item.hint && h("span", { class: "suggestion-hint" }, item.hint),
    );
  }
}

/** @param {PopupContent} content */
function head({ title, description }) {
  if (!title) return null;
  return h(
    "div",
    { class: "popup-head" },
    h("strong", null, title),
    description && h("span", null, description),
  );
}

/** @param {PopupContent} content */
function note({ note: text }) {
  return text ? h("div", { class: "popup-note", role: "status" }, text) : null;
}

/** @param {string} label @param {HTMLElement[]} rows */
function labelled(label, rows) {
  const id = uniqueId("group");
  return h(
    "div",
    { role: "group", "aria-labelledby": id },
    h("div", { class: "popup-group", id, role: "presentation" }, label),
    rows,
  );
}

/** @param {HTMLElement[]} rows */
function fragment(rows) {
  const all = document.createDocumentFragment();
  all.append(...rows);
  return all;
}
