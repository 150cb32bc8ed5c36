/**
 * Building DOM without ever parsing markup: content can only become text nodes.
 * @module core/dom
 */

/** @typedef {Node|string|number|null|undefined|false|Child[]} Child */

/**
 * Create an element.
 *
 * Properties: `class`, `testid` (data-testid), `dataset`, `style` (set through the CSSOM, which a strict
 * Content-Security-Policy allows), `on` (event listeners); every other name becomes an attribute.
 * `null`, `undefined` and `false` leave a property out, `true` sets an empty attribute.
 * @param {string} tag
 * @param {Record<string, any>|null} [props]
 * @param {...Child} children
 * @returns {any} the element
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProperty(element, name, value);
  element.append(...nodes(children));
  return element;
}

/** @param {any} element @param {string} name @param {any} value */
function setProperty(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  } else if (name === "style") {
    for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
  } else if (name === "dataset") {
    for (const [key, text] of Object.entries(value)) if (text !== undefined) element.dataset[key] = text;
  } else if (name === "testid") {
    element.dataset.testid = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** @param {Child[]} children @returns {(Node|string)[]} */
function nodes(children) {
  return /** @type {any[]} */ (children)
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * The element with this id, which index.html promises to hold.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element #${id}`);
  return element;
}

let lastId = 0;

/**
 * An id no other element has, for aria-controls and aria-labelledby.
 * @param {string} prefix
 */
export function uniqueId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * Text for screen readers only.
 * @param {string} text
 */
export function hiddenText(text) {
  return h("span", { class: "visually-hidden" }, text);
}
