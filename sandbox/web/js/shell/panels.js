/**
 * The panels at both sides: columns on a wide screen, drawers over the messages on a narrow one.
 * @module shell/panels
 */
import { byId } from "../core/dom.js";
import { focusables, trapTab } from "../core/focus.js";

/** Below this width the channels are a drawer; the members are one below the second. Also in layout.css. */
const NARROW = matchMedia("(max-width: 800px)");
const MEDIUM = matchMedia("(max-width: 1150px)");

/** Make both panels open and close. @returns {() => void} closes the drawers */
export function startPanels() {
  const backdrop = byId("backdrop");
  const channels = new Panel(byId("sidebar"), byId("open-channels"), NARROW, backdrop);
  const members = new Panel(byId("members"), byId("toggle-members"), MEDIUM, backdrop);
  const close = () => {
    for (const panel of [channels, members]) panel.closeDrawer();
  };
  backdrop.addEventListener("click", close);
  return close;
}

/** One panel with the button that shows it. */
class Panel {
  #element;
  #button;
  #drawer;
  #backdrop;

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} button
   * @param {MediaQueryList} drawer
   * @param {HTMLElement} backdrop
   */
  constructor(element, button, drawer, backdrop) {
    this.#element = element;
    this.#button = button;
    this.#drawer = drawer;
    this.#backdrop = backdrop;
    trapTab(element);
    element.tabIndex = -1;
    button.addEventListener("click", () => this.#set(!this.#isShown));
    drawer.addEventListener("change", () => this.#set(!drawer.matches));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeDrawer();
    });
    this.#set(!drawer.matches);
  }

  get #isShown() {
    return !this.#element.hidden;
  }

  closeDrawer() {
    if (!this.#drawer.matches || !this.#isShown) return;
    const inside = this.#element.contains(document.activeElement);
    this.#set(false);
    if (inside) this.#button.focus();
  }

  /** @param {boolean} shown */
  #set(shown) {
    const drawer = this.#drawer.matches;
    this.#element.hidden = !shown;
    this.#element.classList.toggle("drawer", drawer);
    this.#button.setAttribute("aria-expanded", String(shown));
    this.#backdrop.hidden = !(drawer && shown);
    if (drawer && shown) (focusables(this.#element)[0] ?? this.#element).focus();
  }
}
