/**
 * The small bar over a message that is hovered or holds the focus: copy, application commands, delete.
 * @module messages/menu
 */
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { openMenu } from "../overlays/menu.js";
import { FLAG } from "./message.js";

/** The command type of entries in a message's menu. */
const MESSAGE_COMMAND = 3;

/**
 * @param {any} message
 * @param {import("../main.js").App} app
 */
export function messageMenu(message, app) {
  const ephemeral = Boolean(message.flags & FLAG.EPHEMERAL);
  const applications = ephemeral
    ? []
    : app.store.commands.filter((command) => command.type === MESSAGE_COMMAND);
  return h(
    "div",
    { class: "message-menu", role: "group", "aria-label": "Message actions" },
    message.content && action("copy", "Copy text", "message-copy", () => app.copy(message.content)),
    applications.length > 0 && applicationsButton(message, applications, app),
    mayDelete(message, app) &&
      action("trash", "Delete message", "message-delete", () => app.confirmDelete(message)),
  );
}

/**
 * A member may delete what they said; a moderator everything.
 * @param {any} message @param {import("../main.js").App} app
 */
function mayDelete(message, { store }) {
  if (message.flags & FLAG.EPHEMERAL) return false;
  return store.me.moderator || String(message.author.id) === String(store.me.id);
}

/** @param {any} message @param {any[]} commands @param {import("../main.js").App} app */
function applicationsButton(message, commands, app) {
  const items = commands.map((command) => ({
    label: command.name,
    run: () => app.runMessageCommand(command, message),
  }));
  const button = action("more", "Apps", "message-apps", () => openMenu(button, items, "Apps"));
  button.setAttribute("aria-haspopup", "menu");
  return button;
}

/** @param {any} name of the icon @param {string} label @param {string} testid @param {() => void} run */
function action(name, label, testid, run) {
  return h(
    "button",
    { type: "button", class: "menu-action", "aria-label": label, title: label, testid, on: { click: run } },
    icon(name),
  );
}
