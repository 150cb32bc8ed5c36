/**
 * Things hidden until somebody asks to see them: spoiler text and spoiler pictures.
 * @module markdown/spoiler
 */
import { h } from "../core/dom.js";

/**
 * Spoiler text, revealed by a click, Enter or the space bar. What was revealed stays so when the message is
 * edited, as long as the order of its spoilers stays.
 * @param {(Node|string)[]} content
 * @param {{revealed: Set<string>, key: string, spoilers: number}} context
 */
export function spoilerText(content, context) {
  const key = `${context.key}:${context.spoilers}`;
  context.spoilers += 1;
  const inner = h("span", { class: "spoiler-content" }, content);
  const spoiler = h("span", { class: "spoiler", testid: "spoiler" }, inner);
  if (!context.revealed.has(key)) hide(spoiler, inner, () => context.revealed.add(key));
  return spoiler;
}

/** @param {any} spoiler @param {any} inner @param {() => void} onReveal */
function hide(spoiler, inner, onReveal) {
  // inert also keeps links inside from being followed by a key, and their text from screen readers.
  inner.inert = true;
  Object.assign(spoiler, { role: "button", tabIndex: 0, ariaLabel: "Spoiler: show" });
  spoiler.classList.add("hidden");
  const reveal = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    inner.inert = false;
    spoiler.classList.remove("hidden");
    for (const name of ["role", "aria-label"]) spoiler.removeAttribute(name);
    spoiler.tabIndex = -1;
    spoiler.removeEventListener("click", reveal);
    spoiler.removeEventListener("keydown", onKey);
    onReveal();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" || event.key === " ") reveal(event);
  };
  spoiler.addEventListener("click", reveal);
  spoiler.addEventListener("keydown", onKey);
}

/**
 * Cover a picture or a whole block until it is clicked.
 * @param {HTMLElement} content
 * @param {object} options
 * @param {Set<string>} options.revealed @param {string} options.key
 * @param {string} [options.label] what a screen reader calls the cover
 */
export function spoilerCover(content, { revealed, key, label = "Spoiler: show" }) {
  if (revealed.has(key)) return content;
  content.inert = true;
  const cover = h(
    "button",
    { type: "button", class: "spoiler-cover", "aria-label": label, testid: "spoiler" },
    h("span", { class: "spoiler-pill" }, "SPOILER"),
  );
  const wrapper = h("div", { class: "spoiler-block hidden" }, content, cover);
  cover.addEventListener("click", () => {
    revealed.add(key);
    content.inert = false;
    wrapper.classList.remove("hidden");
    cover.remove();
    const inside = /** @type {HTMLElement|null} */ (content.querySelector("button, a"));
    (inside ?? content).focus();
  });
  return wrapper;
}
