/**
 * The composer: ordinary talk, or a command as soon as the line begins with one.
 * @module composer/composer
 */
import { ApiError, sendMessage } from "../core/api.js";
import { byId } from "../core/dom.js";
import { commandIn, entriesOf, search } from "./catalog.js";
import { CommandLine } from "./command-line.js";
import { Popup } from "./popup.js";
import { commandContent } from "./suggestions.js";

/** The longest message, from Discord's message reference. */
const LONGEST = 2000;

/** From this many characters on the composer says how many are left. */
const COUNT_FROM = 1800;

/** The text field at the bottom of the page. */
export class Composer {
  #app;
  #input = /** @type {HTMLTextAreaElement} */ (byId("composer-input"));
  #form = byId("composer");
  #counter = byId("composer-counter");
  #popup = new Popup();
  #line;

  /** @param {import("../main.js").App} app */
  constructor(app) {
    this.#app = app;
    this.#line = new CommandLine(app, this.#popup, this.#input, {
      onSend: (entry, data, draft) => this.#sendCommand(entry, data, draft),
      onLeave: (text) => this.write(text),
    });
    this.#form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#send();
    });
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("focus", () => this.#show());
    // The next element has the focus only after this event.
    this.#form.addEventListener("focusout", () => setTimeout(() => this.#left()));
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    byId("composer-commands").addEventListener("click", () => this.write("/"));
    app.store.addEventListener("channel", () => this.#describe());
    app.store.addEventListener("reset", () => this.#reset());
  }

  get #entries() {
    return entriesOf(this.#app.store.commands);
  }

  /** Put a text into the composer as if it had been typed. @param {string} text */
  write(text) {
    this.#line.close();
    this.#input.value = text;
    this.#input.focus();
    this.#typed();
  }

  /** Begin a command by its name. @param {string} name without the slash */
  openCommand(name) {
    const entry = this.#entries.find((item) => item.name === name);
    if (entry) this.#line.open(entry, "");
    else this.#app.toast(`/${name} is not available here.`, "error");
  }

  focus() {
    this.#input.focus();
  }

  #typed() {
    const found = commandIn(this.#input.value, this.#entries);
    if (found) this.#line.open(found.entry, found.rest);
    else if (this.#line.entry) this.#line.tailTyped();
    else this.#show();
    this.#measure();
  }

  /** Show the commands that fit, or what the command being written needs. */
  #show() {
    const text = this.#input.value;
    if (this.#line.entry) this.#line.refresh();
    else if (!text.startsWith("/") || text.includes("\n")) this.#popup.hide();
    else {
      const found = search(this.#entries, text.slice(1));
      const open = (/** @type {import("./catalog.js").Entry} */ entry) => this.#line.open(entry, "");
      this.#popup.show(this.#input, commandContent(found, this.#app.store.application, open));
    }
  }

  /** The keyboard has left a text field: unless it is in another one here, nothing is to be offered. */
  #left() {
    if (document.activeElement !== this.#input && !this.#line.hasFocus) this.#popup.hide();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return;
    const atStart = this.#input.selectionStart === 0 && this.#input.selectionEnd === 0;
    const open = this.#popup.isOpen;
    /** @type {Record<string, false|null|undefined|(() => void)>} what each key does here */
    const keys = {
      ArrowDown: open && (() => this.#popup.move(1)),
      ArrowUp: open && (() => this.#popup.move(-1)),
      ArrowLeft: atStart && this.#line.entry && (() => this.#line.tailBack()),
      Backspace: atStart && this.#line.entry && (() => this.#line.tailBack()),
      Enter: !event.shiftKey && (() => this.#enter()),
      Escape: this.#escape(),
      Tab: open && !event.shiftKey && this.#popup.active && (() => this.#popup.active?.pick()),
    };
    const run = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  /** What Escape closes, the innermost first. */
  #escape() {
    if (this.#popup.isOpen) return () => this.#popup.hide();
    return this.#line.entry && (() => this.#line.leave(""));
  }

  #enter() {
    if (this.#popup.active) this.#popup.active.pick();
    else this.#send();
  }

  #send() {
    if (this.#line.entry) this.#line.send();
    else this.#sendText();
  }

  async #sendText() {
    const content = this.#input.value.trim();
    if (!content) return;
    if ([...content].length > LONGEST) {
      this.#app.toast(`A message has ${LONGEST} characters at most.`, "error");
      return;
    }
    const { store } = this.#app;
    this.#input.value = "";
    this.#popup.hide();
    this.#measure();
    this.#app.jumpToPresent();
    try {
      await sendMessage({ user: String(store.me.id), channel_id: store.channelId, content });
    } catch (error) {
      if (!this.#input.value) this.#input.value = content;
      this.#app.toast(/** @type {Error} */ (error).message, "error");
    }
  }

  /**
   * @param {import("./catalog.js").Entry} entry
   * @param {object} data
   * @param {import("./command-line.js").Draft} draft
   */
  async #sendCommand(entry, data, draft) {
    this.#line.close();
    this.#input.value = "";
    this.#input.focus();
    this.#app.jumpToPresent();
    try {
      await this.#app.interactions.command(entry.name, data);
    } catch (error) {
      this.#refused(/** @type {Error} */ (error), draft);
    }
  }

  /** @param {Error} error @param {import("./command-line.js").Draft} draft */
  #refused(error, draft) {
    if (this.#line.entry || this.#input.value) {
      this.#app.toast(error.message, "error");
      return;
    }
    this.#line.restore(draft);
    const byOption = error instanceof ApiError && isRecord(error.errors) ? error.errors : {};
    const details = Object.entries(byOption).map(([name, text]) => `${name}: ${text}`);
    this.#line.showProblem(details.join(" ") || error.message, byOption);
  }

  /** Fit the height to the text, and count what is left of it. */
  #measure() {
    const { length } = [...this.#input.value];
    this.#counter.textContent = length > COUNT_FROM && !this.#line.entry ? String(LONGEST - length) : "";
    this.#counter.classList.toggle("over", length > LONGEST);
    this.#input.style.height = "auto";
    if (!this.#line.entry) this.#input.style.height = `${this.#input.scrollHeight}px`;
  }

  #reset() {
    this.#line.close();
    this.#input.value = "";
    this.#measure();
    this.#describe();
  }

  #describe() {
    const text = `Message #${this.#app.store.channel.name}`;
    this.#input.placeholder = text;
    this.#input.setAttribute("aria-label", text);
  }
}

/** @param {unknown} value @returns {value is Record<string, string>} */
function isRecord(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string")
  );
}
