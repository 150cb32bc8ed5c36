/**
 * Where the keyboard is: roving through lists, staying inside dialogs, surviving a redraw.
 * @module core/focus
 */

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex='0']";

/** @param {Element} element @returns {boolean} whether it can be seen and used */
function usable(element) {
  return element.checkVisibility?.() !== false && !element.closest("[inert]");
}

/**
 * The elements the Tab key visits inside a container.
 * @param {Element} container
 * @returns {HTMLElement[]}
 */
export function focusables(container) {
  const found = /** @type {NodeListOf<HTMLElement>} */ (container.querySelectorAll(FOCUSABLE));
  return [...found].filter((element) => element.tabIndex >= 0 && usable(element));
}

/**
 * Keep Tab inside a container for as long as it is in the page.
 * @param {HTMLElement} container
 */
export function trapTab(container) {
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const elements = focusables(container);
    const first = elements[0];
    const last = elements[elements.length - 1];
    const leaving = event.shiftKey ? first : last;
    if (!first || document.activeElement !== leaving) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  });
}

/**
 * Arrow keys, Home and End move through the items of a container; one item is in the tab order.
 * @param {HTMLElement} container
 * @param {string} selector of the items
 * @param {{next?: string[], previous?: string[]}} [keys]
 */
export function rove(container, selector, { next = ["ArrowDown"], previous = ["ArrowUp"] } = {}) {
  container.addEventListener("keydown", (event) => {
    const items = /** @type {HTMLElement[]} */ ([...container.querySelectorAll(selector)].filter(usable));
    const at = items.findIndex((item) => item === event.target);
    if (at < 0) return;
    const targets = new Map([
      ["Home", 0],
      ["End", items.length - 1],
    ]);
    for (const key of next) targets.set(key, Math.min(at + 1, items.length - 1));
    for (const key of previous) targets.set(key, Math.max(at - 1, 0));
    const target = targets.get(event.key);
    if (target === undefined) return;
    event.preventDefault();
    for (const item of items) item.tabIndex = item === items[target] ? 0 : -1;
    items[target].focus();
  });
}

/**
 * Which part of which row holds the focus, so that it can be found after the row was drawn anew.
 * @param {HTMLElement} list
 */
export function rememberFocus(list) {
  const active = document.activeElement;
  if (!active || !list.contains(active)) return null;
  const row = /** @type {HTMLElement|null} */ (active.closest("[data-key]"));
  const part = /** @type {HTMLElement|null} */ (active.closest("[data-focus-key]"));
  return { row: row?.dataset.key, part: part?.dataset.focusKey };
}

/** @param {HTMLElement} list @param {ReturnType<typeof rememberFocus>} focus */
export function restoreFocus(list, focus) {
  if (!focus || list.contains(document.activeElement)) return;
  const row = /** @type {HTMLElement|null} */ (find(list, "data-key", focus.row));
  const part = row && find(row, "data-focus-key", focus.part);
  /** @type {HTMLElement|null} */ (part ?? row)?.focus({ preventScroll: true });
}

/** @param {HTMLElement} container @param {string} attribute @param {string|undefined} value */
function find(container, attribute, value) {
  return value === undefined ? null : container.querySelector(`[${attribute}="${CSS.escape(value)}"]`);
}
