/**
 * The left side: the guild, its channels, and who is speaking.
 * @module shell/sidebar
 */
import { byId, h, hiddenText } from "../core/dom.js";
import { rove } from "../core/focus.js";
import { icon } from "../core/icons.js";
import { avatar, displayName } from "../messages/avatar.js";
import { openMenu } from "../overlays/menu.js";

/** @param {import("../main.js").App} app */
export function startSidebar(app) {
  const { store } = app;
  const list = byId("channel-list");
  rove(list, "button");
  const drawChannels = () => {
    const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset?.channelId;
    list.replaceChildren(...[...store.channels.values()].map((channel) => channelItem(channel, app)));
    if (focused) list.querySelector(`[data-channel-id="${CSS.escape(focused)}"]`)?.focus();
  };
  for (const event of ["reset", "channel", "unread"]) store.addEventListener(event, drawChannels);
  store.addEventListener("reset", () => {
    byId("guild-name").textContent = store.guild.name;
    byId("guild-icon").replaceChildren(initials(store.guild.name));
    byId("guild-icon").title = store.guild.name;
    drawUser(app);
  });
  byId("user-switch").addEventListener("click", () => chooseUser(app));
}

/** @param {any} channel @param {import("../main.js").App} app */
function channelItem(channel, app) {
  const { store } = app;
  const id = String(channel.id);
  const current = id === store.channelId;
  const unread = store.unread.has(id);
  return h(
    "li",
    null,
    h(
      "button",
      {
        type: "button",
        class: unread ? "channel unread" : "channel",
        "aria-current": current ? "page" : null,
        tabindex: current ? "0" : "-1",
        dataset: { channelId: id },
        on: { click: () => app.openChannel(id) },
      },
      icon("hash"),
      h("span", null, channel.name),
      unread && hiddenText(" (unread)"),
    ),
  );
}

/** @param {import("../main.js").App} app */
function drawUser({ store }) {
  const { me } = store;
  byId("user-switch").replaceChildren(
    avatar(me, 32),
    h(
      "span",
      { class: "user-text" },
      h("span", { class: "user-name" }, displayName(me)),
      h("small", null, roleText(me, store)),
    ),
    hiddenText(", switch member"),
    icon("swap", 18),
  );
}

/** @param {import("../main.js").App} app */
function chooseUser(app) {
  const { store } = app;
  const items = store.members.map((user) => ({
    label: displayName(user),
    detail: roleText(user, store),
    mark: () => avatar(user, 32),
    checked: String(user.id) === String(store.me.id),
    testid: `user-${displayName(user).toLowerCase().replace(/\s+/g, "-")}`,
    run: () =>
      app
        .switchUser(String(user.id))
        .catch((/** @type {Error} */ error) => app.toast(error.message, "error")),
  }));
  openMenu(byId("user-switch"), items, "Speak as");
}

/** @param {any} user @param {import("../state/store.js").Store} store */
function roleText(user, store) {
  const names = (user.roles ?? [])
    .map((/** @type {any} */ id) => store.roles.get(String(id))?.name)
    .filter(Boolean);
  return names.filter((/** @type {string} */ name) => name !== "@everyone").join(", ") || "Member";
}

/** @param {string} name */
function initials(name) {
  return name
    .split(/\s+/)
    .map((word) => [...word][0])
    .join("")
    .slice(0, 3);
}
