/**
 * Avatars made of a colour and an initial.
 * @module messages/avatar
 */
import { h } from "../core/dom.js";

/** Colours for users the sandbox gave none. */
const COLORS = ["#5a6ee0", "#3b8f5f", "#b8553f", "#8a5ac0", "#b07a1e", "#2f86a6"];

/**
 * @param {any} user
 * @param {number} [size] in CSS pixels
 */
export function avatar(user, size = 40) {
  const name = displayName(user);
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0])
    .join("");
  const color = colorOf(user);
  const style = { "--avatar": color, "--ink": isLight(color) ? "#16171a" : "#ffffff", "--size": `${size}px` };
  return h("span", { class: "avatar", "aria-hidden": "true", style }, initials.toUpperCase() || "?");
}

/** @param {any} user of the client state or of a message @returns {string} */
export function displayName(user) {
  return user?.name ?? user?.global_name ?? user?.username ?? "Unknown user";
}

/**
 * A user's name, in the colour of their highest role.
 * @param {any} user @param {import("../state/store.js").Store} store @param {string} className
 */
export function nameTag(user, { roles }, className) {
  const colored = (user?.roles ?? [])
    .map((/** @type {any} */ id) => roles.get(String(id)))
    .filter((/** @type {any} */ role) => role?.color)
    .sort((/** @type {any} */ left, /** @type {any} */ right) => right.position - left.position);
  if (colored.length === 0) return h("span", { class: className }, displayName(user));
  const style = { "--name": hexColor(Number(colored[0].color)) };
  return h("span", { class: `${className} colored`, style }, displayName(user));
}

/** @param {number} color @returns {string} "#rrggbb" */
export function hexColor(color) {
  return `#${color.toString(16).padStart(6, "0")}`;
}

/** @param {any} user */
function colorOf(user) {
  const color = user?.avatar_color;
  if (typeof color === "number") return hexColor(color);
  if (typeof color === "string" && color) return color;
  return COLORS[Number(BigInt(user?.id ?? 0) % BigInt(COLORS.length))];
}

/** Whether dark letters are easier to read on it than white ones. @param {string} color "#rrggbb" */
function isLight(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 160;
}

/** The mark beside an application's name. */
export function appBadge() {
  return h("span", { class: "app-badge", title: "Application" }, "APP");
}
