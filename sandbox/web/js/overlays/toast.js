/**
 * Short notices that leave by themselves.
 * @module overlays/toast
 */
import { byId, h } from "../core/dom.js";

/** How long a notice stays, in milliseconds. */
const STAYS = 5000;

/**
 * @param {string} text
 * @param {"info"|"error"} [kind]
 */
export function toast(text, kind = "info") {
  const notice = h("div", { class: `toast toast-${kind}`, testid: "toast" }, text);
  byId("toasts").append(notice);
  setTimeout(() => notice.remove(), STAYS);
}
