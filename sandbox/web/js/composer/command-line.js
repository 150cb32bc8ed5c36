/**
 * A command being written: its option fields, and the keys that move through them.
 * @module composer/command-line
 */
import { byId } from "../core/dom.js";
import { Autocompleter } from "./autocompleter.js";
import { commandData } from "./catalog.js";
import { OptionField } from "./field.js";
import { splitOptions } from "./parser.js";
import { localSuggestions, optionContent, valueContent } from "./suggestions.js";
import { isNamed, valueOf } from "./values.js";

/**
 * The part of the composer between the command's name and the tail, the text field that stays. It calls
 * `onSend(entry, data)` when the command may go, and `onLeave(text)` when the member gives it up.
 */
export class CommandLine {
  /** @type {import("./catalog.js").Entry|null} */ entry = null;
  /** @type {OptionField[]} */ fields = [];
  #app;
  #popup;
  #tail;
  #handlers;
  #autocompleter;
  #place = byId("command-line");
  #name = byId("command-name");
  #options = byId("command-options");
  #more = byId("command-more");
  #error = byId("composer-error");

  /**
   * @param {import("../main.js").App} app
   * @param {import("./popup.js").Popup} popup
   * @param {HTMLTextAreaElement} tail
   * @param {{onSend: (entry: import("./catalog.js").Entry, data: object) => void, onLeave: (text: string) => void}} handlers
   */
  constructor(app, popup, tail, handlers) {
    this.#app = app;
    this.#popup = popup;
    this.#tail = tail;
    this.#handlers = handlers;
    this.#autocompleter = new Autocompleter(app.interactions);
    byId("command-cancel").addEventListener("click", () => this.leave(""));
    this.#more.addEventListener("click", () => this.#tail.focus());
  }

  /**
   * Begin a command.
   * @param {import("./catalog.js").Entry} entry
   * @param {string} rest what was typed after its name
   */
  open(entry, rest) {
    this.entry = entry;
    this.fields = [];
    this.#options.replaceChildren();
    this.#name.textContent = `/${entry.name}`;
    this.#place.hidden = false;
    this.#tail.value = "";
    const required = entry.options.filter((option) => option.required);
    for (const option of required) this.#addField(option);
    const segments = rest.trim() ? splitOptions(rest, entry.options, required[0] ?? null) : [];
    const last = this.#fill(segments);
    this.setProblem("");
    (last ?? this.#firstEmpty())?.focus();
    if (!last && !this.#firstEmpty()) this.#tail.focus();
    this.refresh();
  }

  /** Take the command out of the composer without sending it. @param {string} text to leave in its place */
  leave(text) {
    this.close();
    this.#handlers.onLeave(text);
  }

  /** Forget the command. */
  close() {
    this.#autocompleter.cancel();
    this.entry = null;
    this.fields = [];
    this.#options.replaceChildren();
    this.#place.hidden = true;
    this.setProblem("");
    this.#popup.hide();
  }

  /** Show again what the place of the keyboard calls for. */
  refresh() {
    const entry = this.entry;
    if (!entry) return;
    const free = this.#free();
    this.#more.textContent = free.length ? `+${free.length} optional` : "";
    this.#more.hidden = free.length === 0;
    const field = this.fields.find(({ input }) => input === document.activeElement);
    if (field) this.#suggest(field);
    else if (document.activeElement === this.#tail) this.#offerOptions(entry, free);
    else this.#popup.hide();
  }

  /** The tail was typed in: an option's name begins that option. */
  tailTyped() {
    const text = this.#tail.value;
    const [lead, ...named] = splitOptions(text, this.#free(), null);
    const segments = lead?.option ? [lead, ...named] : named;
    if (segments.length > 0) {
      this.#tail.value = lead.option ? "" : lead.text;
      this.#fill(segments)?.focus();
    }
    this.refresh();
  }

  /** Enter in the tail. */
  tailEnter() {
    const { active } = this.#popup;
    if (active && (this.#popup.moved || this.#tail.value.trim())) active.pick();
    else this.send();
  }

  /** Backspace or the left arrow at the start of the tail. */
  tailBack() {
    const last = this.fields[this.fields.length - 1];
    if (last) last.focus();
    else this.leave(`/${this.entry?.name ?? ""}`);
  }

  /** Send the command if every option is right; else show what is wrong. */
  send() {
    const { entry } = this;
    if (!entry) return;
    const stray = this.#tail.value.trim();
    const values = [];
    let wrong = /** @type {OptionField|null} */ (null);
    for (const field of this.fields) {
      const { value, error } = valueOf(field.option, field.text, field.picked, this.#app.store);
      field.setError(error ?? "");
      if (error) wrong ??= field;
      else if (value !== undefined) values.push({ name: field.option.name, type: field.option.type, value });
    }
    this.setProblem(wrong ? `${wrong.option.name}: ${wrong.error}` : stray && `“${stray}” is not an option of /${entry.name}.`);
    if (!wrong && !stray) this.#handlers.onSend(entry, commandData(entry, values));
    else if (wrong === this.fields.find(({ input }) => input === document.activeElement)) this.refresh();
    else (wrong ?? { focus: () => this.#tail.focus() }).focus();
  }

  /**
   * Show what is wrong with the command.
   * @param {string} text "" for nothing
   * @param {Record<string, string>} [byOption] what is wrong with single options
   */
  setProblem(text, byOption = {}) {
    this.#error.textContent = text;
    this.#error.hidden = !text;
    for (const field of this.fields) {
      if (byOption[field.option.name]) field.setError(byOption[field.option.name]);
    }
  }

  /** What was typed so far, to bring it back. @returns {{entry: any, rest: string}|null} */
  snapshot() {
    const rest = this.fields.filter(({ text }) => text).map(({ option, text }) => `${option.name}:${text}`).join(" ");
    return this.entry && { entry: this.entry, rest };
  }

  #free() {
    const used = new Set(this.fields.map(({ option }) => option));
    return (this.entry?.options ?? []).filter((option) => !used.has(option));
  }

  #firstEmpty() {
    return this.fields.find(({ option, text }) => option.required && !text.trim());
  }

  /** @param {any} option @returns {OptionField} */
  #addField(option) {
    const known = this.fields.find((field) => field.option === option);
    if (known) return known;
    const onRemove = option.required ? undefined : (/** @type {OptionField} */ field) => this.#remove(field);
    const field = new OptionField(option, { onRemove });
    field.input.addEventListener("input", () => this.#typed(field));
    field.input.addEventListener("focus", () => this.refresh());
    field.input.addEventListener("blur", () => this.#blurred(field));
    field.input.addEventListener("keydown", (event) => this.#onKey(field, event));
    this.fields.push(field);
    this.#options.append(field.element);
    return field;
  }

  /** @param {import("./parser.js").Segment[]} segments @returns {OptionField|null} the last one filled */
  #fill(segments) {
    let last = /** @type {OptionField|null} */ (null);
    for (const { option, text } of segments) {
      if (!option) {
        this.#tail.value = text;
        continue;
      }
      last = this.#addField(option);
      last.text = text;
      last.picked = null;
    }
    return last;
  }

  /** @param {OptionField} field */
  #remove(field) {
    const at = this.fields.indexOf(field);
    this.fields.splice(at, 1);
    field.element.remove();
    const previous = this.fields[at - 1];
    if (previous) previous.focus();
    else this.#tail.focus();
    this.refresh();
  }

  /** @param {OptionField} field */
  #typed(field) {
    field.picked = null;
    field.setError("");
    this.setProblem("");
    const { option, text } = field;
    const own = text.toLowerCase().startsWith(`${option.name}:`) ? [option] : [];
    const segments = splitOptions(text, [...own, ...this.#free()], option);
    if (segments.length > 1 || own.length > 0) {
      field.text = "";
      this.#fill(segments)?.focus();
    } else if (text.includes("\n")) {
      field.text = segments[0].text;
    }
    field.fit();
    this.refresh();
  }

  /** @param {OptionField} field */
  #blurred(field) {
    const { error } = valueOf(field.option, field.text, field.picked, this.#app.store);
    if (field.text.trim()) field.setError(field.option.autocomplete ? "" : error ?? "");
  }

  /** @param {OptionField} field @param {KeyboardEvent} event */
  #onKey(field, event) {
    if (event.isComposing) return;
    const { input } = field;
    const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
    const atEnd = input.selectionStart === field.text.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#popup.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") this.#enter(field);
    else if (event.key === "Tab" && !event.shiftKey && this.#popup.active && (this.#popup.moved || field.text.trim())) this.#popup.active.pick();
    else if (event.key === "Escape") this.#escape();
    else if (event.key === "Backspace" && atStart) this.#back(field);
    else if (event.key === "ArrowLeft" && atStart) this.#step(field, -1);
    else if (event.key === "ArrowRight" && atEnd && !event.shiftKey) this.#step(field, 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Enter takes what the list points at, unless the text says exactly that already. @param {OptionField} field */
  #enter(field) {
    const { active, moved } = this.#popup;
    const suggestion = active && this.#suggested.find((item) => item.name === active.label);
    const exact = suggestion && !moved && field.text.trim() && isNamed(suggestion, field.text);
    if (exact) field.pick(suggestion);
    if (active && !exact && !field.picked && (moved || field.text.trim() || field.option.required)) active.pick();
    else this.send();
  }

  #escape() {
    if (this.#popup.isOpen) this.#popup.hide();
    else this.leave("");
  }

  /** @param {OptionField} field */
  #back(field) {
    if (!field.text && !field.option.required) this.#remove(field);
    else if (this.fields[0] !== field) this.#step(field, -1);
    else if (this.fields.every(({ text }) => !text)) this.leave(`/${this.entry?.name ?? ""}`);
  }

  /** @param {OptionField} field @param {1|-1} by */
  #step(field, by) {
    const target = this.fields[this.fields.indexOf(field) + by];
    if (target) target.focus(by > 0 ? "start" : "end");
    else if (by > 0) this.#tail.focus();
  }

  /** @type {import("./values.js").Suggestion[]} shown for the field with the focus */ #suggested = [];

  /** @param {OptionField} field */
  #suggest(field) {
    this.#autocompleter.cancel();
    const { option, text } = field;
    const local = localSuggestions(option, field.picked ? "" : text, this.#app.store);
    const nothing = local?.length === 0 ? "No options match your search." : "";
    this.#show(field, local ?? [], option.autocomplete ? "Loading options…" : nothing);
    if (!option.autocomplete) return;
    this.#autocompleter.ask(() => this.#question(field), {
      onChoices: (choices) => this.#show(field, choices, choices.length ? "" : "No options match your search."),
      onError: () => this.#show(field, [], "Loading options failed."),
    });
  }

  /** @param {OptionField} field @param {import("./values.js").Suggestion[]} suggestions @param {string} note */
  #show(field, suggestions, note) {
    this.#suggested = suggestions;
    const pick = (/** @type {import("./values.js").Suggestion} */ suggestion) => {
      field.pick(suggestion);
      this.#advance();
    };
    this.#popup.show(field.input, valueContent(field, { suggestions, note, pick }));
  }

  /** On to the next option that must be given, or to the tail. */
  #advance() {
    const next = this.#firstEmpty();
    if (next) next.focus();
    else this.#tail.focus();
    this.refresh();
  }

  /** The data of an autocompletion: what the other options are worth now, and this one as typed. @param {OptionField} focused */
  #question(focused) {
    const options = this.fields.flatMap((field) => {
      const { name, type } = field.option;
      if (field === focused) return [{ name, type, value: field.text, focused: true }];
      const { value } = valueOf(field.option, field.text, field.picked, this.#app.store);
      return value === undefined ? [] : [{ name, type, value }];
    });
    return commandData(/** @type {any} */ (this.entry), options);
  }

  /** @param {import("./catalog.js").Entry} entry @param {any[]} free */
  #offerOptions(entry, free) {
    const add = (/** @type {any} */ option) => {
      this.#tail.value = "";
      this.#addField(option).focus();
      this.refresh();
    };
    this.#popup.show(this.#tail, optionContent(entry, free, this.#tail.value, add));
  }
}
