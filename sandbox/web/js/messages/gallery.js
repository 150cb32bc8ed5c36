/**
 * One to ten pictures laid out in a grid, each opening the lightbox.
 * @module messages/gallery
 */
import { h } from "../core/dom.js";
import { fileSize, plainName, mediaUrl } from "../core/media.js";
import { icon } from "../core/icons.js";
import { spoilerCover } from "../markdown/spoiler.js";

/** The largest a single picture gets in the list, in CSS pixels. */
const LARGEST = { width: 550, height: 350 };

/** Room for a picture whose size nobody told us, in CSS pixels. */
const UNKNOWN = { width: 400, height: 300 };

/**
 * @param {import("../core/media.js").Picture[]} pictures
 * @param {object} context
 * @param {Set<string>} context.revealed spoilers already opened
 * @param {string} context.key of this gallery among those of a message
 * @param {(pictures: import("../core/media.js").Picture[], index: number) => void} context.openLightbox
 * @returns {HTMLElement}
 */
export function renderGallery(pictures, context) {
  const tiles = pictures.map((picture, index) => {
    const tile = renderTile(picture, pictures.length === 1, () => context.openLightbox(pictures, index));
    if (!picture.spoiler) return tile;
    return spoilerCover(tile, { ...context, key: `${context.key}:${index}`, label: "Spoiler picture: show" });
  });
  const style = { "--ratio": String(commonRatio(pictures)) };
  return h("div", { class: "gallery", "data-count": pictures.length, style }, tiles);
}

/**
 * Width to height of tiles that crop as little as they can without making the list too tall.
 * @param {import("../core/media.js").Picture[]} pictures
 */
function commonRatio(pictures) {
  const { width, height } = pictures[0]?.width && pictures[0].height ? pictures[0] : UNKNOWN;
  return Math.min(1.8, Math.max(0.8, width / height));
}

/** @param {import("../core/media.js").Picture} picture @param {boolean} alone @param {() => void} open */
function renderTile(picture, alone, open) {
  const { width, height } = picture.width && picture.height ? picture : UNKNOWN;
  const image = h("img", {
    src: picture.url,
    alt: picture.alt,
    width,
    height,
    loading: "lazy",
    decoding: "async",
    draggable: "false",
  });
  const name = picture.alt ? null : `Picture ${picture.name}`;
  const button = h(
    "button",
    {
      type: "button",
      class: "picture",
      testid: "attachment",
      "aria-label": name,
      dataset: { focusKey: `picture:${picture.name}` },
      on: { click: open },
    },
    image,
  );
  image.addEventListener("error", () => button.replaceChildren(brokenPicture(picture)), { once: true });
  const tile = h(
    "div",
    { class: "tile" },
    button,
    picture.alt && h("span", { class: "alt-badge", title: picture.alt, "aria-hidden": "true" }, "ALT"),
  );
  if (alone) fit(tile, width, height);
  return tile;
}

/**
 * A picture alone keeps its proportions, as large as the list allows.
 * @param {HTMLElement} tile @param {number} width @param {number} height
 */
function fit(tile, width, height) {
  const scale = Math.min(1, LARGEST.width / width, LARGEST.height / height);
  tile.style.setProperty("width", `${Math.round(width * scale)}px`);
  tile.style.setProperty("aspect-ratio", `${width} / ${height}`);
}

/** @param {import("../core/media.js").Picture} picture */
function brokenPicture(picture) {
  return h(
    "span",
    { class: "broken-picture" },
    icon("alert"),
    picture.alt || `${picture.name} could not be loaded`,
  );
}

/**
 * A file that is no picture, to download.
 * @param {{url: string, filename: string, size?: number}} file
 */
export function renderFile(file) {
  const url = mediaUrl(file.url);
  const name = plainName(file.filename);
  return h(
    "div",
    { class: "file-card", testid: "attachment" },
    icon("file", 32),
    h(
      "div",
      { class: "file-text" },
      h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name),
      file.size ? h("span", { class: "file-size" }, fileSize(file.size)) : null,
    ),
    h(
      "a",
      { href: url, download: name, class: "icon-button", "aria-label": `Download ${name}` },
      icon("download"),
    ),
  );
}
