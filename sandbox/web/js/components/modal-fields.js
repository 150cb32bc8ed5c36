/**
 * The fields a modal can hold: text, selects, files, radio buttons and checkboxes.
 *
 * Each kind is built into a {@link Field}: its element, what is wrong with it, and what it submits.
 * @module components/modal-fields
 */
import { uploadFile } from "../core/api.js";
import { h, uniqueId } from "../core/dom.js";
import { createSelect } from "./select.js";

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLElement} control takes the focus and carries aria-invalid
 * @property {() => string|null} problem a sentence, or null when it may be submitted
 * @property {() => object} submission the component as Discord's app submits it
 */

/** How many files a file field takes unless it says so, from Discord's component reference. */
const FILES = 1;

/** @typedef {{store: import("../state/store.js").Store, labelId: string}} FieldContext */

/** Text inputs of this style have several lines. */
const PARAGRAPH = 2;

/** The longest text input, from Discord's component reference. */
const LONGEST = 4000;

/** @type {Record<number, (component: any, context: FieldContext) => Field>} */
const BUILDERS = {
  3: selectField,
  4: textField,
  5: selectField,
  6: selectField,
  7: selectField,
  8: selectField,
  19: fileField,
  21: radioField,
  22: checkboxGroupField,
  23: checkboxField,
};

/** @param {any} component @returns {boolean} whether this page can show it in a modal */
export function isField(component) {
  return component.type in BUILDERS;
}

/**
 * Build one field of a modal.
 * @param {any} component @param {FieldContext} context
 */
export function buildField(component, context) {
  return BUILDERS[component.type](component, context);
}

/**
 * Unless they say otherwise, fields must be filled in. A lone checkbox cannot be required.
 * @param {any} component
 */
export const isRequired = (component) => component.required !== false && component.type !== 23;

/** @param {any} component @param {object} values */
const submission = (component, values) => ({
  type: component.type,
  ...(component.id === undefined ? {} : { id: component.id }),
  custom_id: component.custom_id,
  ...values,
});

/** @param {any} component @param {FieldContext} context @returns {Field} */
function textField(component, { labelId }) {
  const long = component.style === PARAGRAPH;
  const most = component.max_length ?? LONGEST;
  const attributes = {
    "aria-labelledby": labelId,
    placeholder: component.placeholder,
    maxlength: most,
    dir: "auto",
  };
  const input = long
    ? h("textarea", { class: "input", rows: 4, ...attributes })
    : h("input", { class: "input", type: "text", autocomplete: "off", ...attributes });
  input.value = component.value ?? "";
  input.dataset.customId = component.custom_id;
  const counter = h("span", { class: "counter", "aria-hidden": "true" });
  const count = () => {
    counter.textContent =
      component.max_length || input.value.length > most - 200 ? `${input.value.length}/${most}` : "";
  };
  input.addEventListener("input", count);
  count();
  const problem = () => {
    if (!input.value) return isRequired(component) ? "This field is required." : null;
    const least = component.min_length ?? 0;
    return input.value.length < least ? `Must be ${least} or more characters.` : null;
  };
  const element = h("div", { class: "text-field" }, input, counter);
  return {
    element,
    control: input,
    problem,
    submission: () => submission(component, { value: input.value }),
  };
}

/** @param {any} component @param {FieldContext} context @returns {Field} */
function selectField(component, { store, labelId }) {
  const select = createSelect(component, { store, onCommit: () => {}, labelId });
  const problem = () => {
    const { length } = select.values();
    if (length === 0) return isRequired(component) ? "This field is required." : null;
    const least = component.min_values ?? 1;
    return length < least ? `Choose at least ${least}.` : null;
  };
  const { element, button: control } = select;
  return { element, control, problem, submission: () => submission(component, { values: select.values() }) };
}

/** @param {any} component @param {FieldContext} context @returns {Field} */
function fileField(component, { store, labelId }) {
  const { min_values: least = FILES, max_values: most = FILES } = component;
  const input = h("input", { type: "file", class: "input", multiple: most > 1, "aria-labelledby": labelId });
  input.dataset.customId = component.custom_id;
  /** @type {string[]|null} null while files are on their way */ let ids = [];
  let failure = "";
  input.addEventListener("change", async () => {
    ids = null;
    failure = "";
    const uploads = [...input.files].map((file) => uploadFile(String(store.me.id), file));
    ids = await Promise.all(uploads).then(
      (files) => files.map(({ id }) => id),
      (error) => {
        failure = error.message;
        return [];
      },
    );
  });
  const problem = () => {
    if (!ids) return "Still uploading.";
    if (failure) return failure;
    if (ids.length === 0) return isRequired(component) ? "This field is required." : null;
    return ids.length < least || ids.length > most ? `Choose ${least} to ${most} files.` : null;
  };
  return {
    element: h("div", { class: "text-field" }, input),
    control: input,
    problem,
    submission: () => submission(component, { values: ids ?? [] }),
  };
}

/** @param {any} component @param {FieldContext} context @returns {Field} */
function radioField(component, { labelId }) {
  const { element, inputs } = optionGroup(component, "radio", labelId);
  const value = () => inputs.find((input) => input.checked)?.value ?? null;
  const problem = () => (value() === null && isRequired(component) ? "Choose one." : null);
  return {
    element,
    control: inputs[0],
    problem,
    submission: () => submission(component, { value: value() }),
  };
}

/** @param {any} component @param {FieldContext} context @returns {Field} */
function checkboxGroupField(component, { labelId }) {
  const { element, inputs } = optionGroup(component, "checkbox", labelId);
  const values = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const least = component.min_values ?? (isRequired(component) ? 1 : 0);
  const most = component.max_values ?? inputs.length;
  const problem = () => {
    const { length } = values();
    if (length === 0 && !isRequired(component)) return null;
    if (length < least) return least === 1 ? "Choose at least one." : `Choose at least ${least}.`;
    return length > most ? `Choose at most ${most}.` : null;
  };
  return {
    element,
    control: inputs[0],
    problem,
    submission: () => submission(component, { values: values() }),
  };
}

/** @param {any} component @param {FieldContext} context @returns {Field} */
function checkboxField(component, { labelId }) {
  const input = h("input", {
    type: "checkbox",
    "aria-labelledby": labelId,
    dataset: { customId: component.custom_id },
  });
  input.checked = Boolean(component.default);
  const element = h("div", { class: "lone-checkbox" }, input);
  const value = () => submission(component, { value: input.checked });
  return { element, control: input, problem: () => null, submission: value };
}

/** @param {any} component @param {"radio"|"checkbox"} type @param {string} labelId */
function optionGroup(component, type, labelId) {
  const name = uniqueId("group");
  /** @type {HTMLInputElement[]} */ const inputs = [];
  const rows = (component.options ?? []).map((/** @type {any} */ option) => {
    const input = h("input", { type, name, value: option.value });
    input.checked = Boolean(option.default);
    inputs.push(input);
    return h(
      "label",
      { class: "option-row" },
      input,
      h(
        "span",
        { class: "option-text" },
        h("span", null, option.label),
        option.description && h("small", null, option.description),
      ),
    );
  });
  const role = type === "radio" ? "radiogroup" : "group";
  const element = h(
    "div",
    { class: "option-group", role, "aria-labelledby": labelId, dataset: { customId: component.custom_id } },
    rows,
  );
  return { element, inputs };
}
