/**
 * What the list above the composer offers while a command is being written.
 * @module composer/suggestions
 */
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { isNamed, listedValues, OPTION } from "./values.js";

/** Discord shows no more than this at once. */
const MOST = 25;

/** @typedef {import("./values.js").Suggestion} Suggestion */
/** @typedef {import("./popup.js").PopupContent} PopupContent */

/**
 * The values listed for an option, fitting what was typed.
 * @param {any} option @param {string} text @param {import("../state/store.js").Store} store
 * @returns {Suggestion[]|null} null for options that take free text
 */
export function localSuggestions(option, text, store) {
  const typed = text.trim().toLowerCase().replace(/^[@#]/, "");
  const listed = listedValues(option, store);
  return listed && listed.filter((item) => item.name.toLowerCase().includes(typed)).slice(0, MOST);
}

/**
 * What to show for one option.
 * @param {import("./field.js").OptionField} field
 * @param {object} state
 * @param {Suggestion[]} state.suggestions @param {string} [state.note]
 * @param {(suggestion: Suggestion) => void} state.pick
 * @returns {PopupContent}
 */
export function valueContent(field, { suggestions, note, pick }) {
  const { option, text } = field;
  const items = suggestions.map((suggestion) => ({
    label: suggestion.name,
    detail: suggestion.detail,
    mark: suggestion.mark,
    testid: "option-suggestion",
    pick: () => pick(suggestion),
  }));
  const notes = [note, hint(option, text)].filter(Boolean).join(" · ");
  const title = option.required ? `${option.name} (required)` : option.name;
  return {
    title,
    description: option.description,
    groups: [{ items }],
    note: notes,
    active: likely(suggestions, text),
  };
}

/**
 * The suggestion Enter takes when nobody moved through the list: the one the text names, else the first that
 * contains it. A text no suggestion contains is left as it is.
 * @param {Suggestion[]} suggestions @param {string} text
 */
function likely(suggestions, text) {
  const typed = text.trim().toLowerCase().replace(/^[@#]/, "");
  const exact = suggestions.findIndex((item) => isNamed(item, text));
  if (exact >= 0 || !typed) return Math.max(exact, Math.min(0, suggestions.length - 1));
  return suggestions.findIndex((item) => `${item.name}\n${item.value}`.toLowerCase().includes(typed));
}

/** @param {any} option @param {string} text what limits there are, once they matter */
function hint(option, text) {
  if (option.type === OPTION.STRING && option.max_length && text.length > option.max_length * 0.8) {
    return `${text.length}/${option.max_length}`;
  }
  const { min_value: least, max_value: most } = option;
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return `${least} or more`;
  return least === undefined ? `up to ${most}` : `${least} to ${most}`;
}

/**
 * The options that can still be added.
 * @param {import("./catalog.js").Entry} entry
 * @param {any[]} free options not in use yet
 * @param {string} typed
 * @param {(option: any) => void} add
 * @returns {PopupContent}
 */
export function optionContent(entry, free, typed, add) {
  const wanted = typed.trim().toLowerCase();
  const items = free
    .filter((option) => option.name.includes(wanted))
    .map((option) => ({
      label: option.name,
      detail: option.description,
      testid: "optional-option",
      pick: () => add(option),
    }));
  const groups = items.length ? [{ label: "Options", items }] : [];
  return {
    title: `/${entry.name}`,
    description: entry.description,
    groups,
    active: wanted && items.length ? 0 : -1,
  };
}

/**
 * The commands that fit what was typed, grouped by application.
 * @param {import("./catalog.js").Entry[]} entries @param {any} application
 * @param {(entry: import("./catalog.js").Entry) => void} open
 * @returns {PopupContent}
 */
export function commandContent(entries, application, open) {
  const items = entries.map((entry) => ({
    label: `/${entry.name}`,
    detail: entry.description,
    hint: application.name,
    mark: () => h("span", { class: "command-mark" }, icon("command", 22)),
    testid: "command-suggestion",
    pick: () => open(entry),
  }));
  const state = application.online ? "" : " (offline)";
  const groups = items.length ? [{ label: `${application.name}${state}`, items }] : [];
  return { groups, active: items.length ? 0 : -1, note: items.length ? "" : "No commands found" };
}
