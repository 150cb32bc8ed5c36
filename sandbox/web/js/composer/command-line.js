/**
 * A command being written: what typing, keys and the list above do to its option fields.
 * @module composer/command-line
 */
import { byId } from "../core/dom.js";
import { Assistant } from "./assistant.js";
import { commandData } from "./catalog.js";
import { OptionFields } from "./fields.js";
import { splitOptions } from "./parser.js";

/** @typedef {import("./field.js").OptionField} OptionField */
/** @typedef {{entry: import("./catalog.js").Entry, kept: import("./fields.js").Kept[]}} Draft */

/**
 * The part of the composer between a command's name and the tail: the text field that is always there, which
 * stands after the options while a command is written.
 */
export class CommandLine {
  /** @type {import("./catalog.js").Entry|null} */ entry = null;
  #popup;
  #tail;
  #handlers;
  #assistant;
  #fields;
  #place = byId("command-line");
  #name = byId("command-name");
  #more = byId("command-more");
  #error = byId("composer-error");

  /**
   * @param {import("../main.js").App} app
   * @param {import("./popup.js").Popup} popup
   * @param {HTMLTextAreaElement} tail
   * @param {object} handlers
   * @param {(entry: import("./catalog.js").Entry, data: object, draft: Draft) => void} handlers.onSend the
   *   command may go; the draft is for {@link CommandLine#restore}
   * @param {(text: string) => void} handlers.onLeave the member gives it up, this text is left
   */
  constructor(app, popup, tail, handlers) {
    this.#popup = popup;
    this.#tail = tail;
    this.#handlers = handlers;
    this.#assistant = new Assistant(app, popup);
    this.#fields = new OptionFields(byId("command-options"), app.store, {
      onTyped: (field) => this.#typed(field),
      onFocus: () => this.refresh(),
      onBlur: (field) => this.#blurred(field),
      onRemove: (field) => this.#remove(field),
      onKey: (field, event) => this.#onKey(field, event),
    });
    byId("command-cancel").addEventListener("click", () => this.leave(""));
    this.#more.addEventListener("click", () => this.#tail.focus());
  }

  /**
   * Begin a command.
   * @param {import("./catalog.js").Entry} entry
   * @param {string} rest what was typed after its name
   */
  open(entry, rest) {
    this.close();
    this.entry = entry;
    this.#name.textContent = `/${entry.name}`;
    this.#place.hidden = false;
    this.#fields.begin(entry.options);
    const first = entry.options.find((option) => option.required) ?? null;
    const { last, stray } = this.#fields.fill(rest.trim() ? splitOptions(rest, entry.options, first) : []);
    this.#tail.value = stray;
    (last ?? this.#fields.firstEmpty ?? this.#tail).focus();
    this.refresh();
  }

  /** Bring back a command the sandbox refused. @param {Draft} draft */
  restore({ entry, kept }) {
    this.open(entry, "");
    for (const { option, text, picked } of kept) Object.assign(this.#fields.of(option), { text, picked });
    this.#tail.focus();
    this.refresh();
  }

  /** Take the command out of the composer without sending it. @param {string} text to leave in its place */
  leave(text) {
    this.close();
    this.#handlers.onLeave(text);
  }

  /** Forget the command. */
  close() {
    this.#assistant.cancel();
    this.entry = null;
    this.#fields.begin([]);
    this.#place.hidden = true;
    this.#more.hidden = true;
    this.showProblem("");
    this.#popup.hide();
  }

  /** Show what the place of the keyboard calls for. */
  refresh() {
    const { entry } = this;
    if (!entry) return;
    const { free, focused } = this.#fields;
    this.#more.textContent = `+${free.length} optional`;
    this.#more.hidden = free.length === 0;
    if (focused) {
      const question = () => commandData(entry, this.#fields.question(focused));
      this.#assistant.offerValues(focused, question, () => this.#advance());
    } else if (document.activeElement === this.#tail) {
      this.#assistant.offerOptions(this.#tail, entry, free, this.#tail.value, (option) => this.#add(option));
    } else this.#popup.hide();
  }

  /** Whether the keyboard is in one of the options. */
  get hasFocus() {
    return this.#fields.focused !== undefined;
  }

  /** The tail was typed in: an option's name begins that option. */
  tailTyped() {
    const segments = splitOptions(this.#tail.value, this.#fields.nameable(), null);
    if (segments.some(({ option }) => option)) {
      const { last, stray } = this.#fields.fill(segments);
      this.#tail.value = stray;
      last?.focus();
    }
    this.refresh();
  }

  /** Backspace or the left arrow at the start of the tail. */
  tailBack() {
    if (this.#fields.last) this.#fields.last.focus();
    else this.leave(`/${this.entry?.name ?? ""}`);
  }

  /** Send the command if every option is right; else show what is wrong. */
  send() {
    const { entry } = this;
    if (!entry) return;
    const stray = this.#tail.value.trim();
    const { values, wrong } = this.#fields.values();
    if (!wrong && !stray) {
      this.#handlers.onSend(entry, commandData(entry, values), { entry, kept: this.#fields.keep() });
      return;
    }
    (wrong ?? this.#tail).focus();
    this.refresh();
    this.showProblem(
      wrong ? `${wrong.option.name}: ${wrong.error}` : `“${stray}” is not an option of /${entry.name}.`,
    );
  }

  /**
   * Show what is wrong with the command.
   * @param {string} text "" for nothing
   * @param {Record<string, string>} [byOption] what is wrong with single options
   */
  showProblem(text, byOption = {}) {
    this.#error.textContent = text;
    this.#error.hidden = !text;
    this.#fields.mark(byOption);
  }

  /** @param {any} option */
  #add(option) {
    this.#tail.value = "";
    this.#fields.of(option).focus();
    this.refresh();
  }

  /** @param {OptionField} field */
  #remove(field) {
    (this.#fields.remove(field) ?? this.#tail).focus();
    this.refresh();
  }

  /** @param {OptionField} field */
  #typed(field) {
    const { option, text } = field;
    field.picked = null;
    field.setError("");
    this.showProblem("");
    const own = text.toLowerCase().startsWith(`${option.name}:`) ? [option] : [];
    const segments = splitOptions(text, [...own, ...this.#fields.nameable(field)], option);
    if (segments.length > 1 || own.length > 0) {
      field.text = "";
      this.#fields.fill(segments).last?.focus();
    } else if (text.includes("\n")) field.text = segments[0].text;
    this.refresh();
  }

  /** @param {OptionField} field */
  #blurred(field) {
    if (field.text.trim()) field.setError(this.#fields.valueOf(field).error ?? "");
  }

  /** @param {OptionField} field @param {KeyboardEvent} event */
  #onKey(field, event) {
    /** @type {Record<string, false|null|undefined|(() => void)>} what each key does here */
    const keys = {
      ArrowDown: () => this.#popup.move(1),
      ArrowUp: () => this.#popup.move(-1),
      ArrowLeft: field.caretAt("start") && (() => this.#step(field, -1)),
      ArrowRight: field.caretAt("end") && !event.shiftKey && (() => this.#step(field, 1)),
      Backspace: field.caretAt("start") && (() => this.#back(field)),
      Enter: () => this.#take(field, () => this.send()),
      Escape: () => (this.#popup.isOpen ? this.#popup.hide() : this.leave("")),
      Tab:
        !event.shiftKey && field.text.trim() !== "" && (() => this.#take(field, () => this.#step(field, 1))),
    };
    const run = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!run || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  /** Take what the list points at, or else go on. @param {OptionField} field @param {() => void} otherwise */
  #take(field, otherwise) {
    const chosen = this.#assistant.chosen(field);
    if (chosen) chosen.pick();
    else otherwise();
  }

  /** @param {OptionField} field */
  #back(field) {
    if (!field.text && !field.option.required) this.#remove(field);
    else if (this.#fields.beside(field, -1)) this.#step(field, -1);
    else if (this.#fields.areEmpty) this.leave(`/${this.entry?.name ?? ""}`);
  }

  /** @param {OptionField} field @param {1|-1} by */
  #step(field, by) {
    const target = this.#fields.beside(field, by);
    if (target) target.focus(by > 0 ? "start" : "end");
    else if (by > 0) this.#tail.focus();
  }

  /** On to the next option that must be given, or to the tail. */
  #advance() {
    (this.#fields.firstEmpty ?? this.#tail).focus();
    this.refresh();
  }
}
