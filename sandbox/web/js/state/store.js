/**
 * What the page knows: the answer of /client/state, kept true by events.
 * @module state/store
 */
import { compareIds } from "../core/snowflake.js";

/**
 * The state of one user's view of the guild. It emits, as plain events without detail:
 * `reset` (everything changed), `channel`, `messages`, `commands`, `application`, `connection`, `unread`.
 */
export class Store extends EventTarget {
  /** @type {any} */ me = null;
  /** @type {Map<string, any>} */ users = new Map();
  /** @type {Map<string, any>} */ roles = new Map();
  /** @type {Map<string, any>} */ channels = new Map();
  /** @type {any} */ guild = null;
  /** @type {any} */ application = null;
  /** @type {any[]} */ commands = [];
  /** @type {string} */ channelId = "";
  /** @type {Set<string>} channels with messages not looked at */ unread = new Set();
  /** @type {boolean} */ connected = true;
  /** @type {Map<string, Map<string, any>>} messages by channel, then id */ #messages = new Map();

  /**
   * Take a whole state for the first time, or for another user.
   * @param {any} state the answer of GET /client/state
   * @param {string|null} channelId the channel to show, when it exists
   */
  load(state, channelId) {
    this.#take(state);
    this.unread.clear();
    this.channelId = channelId && this.channels.has(channelId) ? channelId : String(state.channels[0].id);
    this.#emit("reset");
  }

  /**
   * Take the state of the same user again, when events may have been missed.
   * @param {any} state the answer of GET /client/state
   */
  refresh(state) {
    this.#take(state);
    for (const event of ["messages", "commands", "application"]) this.#emit(event);
  }

  /** @param {string} channelId */
  openChannel(channelId) {
    if (!this.channels.has(channelId) || channelId === this.channelId) return;
    this.channelId = channelId;
    this.unread.delete(channelId);
    this.#emit("channel");
  }

  /** The channel shown. */
  get channel() {
    return this.channels.get(this.channelId);
  }

  /** The users who are people: those the page can speak for. */
  get members() {
    return [...this.users.values()].filter((user) => !user.bot);
  }

  /** The messages of the channel shown, oldest first. */
  get messages() {
    const messages = [...(this.#messages.get(this.channelId)?.values() ?? [])];
    return messages.sort((left, right) => compareIds(String(left.id), String(right.id)));
  }

  /** @param {string} id of a message in any channel */
  message(id) {
    for (const messages of this.#messages.values()) if (messages.has(id)) return messages.get(id);
    return null;
  }

  /**
   * Take one event of the stream; those about interactions are for {@link Interactions}.
   * @param {string} type @param {any} data
   */
  apply(type, data) {
    if (type === "MESSAGE_CREATE" || type === "MESSAGE_UPDATE") this.#putMessage(type, data);
    else if (type === "MESSAGE_DELETE") this.#dropMessage(data);
    else if (type === "COMMANDS_UPDATE") this.#set("commands", data.commands, "commands");
    else if (type === "APPLICATION_STATUS") {
      this.#set("application", { ...this.application, ...data }, "application");
    }
  }

  /** @param {boolean} connected whether the event stream is up */
  setConnected(connected) {
    if (connected !== this.connected) this.#set("connected", connected, "connection");
  }

  /** @param {any} state */
  #take(state) {
    this.users = byId(state.users);
    this.me = this.users.get(String(state.me.id)) ?? state.me;
    this.guild = state.guild;
    this.roles = byId(state.guild.roles ?? []);
    this.channels = byId(state.channels);
    this.application = state.application;
    this.commands = state.commands;
    this.#messages = new Map([...this.channels.keys()].map((id) => [id, byId(state.messages?.[id] ?? [])]));
  }

  /** @param {string} type @param {any} message */
  #putMessage(type, message) {
    const messages = this.#messages.get(String(message.channel_id));
    if (!messages) return;
    const id = String(message.id);
    if (type === "MESSAGE_UPDATE" && !messages.has(id)) return;
    messages.set(id, { ...messages.get(id), ...message });
    if (message.channel_id !== this.channelId && type === "MESSAGE_CREATE") {
      this.unread.add(String(message.channel_id));
      this.#emit("unread");
    }
    this.#emit("messages");
  }

  /** @param {{id: string, channel_id: string}} data */
  #dropMessage(data) {
    this.#messages.get(String(data.channel_id))?.delete(String(data.id));
    this.#emit("messages");
  }

  /** @param {"commands"|"application"|"connected"} field @param {any} value @param {string} event */
  #set(field, value, event) {
    /** @type {any} */ (this)[field] = value;
    this.#emit(event);
  }

  /** @param {string} event */
  #emit(event) {
    this.dispatchEvent(new Event(event));
  }
}

/** @param {any[]} items @returns {Map<string, any>} */
function byId(items) {
  return new Map(items.map((item) => [String(item.id), item]));
}
