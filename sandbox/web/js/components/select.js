/**
 * Selects: a button that opens a list to choose one or several values from.
 * @module components/select
 */
import { h, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { placeBeside } from "../overlays/place.js";
import { selectChoices } from "./choices.js";

/** Lists longer than this can be searched. */
const SEARCHABLE = 8;

/**
 * @param {any} component of type 3 or 5 to 8
 * @param {object} options
 * @param {import("../state/store.js").Store} options.store
 * @param {(values: string[]) => void} options.onCommit called when the member has chosen
 * @param {string[]} [options.chosen] values in place of the component's own defaults
 * @param {boolean} [options.waiting] its answer is under way @param {boolean} [options.blocked] another's is
 * @param {string} [options.labelId] the element that names it
 * @returns {{element: HTMLElement, values: () => string[], button: HTMLElement}}
 */
export function createSelect(
  component,
  { store, onCommit, chosen: before, waiting = false, blocked = false, labelId },
) {
  const choices = selectChoices(component, store);
  const initial = choices.filter((choice) => choice.initial).map((choice) => choice.value);
  const chosen = new Set(before ?? initial);
  const button = selectButton(component, { waiting, labelId });
  const shown = h("span", { class: "select-values" });
  button.append(shown, icon("chevronDown"));
  const element = h("div", { class: "select" }, button);
  const show = () => shown.replaceChildren(...describe(component, choices, chosen));
  show();
  button.addEventListener("click", () => {
    if (blocked || component.disabled) return;
    const commit = () => onCommit([...chosen]);
    new SelectList({ component, choices, chosen, anchor: element, button, onChange: show, onCommit: commit });
  });
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    button.click();
  });
  return { element, values: () => [...chosen], button };
}

/** @param {any} component @param {{waiting: boolean, labelId?: string}} options */
function selectButton(component, { waiting, labelId }) {
  return h("button", {
    type: "button",
    class: waiting ? "select-button busy" : "select-button",
    role: "combobox",
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    "aria-labelledby": labelId,
    "aria-label": labelId ? null : component.placeholder || "Make a selection",
    disabled: Boolean(component.disabled),
    dataset: { focusKey: component.custom_id, customId: component.custom_id },
  });
}

/** @param {any} component @param {import("./choices.js").Choice[]} choices @param {Set<string>} chosen */
function describe(component, choices, chosen) {
  const picked = choices.filter((choice) => chosen.has(choice.value));
  if (picked.length === 0)
    return [h("span", { class: "placeholder" }, component.placeholder || "Make a selection")];
  return picked.map((choice) => h("span", { class: "select-value" }, choice.mark?.(), choice.label));
}

/**
 * @typedef {object} ListOptions
 * @property {any} component
 * @property {import("./choices.js").Choice[]} choices
 * @property {Set<string>} chosen changed in place
 * @property {HTMLElement} anchor the list opens beside it
 * @property {HTMLElement} button gets the focus back
 * @property {() => void} onChange after every pick
 * @property {() => void} onCommit when the list closes and something changed
 */

/** The open list of a select. */
class SelectList {
  #options;
  #several;
  #before;
  #active;
  #visible;
  #list;
  #search = /** @type {any} */ (null);
  #popover;
  /** Has the focus, and points at the active option. */ #target;

  /** @param {ListOptions} options */
  constructor(options) {
    const { component, choices, chosen, anchor, button } = options;
    this.#options = options;
    this.#several = (component.max_values ?? 1) > 1;
    this.#before = fingerprint(chosen);
    this.#visible = choices;
    this.#active = Math.max(
      0,
      choices.findIndex((choice) => chosen.has(choice.value)),
    );
    const multiple = this.#several ? "true" : null;
    this.#list = h("ul", {
      role: "listbox",
      id: uniqueId("listbox"),
      tabindex: "-1",
      "aria-multiselectable": multiple,
    });
    if (choices.length > SEARCHABLE) {
      this.#search = h("input", {
        type: "text",
        class: "select-search",
        placeholder: "Search",
        "aria-controls": this.#list.id,
      });
      this.#search.addEventListener("input", () => this.#draw(0));
    }
    this.#popover = h("div", { class: "select-popover popover", popover: "auto" }, this.#search, this.#list);
    this.#target = this.#search ?? this.#list;
    this.#target.setAttribute("aria-label", component.placeholder || "Choices");
    this.#target.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    this.#popover.addEventListener("toggle", (/** @type {any} */ event) => {
      if (event.newState === "closed") this.#closed();
    });
    anchor.append(this.#popover);
    this.#popover.showPopover();
    button.setAttribute("aria-expanded", "true");
    this.#draw(this.#active);
    placeBeside(this.#popover, anchor);
    this.#target.focus();
  }

  /** @param {number} at index of the active option */
  #draw(at) {
    const wanted = this.#search?.value.trim().toLowerCase() ?? "";
    this.#visible = this.#options.choices.filter((choice) => choice.label.toLowerCase().includes(wanted));
    this.#active = Math.min(at, Math.max(0, this.#visible.length - 1));
    const { chosen } = this.#options;
    const rows = this.#visible.map((choice, index) =>
      row(choice, {
        chosen,
        active: index === this.#active,
        several: this.#several,
        pick: (/** @type {string} */ value) => this.#pick(value),
      }),
    );
    this.#list.replaceChildren(...(rows.length ? rows : [h("li", { class: "nothing" }, "Nothing found")]));
    this.#target.setAttribute("aria-activedescendant", rows[this.#active]?.id ?? "");
    rows[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const count = Math.max(1, this.#visible.length);
    if (event.key === "ArrowDown") this.#draw((this.#active + 1) % count);
    else if (event.key === "ArrowUp") this.#draw((this.#active - 1 + count) % count);
    else if (event.key === "Enter" || (event.key === " " && !this.#search))
      this.#pick(this.#visible[this.#active]?.value);
    else if (event.key === "Tab") this.#popover.hidePopover();
    else return;
    event.preventDefault();
  }

  /** @param {string|undefined} value */
  #pick(value) {
    const { chosen, component, onChange } = this.#options;
    if (!choose(chosen, value, component)) return;
    onChange();
    this.#options.anchor.dispatchEvent(new Event("change"));
    if (this.#several) this.#draw(this.#visible.findIndex((choice) => choice.value === value));
    else this.#popover.hidePopover();
  }

  #closed() {
    const { button, chosen, component, onCommit } = this.#options;
    this.#popover.remove();
    button.setAttribute("aria-expanded", "false");
    button.focus({ preventScroll: true });
    if (fingerprint(chosen) !== this.#before && chosen.size >= (component.min_values ?? 1)) onCommit();
  }
}

/** @param {Set<string>} values */
const fingerprint = (values) => [...values].sort().join("\n");

/**
 * Choose or unchoose one value within the component's limits.
 * @param {Set<string>} chosen @param {string|undefined} value @param {any} component
 * @returns {boolean} whether anything changed
 */
function choose(chosen, value, component) {
  if (value === undefined) return false;
  const most = component.max_values ?? 1;
  if (most === 1) {
    const again = chosen.has(value);
    chosen.clear();
    if (!again || (component.min_values ?? 1) > 0) chosen.add(value);
    return true;
  }
  if (chosen.has(value)) return chosen.delete(value);
  if (chosen.size >= most) return false;
  chosen.add(value);
  return true;
}

/** @param {import("./choices.js").Choice} choice @param {any} state */
function row(choice, { chosen, active, several, pick }) {
  const selected = chosen.has(choice.value);
  return h(
    "li",
    {
      id: uniqueId("option"),
      role: "option",
      class: active ? "active" : null,
      "aria-selected": String(selected),
      testid: "select-option",
      on: { click: () => pick(choice.value) },
    },
    choice.mark?.(),
    h(
      "span",
      { class: "option-text" },
      h("span", null, choice.label),
      choice.detail && h("small", null, choice.detail),
    ),
    several
      ? h("span", { class: selected ? "box checked" : "box" }, selected && icon("check", 16))
      : selected && icon("check", 18),
  );
}
