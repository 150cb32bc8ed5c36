/**
 * What can be chosen where a user, role, channel or string is asked for.
 * @module components/choices
 */
import { avatar, displayName, hexColor } from "../messages/avatar.js";
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { emoji } from "./button.js";

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {string} [detail]
 * @property {() => Node} [mark] builds the picture beside the label
 * @property {boolean} [initial] chosen before anybody chose
 */

/** @param {import("../state/store.js").Store} store @returns {Choice[]} */
export function userChoices(store) {
  return [...store.users.values()].map((user) => ({
    value: String(user.id),
    label: displayName(user),
    detail: user.bot ? "Application" : undefined,
    mark: () => avatar(user, 24),
  }));
}

/** @param {import("../state/store.js").Store} store @returns {Choice[]} */
export function roleChoices(store) {
  return [...store.roles.values()].map((role) => ({
    value: String(role.id),
    label: role.name.startsWith("@") ? role.name : `@${role.name}`,
    detail: "Role",
    mark: () =>
      h("span", { class: "role-dot", style: role.color ? { "--role": hexColor(Number(role.color)) } : {} }),
  }));
}

/**
 * @param {import("../state/store.js").Store} store
 * @param {number[]} [types] Discord channel types
 * @returns {Choice[]}
 */
export function channelChoices(store, types) {
  return [...store.channels.values()]
    .filter((channel) => !types?.length || types.includes(channel.type ?? 0))
    .map((channel) => ({
      value: String(channel.id),
      label: `#${channel.name}`,
      detail: channel.topic || undefined,
      mark: () => icon("hash"),
    }));
}

/**
 * The choices of a select component.
 * @param {any} component @param {import("../state/store.js").Store} store @returns {Choice[]}
 */
export function selectChoices(component, store) {
  const initial = new Set(
    (component.default_values ?? []).map((/** @type {any} */ value) => String(value.id)),
  );
  const mark = (/** @type {Choice[]} */ choices) =>
    choices.map((choice) => ({ ...choice, initial: initial.has(choice.value) }));
  if (component.type === 5) return mark(userChoices(store));
  if (component.type === 6) return mark(roleChoices(store));
  if (component.type === 7) return mark([...userChoices(store), ...roleChoices(store)]);
  if (component.type === 8) return mark(channelChoices(store, component.channel_types));
  return (component.options ?? []).map(stringChoice);
}

/** @param {any} option @returns {Choice} */
function stringChoice(option) {
  return {
    value: option.value,
    label: option.label,
    detail: option.description ?? undefined,
    mark: option.emoji ? () => emoji(option.emoji) : undefined,
    initial: Boolean(option.default),
  };
}
