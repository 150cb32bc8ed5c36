/**
 * One option of the command being written: its name, and a text field for its value.
 * @module composer/field
 */
import { h, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";

/** Older browsers size the field by its text only with help. */
const SIZES_ITSELF = CSS.supports("field-sizing", "content");

/** An option with what was typed for it. */
export class OptionField {
  /** @type {any} */ option;
  /** @type {HTMLElement} */ element;
  /** @type {HTMLTextAreaElement} */ input;
  /** @type {import("./values.js").Suggestion|null} picked from a list and not changed since */ picked = null;
  /** @type {string} */ error = "";
  #errorText;

  /**
   * @param {any} option of the command
   * @param {object} handlers
   * @param {() => void} handlers.onTyped
   * @param {() => void} handlers.onFocus
   * @param {() => void} handlers.onBlur
   * @param {(event: KeyboardEvent) => void} handlers.onKey
   * @param {() => void} [handlers.onRemove] absent for required options
   */
  constructor(option, { onTyped, onFocus, onBlur, onKey, onRemove }) {
    this.option = option;
    const labelId = uniqueId("option-name");
    const errorId = uniqueId("option-error");
    this.input = h("textarea", {
      rows: 1,
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-labelledby": labelId,
      "aria-describedby": errorId,
      "aria-required": option.required ? "true" : null,
      testid: `command-option-${option.name}`,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "send",
      dir: "auto",
      on: { input: () => this.#typed(onTyped), focus: onFocus, blur: onBlur, keydown: onKey },
    });
    this.#errorText = h("span", { class: "visually-hidden", id: errorId });
    const remove = onRemove && removeButton(option, onRemove);
    this.element = h(
      "label",
      { class: "option-field" },
      h("span", { class: "option-name", id: labelId }, option.name),
      this.input,
      remove,
      this.#errorText,
    );
  }

  get text() {
    return this.input.value;
  }

  set text(value) {
    this.input.value = value;
    this.#fit();
  }

  /** Whether the caret is at one end of the text, with nothing selected. @param {"start"|"end"} where */
  caretAt(where) {
    const { selectionStart, selectionEnd } = this.input;
    return selectionStart === selectionEnd && selectionStart === (where === "start" ? 0 : this.text.length);
  }

  /**
   * Take a suggestion.
   * @param {import("./values.js").Suggestion} suggestion
   */
  pick(suggestion) {
    this.text = suggestion.name;
    this.picked = suggestion;
    this.setError("");
  }

  /** @param {string} error "" for none */
  setError(error) {
    this.error = error;
    this.#errorText.textContent = error;
    this.input.setAttribute("aria-invalid", String(Boolean(error)));
    this.element.classList.toggle("invalid", Boolean(error));
  }

  /** Put the keyboard at the end, or the start, of the text. @param {"start"|"end"} [where] */
  focus(where = "end") {
    this.input.focus();
    const at = where === "end" ? this.text.length : 0;
    this.input.setSelectionRange(at, at);
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {() => void} onTyped */
  #typed(onTyped) {
    this.#fit();
    onTyped();
  }

  #fit() {
    if (!SIZES_ITSELF) this.input.style.width = `${Math.max(2, this.text.length + 1)}ch`;
  }
}

/** @param {any} option @param {() => void} onRemove */
function removeButton(option, onRemove) {
  const label = `Remove ${option.name}`;
  const click = (/** @type {Event} */ event) => {
    event.preventDefault();
    onRemove();
  };
  return h(
    "button",
    { type: "button", class: "option-remove", tabindex: "-1", "aria-label": label, on: { click } },
    icon("close", 12),
  );
}
