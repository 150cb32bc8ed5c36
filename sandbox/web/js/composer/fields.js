/**
 * The option fields of the command being written, in their order.
 * @module composer/fields
 */
import { OptionField } from "./field.js";
import { valueOf } from "./values.js";

/** @typedef {{option: any, text: string, picked: import("./values.js").Suggestion|null}} Kept */

/** A row of option fields, and what they are worth together. */
export class OptionFields {
  /** @type {OptionField[]} */ #fields = [];
  /** @type {any[]} */ #options = [];
  #container;
  #store;
  #handlers;

  /**
   * @param {HTMLElement} container the fields are put into
   * @param {import("../state/store.js").Store} store
   * @param {object} handlers
   * @param {(field: OptionField) => void} handlers.onTyped
   * @param {(field: OptionField) => void} handlers.onFocus
   * @param {(field: OptionField) => void} handlers.onBlur
   * @param {(field: OptionField) => void} handlers.onRemove
   * @param {(field: OptionField, event: KeyboardEvent) => void} handlers.onKey
   */
  constructor(container, store, handlers) {
    this.#container = container;
    this.#store = store;
    this.#handlers = handlers;
  }

  /**
   * Begin with the options that must be given.
   * @param {any[]} options of the command; none to forget everything
   */
  begin(options) {
    this.#options = options;
    this.#fields = [];
    this.#container.replaceChildren();
    for (const option of options) if (option.required) this.of(option);
  }

  /** The field of an option, made when it is not there yet. @param {any} option @returns {OptionField} */
  of(option) {
    const known = this.#fields.find((field) => field.option === option);
    if (known) return known;
    const { onTyped, onFocus, onBlur, onRemove, onKey } = this.#handlers;
    const field = new OptionField(option, {
      onTyped: () => onTyped(field),
      onFocus: () => onFocus(field),
      onBlur: () => onBlur(field),
      onKey: (event) => onKey(field, event),
      onRemove: option.required ? undefined : () => onRemove(field),
    });
    this.#fields.push(field);
    this.#container.append(field.element);
    return field;
  }

  /**
   * Fill in what was typed as text.
   * @param {import("./parser.js").Segment[]} segments
   * @returns {{last: OptionField|null, stray: string}} the last field filled, and text that belongs to none
   */
  fill(segments) {
    let last = /** @type {OptionField|null} */ (null);
    let stray = "";
    for (const { option, text } of segments) {
      if (option) last = Object.assign(this.of(option), { text, picked: null });
      else stray = text;
    }
    return { last, stray };
  }

  /** Take a field away. @param {OptionField} field @returns {OptionField|undefined} the one before it */
  remove(field) {
    const at = this.#fields.indexOf(field);
    this.#fields.splice(at, 1);
    field.element.remove();
    return this.#fields[at - 1];
  }

  /** The neighbour of a field. @param {OptionField} field @param {1|-1} by */
  beside(field, by) {
    return this.#fields[this.#fields.indexOf(field) + by];
  }

  get last() {
    return this.#fields[this.#fields.length - 1];
  }

  /** The field with the keyboard in it. */
  get focused() {
    return this.#fields.find(({ input }) => input === document.activeElement);
  }

  /** The first field that must be filled in and is not. */
  get firstEmpty() {
    return this.#fields.find(({ option, text }) => option.required && !text.trim());
  }

  /** Whether nothing was typed anywhere. */
  get areEmpty() {
    return this.#fields.every(({ text }) => !text);
  }

  /** The options that can still be added. */
  get free() {
    const used = new Set(this.#fields.map(({ option }) => option));
    return this.#options.filter((option) => !used.has(option));
  }

  /**
   * The options a name typed into the line may mean: those with nothing in them yet.
   * @param {OptionField} [typed] into
   */
  nameable(typed) {
    const taken = new Set(
      this.#fields.filter((field) => field === typed || field.text.trim()).map(({ option }) => option),
    );
    return this.#options.filter((option) => !taken.has(option));
  }

  /** What was typed, to bring it back later. @returns {Kept[]} */
  keep() {
    return this.#fields.map(({ option, text, picked }) => ({ option, text, picked }));
  }

  /** What one field is worth. @param {OptionField} field */
  valueOf(field) {
    return valueOf(field.option, field.text, field.picked, this.#store);
  }

  /** What every option is worth; marks the fields that are wrong and names the first of them. */
  values() {
    const values = [];
    let wrong = /** @type {OptionField|null} */ (null);
    for (const field of this.#fields) {
      const { value, error } = this.valueOf(field);
      field.setError(error ?? "");
      if (error) wrong ??= field;
      else if (value !== undefined) values.push({ name: field.option.name, type: field.option.type, value });
    }
    return { values, wrong };
  }

  /**
   * The options of an autocompletion: the others as far as they are right, this one as typed.
   * @param {OptionField} focused
   */
  question(focused) {
    return this.#fields.flatMap((field) => {
      const { name, type } = field.option;
      if (field === focused) return [{ name, type, value: field.text, focused: true }];
      const { value } = this.valueOf(field);
      return value === undefined ? [] : [{ name, type, value }];
    });
  }

  /** Mark single options as wrong. @param {Record<string, string>} errors by option name */
  mark(errors) {
    for (const field of this.#fields) {
      const error = errors[field.option.name];
      if (error) field.setError(error);
    }
  }
}
