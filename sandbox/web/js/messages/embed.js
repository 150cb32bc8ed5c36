/**
 * Embeds: the framed cards under a message.
 * @module messages/embed
 */
import { h } from "../core/dom.js";
import { mediaUrl, pictureOfMedia } from "../core/media.js";
import { messageTime } from "../core/time.js";
import { renderMarkdown } from "../markdown/render.js";
import { hexColor } from "./avatar.js";
import { renderGallery } from "./gallery.js";

/**
 * @param {any} embed of a Discord message
 * @param {any} context for markdown and galleries, with the key of this embed
 * @returns {HTMLElement}
 */
export function renderEmbed(embed, context) {
  const part = (/** @type {string} */ name) => ({ ...context, key: `${context.key}:${name}` });
  const color = typeof embed.color === "number" ? hexColor(embed.color) : null;
  return h(
    "article",
    { class: "embed", style: color ? { "--accent": color } : {} },
    h(
      "div",
      { class: "embed-text" },
      embed.author && h("div", { class: "embed-author" }, linked(embed.author.name, embed.author.url)),
      embed.title && h("div", { class: "embed-title" }, linked(embed.title, embed.url)),
      embed.description && renderMarkdown(embed.description, part("description")),
      embed.fields?.length && renderFields(embed.fields, part("fields")),
      embed.image && renderGallery([pictureOfMedia(embed.image)], part("image")),
      renderFooter(embed),
    ),
    embed.thumbnail &&
      h(
        "div",
        { class: "embed-thumbnail" },
        renderGallery([pictureOfMedia(embed.thumbnail)], part("thumbnail")),
      ),
  );
}

/** @param {any[]} fields @param {any} context */
function renderFields(fields, context) {
  return h(
    "div",
    { class: "embed-fields" },
    fields.map((field, index) =>
      h(
        "div",
        { class: field.inline ? "embed-field inline" : "embed-field" },
        h(
          "div",
          { class: "embed-field-name" },
          renderMarkdown(field.name, { ...context, key: `${context.key}:n${index}` }),
        ),
        renderMarkdown(field.value, { ...context, key: `${context.key}:v${index}` }),
      ),
    ),
  );
}

/** @param {any} embed */
function renderFooter(embed) {
  const time = embed.timestamp ? messageTime(new Date(embed.timestamp)) : "";
  const text = [embed.footer?.text, time].filter(Boolean).join(" • ");
  return text ? h("div", { class: "embed-footer" }, text) : null;
}

/** @param {string} text @param {string|undefined} url */
function linked(text, url) {
  const href = mediaUrl(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}
