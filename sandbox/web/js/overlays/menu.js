/**
 * Small menus that open beside a button.
 * @module overlays/menu
 */
import { h } from "../core/dom.js";
import { rove } from "../core/focus.js";
import { icon } from "../core/icons.js";
import { placeBeside } from "./place.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [detail]
 * @property {() => Node} [mark] builds the picture beside the label
 * @property {boolean} [checked] of a group of which one is chosen; absent for plain actions
 * @property {string} [testid]
 * @property {() => void} run
 */

/**
 * Open a menu. It closes on a choice, Escape, or a click elsewhere, and gives the focus back to its button.
 * @param {HTMLElement} anchor the button
 * @param {MenuItem[]} items
 * @param {string} label what a screen reader calls it
 */
export function openMenu(anchor, items, label) {
  const popover = h("div", { class: "menu popover", popover: "auto", role: "menu", "aria-label": label });
  popover.append(...items.map((item) => menuItem(item, () => popover.hidePopover())));
  rove(popover, "[role^='menuitem']");
  popover.addEventListener("toggle", (/** @type {any} */ event) => {
    if (event.newState !== "closed") return;
    popover.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (document.activeElement === document.body) anchor.focus({ preventScroll: true });
  });
  document.body.append(popover);
  popover.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  placeBeside(popover, anchor, { matchWidth: false });
  const first = popover.querySelector("[aria-checked='true']") ?? popover.firstElementChild;
  first.tabIndex = 0;
  first.focus();
}

/** @param {MenuItem} item @param {() => void} close */
function menuItem(item, close) {
  const chosen = item.checked !== undefined;
  const click = () => {
    close();
    item.run();
  };
  return h(
    "button",
    {
      type: "button",
      role: chosen ? "menuitemradio" : "menuitem",
      "aria-checked": chosen ? String(item.checked) : null,
      tabindex: "-1",
      testid: item.testid,
      on: { click },
    },
    item.mark?.(),
    h(
      "span",
      { class: "option-text" },
      h("span", null, item.label),
      item.detail && h("small", null, item.detail),
    ),
    item.checked && icon("check", 18),
  );
}
