/**
 * The page's beginning: wires the parts together and follows one user's events.
 * @module main
 */
import { ApiError, deleteMessage } from "./core/api.js";
import { byId } from "./core/dom.js";
import { drawIcons } from "./core/icons.js";
import { startClock } from "./core/time.js";
import { openModal } from "./components/modal.js";
import { commandData, entriesOf } from "./composer/catalog.js";
import { Composer } from "./composer/composer.js";
import { OPTION } from "./composer/values.js";
import { MessageList } from "./messages/list.js";
import { confirm } from "./overlays/dialog.js";
import { openLightbox } from "./overlays/lightbox.js";
import { toast } from "./overlays/toast.js";
import { startHeader } from "./shell/header.js";
import { startHelp } from "./shell/help.js";
import { startPanels } from "./shell/panels.js";
import { startSidebar } from "./shell/sidebar.js";
import { startTheme } from "./shell/theme.js";
import { Interactions } from "./state/interactions.js";
import { Session } from "./state/session.js";
import { Store } from "./state/store.js";

/** What the parts of the page may ask of each other. */
export class App {
  store = new Store();
  interactions = new Interactions(this.store);
  toast = toast;
  #session = new Session(this.store, this.interactions);
  #composer;
  #list;
  #closeDrawers;
  /** @type {{close: () => void}|null} */ #modal = null;

  /** What markdown and galleries need of the page. */
  markdown = {
    store: this.store,
    openChannel: (/** @type {string} */ id) => this.openChannel(id),
    openCommand: (/** @type {string} */ name) => this.openCommand(name),
    openLightbox,
  };

  constructor() {
    drawIcons();
    startTheme();
    startClock();
    startSidebar(this);
    startHeader(this);
    startHelp(this);
    this.#closeDrawers = startPanels();
    this.#list = new MessageList(this);
    this.#composer = new Composer(this);
    this.interactions.addEventListener("modal", (event) => {
      this.#modal = openModal(/** @type {CustomEvent} */ (event).detail, this);
    });
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * See the sandbox through the eyes of a user, in the same channel as before.
   * @param {string} user id
   */
  async switchUser(user) {
    this.#modal?.close();
    this.#closeDrawers();
    const asked = new URLSearchParams(location.search).get("channel");
    await this.#session.open(user, this.store.channelId || asked);
    this.#remember();
  }

  /** Put the keyboard where a visitor begins; a phone would cover the page with its own. */
  start() {
    if (matchMedia("(hover: hover)").matches) this.#composer.focus();
  }

  /** Read everything anew. */
  reload() {
    return this.switchUser(String(this.store.me.id)).catch((error) => toast(error.message, "error"));
  }

  /** @param {string} id of a channel */
  openChannel(id) {
    this.store.openChannel(id);
    this.#closeDrawers();
    this.#remember();
  }

  /** @param {string} name of a command, to begin it in the composer */
  openCommand(name) {
    this.#composer.openCommand(name);
  }

  /**
   * Put a prompt into the composer, in the first command that must be given free text.
   * @param {string} prompt
   */
  tryPrompt(prompt) {
    const takesText = (/** @type {any} */ option) =>
      option?.required && option.type === OPTION.STRING && !option.choices;
    const entry = entriesOf(this.store.commands).find(({ options }) => takesText(options[0]));
    this.#composer.write(entry ? `/${entry.name} ${prompt}` : prompt);
  }

  /** @param {string} id of a message in the channel shown */
  goTo(id) {
    this.#list.goTo(id);
  }

  jumpToPresent() {
    this.#list.jumpToPresent();
  }

  /** @param {string} text for the clipboard */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.");
    } catch {
      toast("The browser does not allow copying here.", "error");
    }
  }

  /** @param {any} message to delete, or to dismiss when it is ephemeral */
  async remove(message) {
    try {
      await deleteMessage(String(this.store.me.id), String(message.channel_id), String(message.id));
      this.store.apply("MESSAGE_DELETE", message);
    } catch (error) {
      toast(/** @type {Error} */ (error).message, "error");
    }
  }

  /** @param {any} message */
  confirmDelete(message) {
    const text = "Everybody in the channel loses it. This cannot be undone.";
    confirm({ title: "Delete message", text, action: "Delete", run: () => this.remove(message) });
  }

  /** @param {any} command of a message's menu @param {any} message */
  async runMessageCommand(command, message) {
    const data = {
      ...commandData({ command, path: [], name: "", description: "", options: [] }, []),
      target_id: message.id,
    };
    await this.interactions.command(command.name, data).catch((error) => toast(error.message, "error"));
  }

  /** The address keeps user and channel, so that a reload or a second tab shows the same. */
  #remember() {
    const query = new URLSearchParams({ user: String(this.store.me.id), channel: this.store.channelId });
    history.replaceState(null, "", `?${query}`);
  }

  /** @param {KeyboardEvent} event keys nothing else took */
  #onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;
    if (event.key === "Escape") {
      this.jumpToPresent();
      this.#composer.focus();
    } else if (plain && event.key !== " " && !target.closest("input, textarea")) {
      // Whatever is typed goes to the composer: the key itself follows the focus.
      this.#composer.focus();
    }
  }
}

const app = new App();
const first = document.body.dataset.user ?? "";
const asked = new URLSearchParams(location.search).get("user");
app
  .switchUser(asked ?? first)
  // A link may name somebody the sandbox does not know.
  .catch((error) =>
    error instanceof ApiError && error.status ? app.switchUser(first) : Promise.reject(error),
  )
  .then(() => app.start())
  .catch((error) => {
    byId("connection-lost").hidden = false;
    toast(error.message, "error");
  });
