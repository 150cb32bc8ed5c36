/**
 * One user's connection to the sandbox: the whole state, then events, and the state again after every gap.
 * @module state/session
 */
import { fetchState } from "../core/api.js";
import { openEvents } from "../core/events.js";

/** Follows one user at a time. */
export class Session {
  #store;
  #interactions;
  /** @type {() => void} */ #closeEvents = () => {};
  /** @type {[string, any][]|null} events that came while the state was being read */ #held = null;
  /** Counts openings, so that an answer for an earlier user is not taken for a later one. */ #opening = 0;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./interactions.js").Interactions} interactions
   */
  constructor(store, interactions) {
    this.#store = store;
    this.#interactions = interactions;
  }

  /**
   * See the sandbox through the eyes of a user.
   * @param {string} user id
   * @param {string|null} channel to show, if it exists
   * @throws {import("../core/api.js").ApiError} when there is no such user, or no sandbox
   */
  async open(user, channel) {
    this.#opening += 1;
    const opening = this.#opening;
    const state = await fetchState(user);
    if (opening !== this.#opening) return;
    this.#closeEvents();
    this.#store.load(state, channel);
    this.#closeEvents = openEvents(String(this.#store.me.id), {
      onEvent: (type, data) => this.#take(type, data),
      onConnection: (connected) => this.#connection(connected, opening),
    });
  }

  /** @param {boolean} connected @param {number} opening */
  async #connection(connected, opening) {
    this.#store.setConnected(connected);
    if (!connected) return;
    // What happened between the state and this moment, or while the line was down, is in no event.
    const held = /** @type {[string, any][]} */ ([]);
    this.#held = held;
    const state = await fetchState(String(this.#store.me.id)).catch(() => null);
    if (opening !== this.#opening || held !== this.#held) return;
    if (state) this.#store.refresh(state);
    this.#held = null;
    for (const [type, data] of held) this.#take(type, data);
  }

  /** @param {string} type @param {any} data */
  #take(type, data) {
    if (this.#held) {
      this.#held.push([type, data]);
      return;
    }
    this.#store.apply(type, data);
    this.#interactions.apply(type, data);
  }
}
