/**
 * From what a member typed to the value Discord's app sends, or to what is wrong with it.
 * @module composer/values
 */
import { channelChoices, roleChoices, userChoices } from "../components/choices.js";

/** Discord's option types. */
export const OPTION = {
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};

/** The longest string option, from Discord's reference of application commands. */
const LONGEST = 6000;

/** Integers beyond this are not sent, from the same reference. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** @typedef {{name: string, value: any, detail?: string, mark?: () => Node}} Suggestion */
/** @typedef {{value?: any, error?: string}} Result `value` is undefined when nothing was said */

/**
 * What one option is worth.
 * @param {any} option
 * @param {string} text as typed
 * @param {Suggestion|null} picked from a list, and not changed since
 * @param {import("../state/store.js").Store} store
 * @returns {Result}
 */
export function valueOf(option, text, picked, store) {
  if (picked) return { value: picked.value };
  const typed = text.trim();
  if (!typed) return option.required ? { error: "This option is required. Specify a value." } : {};
  const listed = listedValues(option, store);
  if (listed) return fromList(listed, typed, option);
  if (option.type === OPTION.INTEGER || option.type === OPTION.NUMBER) return number(option, typed);
  if (option.type === OPTION.ATTACHMENT) return { error: "Choose a file." };
  return string(option, typed);
}

/**
 * The values an option is limited to; null when it takes anything of its type.
 * @param {any} option @param {import("../state/store.js").Store} store
 * @returns {Suggestion[]|null}
 */
export function listedValues(option, store) {
  const named = (/** @type {import("../components/choices.js").Choice[]} */ choices) =>
    choices.map(({ label, value, detail, mark }) => ({ name: label, value, detail, mark }));
  if (option.choices?.length)
    return option.choices.map((/** @type {Suggestion} */ { name, value }) => ({ name, value }));
  switch (option.type) {
    case OPTION.BOOLEAN:
      return [
        { name: "True", value: true },
        { name: "False", value: false },
      ];
    case OPTION.USER:
      return named(userChoices(store));
    case OPTION.ROLE:
      return named(roleChoices(store));
    case OPTION.MENTIONABLE:
      return named([...userChoices(store), ...roleChoices(store)]);
    case OPTION.CHANNEL:
      return named(channelChoices(store, option.channel_types));
    default:
      return null;
  }
}

/** Whether a text names this suggestion exactly. @param {Suggestion} item @param {string} text */
export function isNamed(item, text) {
  const bare = (/** @type {any} */ value) => String(value).trim().toLowerCase().replace(/^[@#]/, "");
  const mention = /^<(?:@[!&]?|#)(\d+)>$/.exec(text.trim());
  return bare(item.name) === bare(text) || bare(item.value) === (mention ? mention[1] : bare(text));
}

/** @param {Suggestion[]} listed @param {string} typed @param {any} option @returns {Result} */
function fromList(listed, typed, option) {
  const found = listed.find((item) => isNamed(item, typed));
  if (found) return { value: found.value };
  const kinds = {
    [OPTION.BOOLEAN]: "True or False",
    [OPTION.USER]: "a user",
    [OPTION.ROLE]: "a role",
    [OPTION.CHANNEL]: "a channel",
  };
  return { error: `Choose ${kinds[option.type] ?? "one of the options listed"}.` };
}

/** @param {any} option @param {string} typed @returns {Result} */
function number(option, typed) {
  const integer = option.type === OPTION.INTEGER;
  const pattern = integer ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const value = Number(typed);
  if (!pattern.test(typed) || Math.abs(value) > LARGEST)
    return { error: integer ? "Enter a whole number." : "Enter a number." };
  const { min_value: least, max_value: most } = option;
  if (least !== undefined && value < least) return { error: `Enter a number of at least ${least}.` };
  if (most !== undefined && value > most) return { error: `Enter a number of at most ${most}.` };
  return { value };
}

/** @param {any} option @param {string} typed @returns {Result} */
function string(option, typed) {
  const { length } = [...typed];
  const least = option.min_length ?? 0;
  const most = option.max_length ?? LONGEST;
  if (length < least) return { error: `Use at least ${least} characters (${length} now).` };
  if (length > most) return { error: `Use at most ${most} characters (${length} now).` };
  return { value: typed };
}
