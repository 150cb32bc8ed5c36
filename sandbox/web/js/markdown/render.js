/**
 * Markdown's tree as DOM. Text becomes text nodes; nothing is ever parsed as markup.
 * @module markdown/render
 */
import { h } from "../core/dom.js";
import { timestampElement } from "../core/time.js";
import { hexColor } from "../messages/avatar.js";
import { parseMarkdown } from "./blocks.js";
import { spoilerText } from "./spoiler.js";

/**
 * @typedef {object} MarkdownContext
 * @property {import("../state/store.js").Store} store names behind mentions
 * @property {boolean} [everyone] whether the message really notified everyone
 * @property {Set<string>} revealed spoilers opened so far, by key
 * @property {string} key of this text among the texts of a message
 * @property {(channelId: string) => void} openChannel
 * @property {(commandName: string) => void} openCommand
 */

/** A message of at most this many emoji and nothing else shows them large. */
const LARGE_EMOJI = 27;

/**
 * Render text as Discord shows it.
 * @param {string} text
 * @param {MarkdownContext} context
 * @returns {HTMLElement}
 */
export function renderMarkdown(text, context) {
  const state = { ...context, spoilers: 0 };
  const large = onlyEmoji(text) ? " large-emoji" : "";
  return h("div", { class: `markdown${large}`, dir: "auto" }, renderAll(parseMarkdown(text), state));
}

/** @type {Record<string, (node: any, context: any) => any>} */
const RENDERERS = {
  text: (node) => node.text,
  paragraph: (node, context) => h("span", { class: "paragraph" }, renderAll(node.content, context)),
  strong: (node, context) => h("strong", null, renderAll(node.content, context)),
  em: (node, context) => h("em", null, renderAll(node.content, context)),
  underline: (node, context) => h("u", null, renderAll(node.content, context)),
  strike: (node, context) => h("s", null, renderAll(node.content, context)),
  code: (node) => h("code", { class: "inline-code" }, node.text),
  codeblock: (node) =>
    h(
      "pre",
      { class: "code-block", tabindex: "0" },
      h("code", { "data-language": node.language || null }, node.text),
    ),
  quote: (node, context) => h("blockquote", null, renderAll(node.content, context)),
  heading: (node, context) =>
    h(
      "div",
      { class: `heading heading-${node.level}`, role: "heading", "aria-level": node.level + 3 },
      renderAll(node.content, context),
    ),
  subtext: (node, context) => h("small", { class: "subtext" }, renderAll(node.content, context)),
  group: (node, context) => renderAll(node.content, context),
  list: renderList,
  spoiler: (node, context) => spoilerText(renderAll(node.content, context), context),
  link: (node, context) =>
    h(
      "a",
      { href: node.url, title: node.url, target: "_blank", rel: "noopener noreferrer" },
      renderAll(node.content, context),
    ),
  user: (node, { store }) => mention(`@${store.users.get(node.id)?.name ?? "unknown-user"}`),
  role: renderRole,
  channel: renderChannel,
  command: renderCommand,
  everyone: (node, { everyone }) => (everyone ? mention(node.text) : node.text),
  emoji: (node) => h("span", { class: "custom-emoji", title: `:${node.name}:` }, `:${node.name}:`),
  timestamp: (node) => timestampElement(node.seconds, node.style),
};

/** @param {any[]} content @param {any} context */
function renderAll(content, context) {
  return content.map((node) => RENDERERS[node.type](node, context));
}

/** @param {any} node @param {any} context */
function renderList(node, context) {
  const items = node.items.map((/** @type {any[]} */ item) => h("li", null, renderAll(item, context)));
  return node.ordered ? h("ol", { start: node.start }, items) : h("ul", null, items);
}

/** @param {string} text @param {Record<string, any>} [properties] */
function mention(text, properties = {}) {
  return h("span", { class: "mention", ...properties }, text);
}

/** @param {any} node @param {MarkdownContext} context */
function renderRole(node, { store }) {
  const role = store.roles.get(node.id);
  const color = role?.color ? hexColor(Number(role.color)) : null;
  return mention(
    `@${(role?.name ?? "unknown-role").replace(/^@/, "")}`,
    color ? { class: "mention colored", style: { "--name": color } } : {},
  );
}

/** @param {any} node @param {MarkdownContext} context */
function renderChannel(node, { store, openChannel }) {
  const channel = store.channels.get(node.id);
  if (!channel) return mention("#unknown");
  const click = () => openChannel(node.id);
  return h("button", { type: "button", class: "mention", on: { click } }, `#${channel.name}`);
}

/** @param {any} node @param {MarkdownContext} context */
function renderCommand(node, { openCommand }) {
  return h(
    "button",
    { type: "button", class: "mention", on: { click: () => openCommand(node.name) } },
    `/${node.name}`,
  );
}

/** @param {string} text */
function onlyEmoji(text) {
  const bare = text.replace(/[\s\u200d\ufe0f]/g, "");
  if (!bare || !/^[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]+$/u.test(bare))
    return false;
  return [...bare].length <= LARGE_EMOJI;
}
