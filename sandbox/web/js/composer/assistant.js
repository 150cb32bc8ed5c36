/**
 * Keeps the list above the composer fitting what is being written, and says what Enter would take from it.
 * @module composer/assistant
 */
import { uploadFile } from "../core/api.js";
import { chooseFiles } from "../core/files.js";
import { Autocompleter } from "./autocompleter.js";
import { localSuggestions, optionContent, valueContent } from "./suggestions.js";
import { isNamed, OPTION } from "./values.js";

/** @typedef {import("./values.js").Suggestion} Suggestion */
/** @typedef {import("./field.js").OptionField} OptionField */

/** Stands in the list of an attachment option. @type {Suggestion} */
const FILE = { name: "Choose a file…", value: "" };

const NOTHING = "No options match your search.";

/** Suggestions for one field at a time. */
export class Assistant {
  #app;
  #popup;
  #autocompleter;
  /** @type {OptionField|null} */ #field = null;
  /** @type {Suggestion[]} */ #shown = [];

  /** @param {import("../main.js").App} app @param {import("./popup.js").Popup} popup */
  constructor(app, popup) {
    this.#app = app;
    this.#popup = popup;
    this.#autocompleter = new Autocompleter(app.interactions);
  }

  /**
   * Offer values for a field.
   * @param {OptionField} field
   * @param {() => object} question builds the data of an autocompletion for it
   * @param {() => void} onPick
   */
  offerValues(field, question, onPick) {
    this.#autocompleter.cancel();
    const { option, text } = field;
    const before = this.#field === field ? this.#shown : [];
    this.#field = field;
    const show = (/** @type {Suggestion[]} */ suggestions, /** @type {string} */ note, fresh = true) => {
      this.#shown = suggestions;
      const pick = (/** @type {Suggestion} */ suggestion) => {
        if (suggestion === FILE) return this.#pickFile(field, onPick);
        field.pick(suggestion);
        return onPick();
      };
      const content = valueContent(field, { suggestions, note, pick });
      this.#popup.show(field.input, fresh ? content : { ...content, active: -1 });
    };
    if (option.type === OPTION.ATTACHMENT) {
      show(field.picked ? [] : [FILE], "");
      return;
    }
    if (!option.autocomplete) {
      const local = localSuggestions(option, field.picked ? "" : text, this.#app.store);
      show(local ?? [], local?.length === 0 ? NOTHING : "");
      return;
    }
    // The old answer stays in sight until the new one is there, but Enter no longer takes from it.
    show(
      before.filter((item) => contains(item, text)),
      "Loading options…",
      false,
    );
    this.#autocompleter.ask(question, {
      onChoices: (choices) => show(choices, choices.length ? "" : NOTHING),
      onError: () => show([], "Loading options failed."),
    });
  }

  /**
   * Offer the options that can still be added.
   * @param {HTMLElement} tail @param {import("./catalog.js").Entry} entry @param {any[]} free
   * @param {string} typed @param {(option: any) => void} add
   */
  offerOptions(tail, entry, free, typed, add) {
    this.cancel();
    this.#popup.show(tail, optionContent(entry, free, typed, add));
  }

  /**
   * What Enter takes for a field: the suggestion to move to, or null when the text stands as it is. A text
   * that names a suggestion exactly becomes that suggestion.
   * @param {OptionField} field
   * @returns {import("./popup.js").PopupItem|null}
   */
  chosen(field) {
    const { active, moved } = this.#popup;
    if (!active || moved) return active;
    const exact = field.text.trim() ? this.#shown.find((item) => isNamed(item, field.text)) : null;
    if (!exact) return field.picked ? null : active;
    field.pick(exact);
    return null;
  }

  /** @param {OptionField} field @param {() => void} onPick */
  async #pickFile(field, onPick) {
    const [file] = await chooseFiles();
    if (!file) return;
    field.text = "Uploading…";
    try {
      const { id } = await uploadFile(String(this.#app.store.me.id), file);
      field.pick({ name: file.name, value: id });
      onPick();
    } catch (error) {
      field.text = "";
      field.setError(/** @type {Error} */ (error).message);
    }
  }

  /** Forget the question under way. */
  cancel() {
    this.#autocompleter.cancel();
    this.#field = null;
    this.#shown = [];
  }
}

/** @param {Suggestion} item @param {string} text */
function contains(item, text) {
  return `${item.name}\n${item.value}`.toLowerCase().includes(text.trim().toLowerCase());
}
