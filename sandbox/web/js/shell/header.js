/**
 * The line over the messages: channel, topic, and the members beside them.
 * @module shell/header
 */
import { byId, h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { appBadge, avatar, nameTag } from "../messages/avatar.js";

/** @param {import("../main.js").App} app */
export function startHeader({ store }) {
  const draw = () => {
    const { channel, guild } = store;
    document.title = `#${channel.name} | ${guild.name}`;
    byId("channel-title").replaceChildren(icon("hash", 22), channel.name);
    byId("channel-topic").textContent = channel.topic ?? "";
    byId("channel-topic").title = channel.topic ?? "";
    byId("welcome-title").textContent = `Welcome to #${channel.name}!`;
    byId("welcome-text").textContent =
      `This is the start of the #${channel.name} channel. ${channel.topic ?? ""}`;
    byId("message-log").setAttribute("aria-label", `Messages in #${channel.name}`);
  };
  for (const event of ["reset", "channel"]) store.addEventListener(event, draw);
  for (const event of ["reset", "application"]) {
    store.addEventListener(event, () => {
      drawMembers(store);
      drawOffline(store);
    });
  }
  store.addEventListener("connection", () => {
    byId("connection-lost").hidden = store.connected;
  });
}

/** @param {import("../state/store.js").Store} store */
function drawOffline({ application }) {
  const notice = byId("application-offline");
  notice.hidden = application.online;
  notice.replaceChildren(
    icon("alert", 16),
    `${application.name} is offline. Its commands will not be answered.`,
  );
}

/** @param {import("../state/store.js").Store} store */
function drawMembers(store) {
  const groups = new Map();
  for (const user of store.users.values()) {
    const name = groupOf(user, store);
    groups.set(name, [...(groups.get(name) ?? []), user]);
  }
  const roles = [...store.roles.values()].sort((left, right) => (right.position ?? 0) - (left.position ?? 0));
  const order = [...roles.map(({ name }) => name), "Online", "Apps", "Offline"];
  const sorted = [...groups].sort(([left], [right]) => order.indexOf(left) - order.indexOf(right));
  const sections = sorted.map(([name, users]) =>
    h(
      "section",
      null,
      h("h3", null, `${name} — ${users.length}`),
      h(
        "ul",
        null,
        users.map((/** @type {any} */ user) => memberItem(user, store)),
      ),
    ),
  );
  byId("member-list").replaceChildren(...sections);
}

/** @param {any} user @param {import("../state/store.js").Store} store */
function groupOf(user, store) {
  if (user.bot) return isOnline(user, store) ? "Apps" : "Offline";
  const roles = (user.roles ?? []).map((/** @type {any} */ id) => store.roles.get(String(id)));
  const hoisted = roles.filter((/** @type {any} */ role) => role && role.name !== "@everyone");
  return hoisted[0]?.name ?? "Online";
}

/** @param {any} user @param {import("../state/store.js").Store} store */
function isOnline(user, { application }) {
  return !user.bot || application.online;
}

/** @param {any} user @param {import("../state/store.js").Store} store */
function memberItem(user, store) {
  const state = isOnline(user, store) ? "online" : "offline";
  return h(
    "li",
    { class: `member ${state}` },
    h(
      "span",
      { class: "presence" },
      avatar(user, 32),
      h("span", { class: "dot", role: "img", "aria-label": state }),
    ),
    nameTag(user, store, "member-name"),
    user.bot && appBadge(),
  );
}
