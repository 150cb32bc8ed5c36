/**
 * Suggestions the application makes while a member types.
 * @module composer/autocompleter
 */

/** Wait this long after a key before asking, in milliseconds. */
const DEBOUNCE = 150;

/** Asks for one option at a time; an answer to anything but the last question is dropped. */
export class Autocompleter {
  #interactions;
  #asked = 0;
  #timer = 0;

  /** @param {import("../state/interactions.js").Interactions} interactions */
  constructor(interactions) {
    this.#interactions = interactions;
  }

  /**
   * Ask after a pause in typing.
   * @param {() => object} data builds the command's data with the option focused
   * @param {object} handlers exactly one is called, unless another question or `cancel` comes first
   * @param {(choices: {name: string, value: any}[]) => void} handlers.onChoices
   * @param {(error: Error) => void} handlers.onError
   */
  ask(data, { onChoices, onError }) {
    this.cancel();
    const question = this.#asked;
    const current = (/** @type {(value: any) => void} */ handler) => (/** @type {any} */ value) => {
      if (question === this.#asked) handler(value);
    };
    this.#timer = setTimeout(() => {
      this.#interactions.autocomplete(data()).then(current(onChoices), current(onError));
    }, DEBOUNCE);
  }

  /** Forget the question under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }
}
