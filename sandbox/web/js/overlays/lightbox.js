/**
 * The lightbox: one picture large, its neighbours by arrow keys, its alt text and the original.
 * @module overlays/lightbox
 */
import { h, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { fileSize } from "../core/media.js";
import { show } from "./dialog.js";

/**
 * @param {import("../core/media.js").Picture[]} pictures
 * @param {number} start index of the first one shown
 */
export function openLightbox(pictures, start) {
  const textId = uniqueId("alt");
  const stage = h("div", { class: "lightbox-stage" });
  const text = h("div", { class: "lightbox-text", id: textId, "aria-live": "polite" });
  const step = (/** @type {number} */ by) => draw((at + by + pictures.length) % pictures.length);
  const arrow = (/** @type {any} */ name, /** @type {string} */ label, /** @type {number} */ by) =>
    h(
      "button",
      {
        type: "button",
        class: `icon-button lightbox-${name}`,
        "aria-label": label,
        on: { click: () => step(by) },
      },
      icon(name, 28),
    );
  const several = pictures.length > 1;
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Picture",
      "aria-describedby": textId,
      "aria-modal": "true",
      testid: "lightbox",
    },
    stage,
    several && arrow("chevronLeft", "Previous picture", -1),
    several && arrow("chevronRight", "Next picture", 1),
    text,
    h(
      "button",
      {
        type: "button",
        class: "icon-button lightbox-close",
        "aria-label": "Close",
        on: { click: () => dialog.close() },
      },
      icon("close", 24),
    ),
  );
  let at = start;
  const draw = (/** @type {number} */ index) => {
    at = index;
    stage.replaceChildren(picture(pictures[at]));
    text.replaceChildren(...caption(pictures[at], several ? `${at + 1} of ${pictures.length}` : ""));
  };
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, number>} */
    const targets = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: pictures.length - 1 };
    if (!(event.key in targets)) return;
    event.preventDefault();
    draw((targets[event.key] + pictures.length) % pictures.length);
  });
  stage.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.target === stage) dialog.close();
  });
  draw(start);
  show(dialog);
}

/** @param {import("../core/media.js").Picture} item */
function picture(item) {
  const size = item.width && item.height ? { width: item.width, height: item.height } : {};
  return h("img", { src: item.url, alt: item.alt, ...size, testid: "lightbox-image" });
}

/** @param {import("../core/media.js").Picture} item @param {string} position @returns {Node[]} */
function caption(item, position) {
  const facts = [
    position,
    item.name,
    item.width && item.height ? `${item.width} × ${item.height}` : "",
    item.size ? fileSize(item.size) : "",
  ];
  return [
    h("p", { class: "lightbox-alt", testid: "lightbox-alt", dir: "auto" }, item.alt || "No alt text"),
    h("p", { class: "lightbox-facts" }, facts.filter(Boolean).join(" · ")),
    h(
      "a",
      {
        href: item.url,
        target: "_blank",
        rel: "noopener noreferrer",
        class: "lightbox-original",
        testid: "lightbox-original",
      },
      icon("external", 16),
      "Open original",
    ),
  ];
}
