/**
 * One message, or a command still waiting for its first answer, as a list item.
 * @module messages/message
 */
import { h, hiddenText, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { isPicture, pictureOfAttachment } from "../core/media.js";
import { fullTime, messageTime, shortTime } from "../core/time.js";
import { renderMarkdown } from "../markdown/render.js";
import { renderComponents } from "../components/components.js";
import { appBadge, avatar, displayName, nameTag } from "./avatar.js";
import { renderEmbed } from "./embed.js";
import { renderFile, renderGallery } from "./gallery.js";
import { messageMenu } from "./menu.js";

/** Message flags, as Discord numbers them. */
export const FLAG = { SUPPRESS_EMBEDS: 1 << 2, EPHEMERAL: 1 << 6, LOADING: 1 << 7 };

/** The type of messages that reply to another. */
const REPLY = 19;

/**
 * The author, as the state knows them.
 * @param {any} message @param {import("../state/store.js").Store} store
 */
const authorOf = (message, store) => store.users.get(String(message.author.id)) ?? message.author;

/** @param {any} message @returns {{name?: string, user: any}|null} the command it answers */
export function interactionOf(message) {
  const metadata = message.interaction_metadata ?? message.interaction;
  const name = metadata?.name ?? message.interaction?.name;
  return metadata?.user && name ? { name, user: metadata.user } : null;
}

/**
 * @param {any} message
 * @param {{grouped: boolean, revealed: Set<string>}} view
 * @param {import("../main.js").App} app
 * @returns {HTMLElement}
 */
export function renderMessage(message, { grouped, revealed }, app) {
  const author = authorOf(message, app.store);
  const date = new Date(message.timestamp);
  const headId = uniqueId("message");
  const ephemeral = Boolean(message.flags & FLAG.EPHEMERAL);
  const classes = [
    "message",
    grouped && "grouped",
    ephemeral && "ephemeral-message",
    mentionsMe(message, app) && "mentioned",
  ];
  return h(
    "li",
    {
      class: classes.filter(Boolean).join(" "),
      testid: "message",
      tabindex: "-1",
      "aria-labelledby": headId,
      dataset: { messageId: message.id, key: message.id },
    },
    !grouped && (replyLine(message, app) ?? usedLine(interactionOf(message), app)),
    h(
      "div",
      { class: "message-row" },
      grouped ? h("time", { class: "margin-time", "aria-hidden": "true" }, shortTime(date)) : avatar(author),
      h(
        "div",
        { class: "message-main" },
        head(author, date, { id: headId, grouped }, app),
        body(message, { revealed, author }, app),
        ephemeral && ephemeralNote(() => app.remove(message)),
      ),
    ),
    !(message.flags & FLAG.LOADING) && messageMenu(message, app),
  );
}

/**
 * The line standing for a command until its answer comes, or saying that none came.
 * @param {import("../state/interactions.js").Pending} pending
 * @param {import("../main.js").App} app
 */
export function renderPending(pending, app) {
  const failed = pending.status === "failed";
  const author = app.store.users.get(String(app.store.application.id)) ?? app.store.application;
  const note = failed
    ? h("div", { class: "failure", testid: "interaction-failed" }, icon("alert", 18), pending.reason)
    : h("div", { class: "sending" }, "Sending command…");
  return h(
    "li",
    { class: "message pending", tabindex: "-1", dataset: { key: `pending:${pending.nonce}` } },
    usedLine({ name: pending.commandName, user: app.store.me }, app),
    h(
      "div",
      { class: "message-row" },
      avatar(author),
      h(
        "div",
        { class: "message-main" },
        head(author, pending.at, { id: uniqueId("message"), grouped: false, bot: true }, app),
        note,
        failed && ephemeralNote(() => app.interactions.dismiss(pending.nonce)),
      ),
    ),
  );
}

/** @param {{name?: string, user: any}|null} interaction @param {import("../main.js").App} app */
function usedLine(interaction, app) {
  if (!interaction) return null;
  const user = app.store.users.get(String(interaction.user.id)) ?? interaction.user;
  const open = () => app.openCommand(interaction.name ?? "");
  return h(
    "div",
    { class: "used-line", testid: "interaction-header" },
    avatar(user, 16),
    h("span", { class: "used-name" }, displayName(user)),
    " used ",
    h("button", { type: "button", class: "used-command", on: { click: open } }, `/${interaction.name}`),
  );
}

/**
 * The line over a message that replies to another one.
 * @param {any} message @param {import("../main.js").App} app
 */
function replyLine(message, app) {
  if (message.type !== REPLY || !message.message_reference) return null;
  const id = String(message.message_reference.message_id);
  const original = app.store.message(id) ?? message.referenced_message;
  if (!original) return h("div", { class: "used-line reply-line" }, "Original message was deleted");
  const text = original.content || "Click to see the message";
  const author = authorOf(original, app.store);
  return h(
    "div",
    { class: "used-line reply-line" },
    avatar(author, 16),
    nameTag(author, app.store, "author"),
    h("button", { type: "button", class: "reply-text", on: { click: () => app.goTo(id) } }, text),
  );
}

/**
 * @param {any} author
 * @param {Date} date
 * @param {{id: string, grouped: boolean, bot?: boolean}} options
 * @param {import("../main.js").App} app
 */
function head(author, date, { id, grouped, bot = author.bot }, { store }) {
  const name = nameTag(author, store, "author");
  const time = h("time", { datetime: date.toISOString(), title: fullTime(date) }, messageTime(date));
  return h(
    "h3",
    { class: grouped ? "message-head visually-hidden" : "message-head", id },
    name,
    bot && appBadge(),
    time,
  );
}

/**
 * @param {any} message
 * @param {{revealed: Set<string>, author: any}} view
 * @param {import("../main.js").App} app
 */
function body(message, { revealed, author }, app) {
  if (message.flags & FLAG.LOADING) return thinking(displayName(author));
  const context = { ...app.markdown, revealed, everyone: message.mention_everyone };
  const attachments = message.attachments ?? [];
  const pictures = attachments.filter(isPicture).map(pictureOfAttachment);
  const files = attachments.filter((/** @type {any} */ attachment) => !isPicture(attachment));
  const embeds = message.flags & FLAG.SUPPRESS_EMBEDS ? [] : (message.embeds ?? []);
  return [
    message.content && content(message, { ...context, key: "content" }),
    pictures.length > 0 && renderGallery(pictures, { ...context, key: "attachments" }),
    files.map(renderFile),
    embeds.map((/** @type {any} */ embed, /** @type {number} */ index) =>
      renderEmbed(embed, { ...context, key: `embed${index}` }),
    ),
    message.components?.length > 0 && renderComponents(message, context, app),
  ];
}

/** @param {any} message @param {any} context */
function content(message, context) {
  const text = renderMarkdown(message.content, context);
  text.classList.add("message-content");
  text.dataset.testid = "message-content";
  if (message.edited_timestamp) {
    const date = new Date(message.edited_timestamp);
    text.append(h("span", { class: "edited", title: fullTime(date) }, " (edited)"));
  }
  return text;
}

/** @param {string} name of the application */
function thinking(name) {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("div", { class: "thinking", testid: "thinking" }, dots, `${name} is thinking…`);
}

/** @param {() => void} dismiss */
function ephemeralNote(dismiss) {
  return h(
    "div",
    { class: "ephemeral-note", testid: "ephemeral" },
    icon("eye", 16),
    "Only you can see this",
    hiddenText("."),
    h("span", { "aria-hidden": "true" }, "•"),
    h("button", { type: "button", class: "link-button", on: { click: dismiss } }, "Dismiss message"),
  );
}

/** @param {any} message @param {import("../main.js").App} app */
function mentionsMe(message, { store }) {
  const mine = new Set((store.me.roles ?? []).map(String));
  return (
    Boolean(message.mention_everyone) ||
    (message.mentions ?? []).some((/** @type {any} */ user) => String(user.id) === String(store.me.id)) ||
    (message.mention_roles ?? []).some((/** @type {any} */ role) => mine.has(String(role)))
  );
}
