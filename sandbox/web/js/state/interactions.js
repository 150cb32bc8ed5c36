/**
 * Interactions on their way: sent by this page and not answered yet, or answered with a failure.
 * @module state/interactions
 */
import { sendInteraction } from "../core/api.js";
import { nonce } from "../core/snowflake.js";

/** Interaction types, as Discord numbers them. */
export const TYPE = { COMMAND: 2, COMPONENT: 3, AUTOCOMPLETE: 4, MODAL_SUBMIT: 5 };

/** What Discord's app says when an application stays silent. */
const NO_ANSWER = "The application did not respond";

/**
 * @typedef {object} Pending
 * @property {string} nonce
 * @property {string} channelId
 * @property {"pending"|"failed"} status
 * @property {string} [id] of the interaction, once the sandbox has made it
 * @property {string} [reason] why it failed
 * @property {string} [commandName] of a command
 * @property {string} [customId] of a component
 * @property {Date} at
 */

/**
 * What waits for an answer other than a message.
 * @typedef {{type: number, resolve: (value: any) => void, reject: (error: Error) => void}} Question
 */

/**
 * Sends interactions and follows them. It emits `change` whenever something pending changed, and
 * `modal` (detail: the modal) when the application answers with one.
 */
export class Interactions extends EventTarget {
  /** @type {Map<string, Pending>} commands, by nonce */ commands = new Map();
  /** @type {Map<string, Pending>} components, by message id */ components = new Map();
  /** @type {Map<string, Question>} by nonce */ #waiting = new Map();
  #store;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.#store = store;
    store.addEventListener("reset", () => this.#forget());
  }

  /**
   * Run a command.
   * @param {string} commandName as shown, subcommands included
   * @param {object} data Discord's application command data
   */
  async command(commandName, data) {
    const pending = this.#pending({ commandName });
    this.commands.set(pending.nonce, pending);
    this.#changed();
    try {
      pending.id = (await this.#send(TYPE.COMMAND, pending, data)).id;
    } catch (error) {
      this.commands.delete(pending.nonce);
      this.#changed();
      throw error;
    }
  }

  /**
   * Press a button or choose in a select.
   * @param {any} message @param {any} component @param {string[]} [values]
   */
  async component(message, component, values) {
    const pending = this.#pending({ customId: component.custom_id });
    this.components.set(String(message.id), pending);
    this.#changed();
    const data = {
      message_id: message.id,
      component_type: component.type,
      custom_id: component.custom_id,
      ...(values ? { values } : {}),
    };
    try {
      pending.id = (await this.#send(TYPE.COMPONENT, pending, data)).id;
    } catch (error) {
      Object.assign(pending, { status: "failed", reason: /** @type {Error} */ (error).message });
      this.#changed();
    }
  }

  /**
   * Submit a modal; resolves when the application has accepted it.
   * @param {object} data `{id, custom_id, components}`
   */
  submit(data) {
    return this.#ask(TYPE.MODAL_SUBMIT, data);
  }

  /**
   * Ask for autocompletion; resolves to the choices.
   * @param {object} data a command's data with one option focused
   * @returns {Promise<{name: string, value: any}[]>}
   */
  autocomplete(data) {
    return this.#ask(TYPE.AUTOCOMPLETE, data);
  }

  /** @param {string} key nonce of a failed command to take out of sight */
  dismiss(key) {
    this.commands.delete(key);
    this.#changed();
  }

  /**
   * Take one event of the stream.
   * @param {string} type @param {any} data
   */
  apply(type, data) {
    if (type === "INTERACTION_CREATE") this.#created(data);
    else if (type === "MESSAGE_CREATE") this.#messageArrived(data);
    else if (type === "INTERACTION_SUCCESS") this.#succeeded(data);
    else if (type === "INTERACTION_FAILURE") this.#failed(data);
    else if (type === "AUTOCOMPLETE_RESULT") this.#settle(data.nonce, "resolve", data.choices);
    else if (type === "INTERACTION_MODAL_CREATE") {
      this.#succeeded(data);
      this.dispatchEvent(new CustomEvent("modal", { detail: data }));
    }
  }

  /** @param {Partial<Pending>} fields @returns {Pending} */
  #pending(fields) {
    return { nonce: nonce(), channelId: this.#store.channelId, status: "pending", at: new Date(), ...fields };
  }

  /** @param {number} type @param {{nonce: string, channelId: string}} pending @param {object} data */
  #send(type, pending, data) {
    const { nonce: key, channelId } = pending;
    return sendInteraction({
      user: String(this.#store.me.id),
      channel_id: channelId,
      nonce: key,
      type,
      data,
    });
  }

  /** @param {number} type @param {object} data */
  #ask(type, data) {
    const pending = this.#pending({});
    const { promise, resolve, reject } = withResolvers();
    this.#waiting.set(pending.nonce, { type, resolve, reject });
    this.#send(type, pending, data).catch((error) => this.#settle(pending.nonce, "reject", error));
    return promise;
  }

  /** @param {string} key @param {"resolve"|"reject"} how @param {any} value */
  #settle(key, how, value) {
    this.#waiting.get(key)?.[how](value);
    this.#waiting.delete(key);
  }

  /** The event may come before the answer to the request does. @param {{id: string, nonce: string}} data */
  #created({ id, nonce: key }) {
    const pending = this.commands.get(key);
    if (pending) pending.id = id;
  }

  /** The first sight of an answer replaces the line that stood for the command. @param {any} message */
  #messageArrived(message) {
    const interaction = message.interaction_metadata?.id ?? message.interaction?.id;
    for (const [key, pending] of this.commands) {
      if (interaction && pending.id === interaction) this.commands.delete(key);
    }
    this.#changed();
  }

  /** @param {{nonce: string}} data */
  #succeeded({ nonce: key }) {
    // A question is answered by its choices, which come after this.
    if (this.#waiting.get(key)?.type === TYPE.MODAL_SUBMIT) this.#settle(key, "resolve", undefined);
    this.commands.delete(key);
    for (const [message, pending] of this.components)
      if (pending.nonce === key) this.components.delete(message);
    this.#changed();
  }

  /** @param {{nonce: string, reason?: string}} data */
  #failed({ nonce: key, reason }) {
    this.#settle(key, "reject", new Error(reason || NO_ANSWER));
    for (const pending of [...this.commands.values(), ...this.components.values()]) {
      if (pending.nonce === key) Object.assign(pending, { status: "failed", reason: reason || NO_ANSWER });
    }
    this.#changed();
  }

  #forget() {
    this.commands.clear();
    this.components.clear();
    for (const key of [...this.#waiting.keys()]) this.#settle(key, "reject", new Error("Cancelled"));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Promise.withResolvers, which not every browser in use has yet. */
function withResolvers() {
  /** @type {any} */ const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
