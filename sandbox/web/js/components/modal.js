/**
 * Modals: a form an application opens in answer to an interaction.
 * @module components/modal
 */
import { h, uniqueId } from "../core/dom.js";
import { openDialog } from "../overlays/dialog.js";
import { renderMarkdown } from "../markdown/render.js";
import { buildField, isField, isRequired } from "./modal-fields.js";

const ACTION_ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;

/**
 * A part of the modal: what it shows, its field if it has one, and what it submits around the field.
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {import("./modal-fields.js").Field} [field]
 * @property {HTMLElement} [error] where the field's problem is written
 * @property {() => object} submission
 */

/**
 * Open a modal and submit it.
 * @param {any} modal `{id, custom_id, title, components}`
 * @param {import("../main.js").App} app
 */
export function openModal(modal, app) {
  const parts = modal.components.map((/** @type {any} */ component) => buildPart(component, app));
  const failure = h("div", { class: "failure", role: "alert" });
  const submit = h(
    "button",
    { type: "submit", class: "button button-primary", form: uniqueId("form"), testid: "modal-submit" },
    "Submit",
  );
  const form = h(
    "form",
    { class: "modal-form", id: submit.getAttribute("form"), novalidate: true },
    failure,
    parts.map((/** @type {Part} */ part) => part.element),
  );
  const cancel = h("button", { type: "button", class: "button button-quiet" }, "Cancel");
  const dialog = openDialog({
    title: modal.title,
    content: form,
    actions: [cancel, submit],
    testid: "modal",
    className: "modal",
  });
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (submit.disabled || !check(parts)) return;
    submit.disabled = true;
    const components = parts.map((/** @type {Part} */ part) => part.submission());
    try {
      await app.interactions.submit({ id: modal.id, custom_id: modal.custom_id, components });
      dialog.close();
    } catch (error) {
      failure.textContent = `Something went wrong. ${/** @type {Error} */ (error).message}`;
      submit.disabled = false;
    }
  });
  /** @type {HTMLElement|undefined} */ (
    parts.find((/** @type {Part} */ part) => part.field)?.field?.control
  )?.focus();
  return dialog;
}

/**
 * @param {Part[]} parts
 * @returns {boolean} whether all fields may be submitted; the first that may not gets the focus
 */
function check(parts) {
  let wrong = /** @type {HTMLElement|null} */ (null);
  for (const { field, error } of parts) {
    if (!field || !error) continue;
    const problem = field.problem();
    error.textContent = problem ?? "";
    if (problem) {
      field.control.setAttribute("aria-invalid", "true");
      wrong ??= field.control;
    }
  }
  wrong?.focus();
  return !wrong;
}

/** @param {any} component @param {import("../main.js").App} app @returns {Part} */
function buildPart(component, app) {
  if (component.type === TEXT_DISPLAY) {
    const context = { ...app.markdown, revealed: new Set(), key: "modal" };
    return {
      element: renderMarkdown(component.content, context),
      submission: () => ({ type: TEXT_DISPLAY, ...idOf(component) }),
    };
  }
  const inner = component.type === ACTION_ROW ? component.components[0] : component.component;
  const label = component.type === ACTION_ROW ? inner.label : component.label;
  if (!isField(inner)) return unsupported(label);
  const part = labelled({ label, description: component.description }, inner, app);
  const wrap =
    component.type === LABEL
      ? () => ({ type: LABEL, ...idOf(component), component: part.field.submission() })
      : () => ({ type: ACTION_ROW, ...idOf(component), components: [part.field.submission()] });
  return { ...part, submission: wrap };
}

/** @param {any} component */
const idOf = (component) => (component.id === undefined ? {} : { id: component.id });

/**
 * @param {{label: string, description?: string}} text
 * @param {any} component
 * @param {import("../main.js").App} app
 */
function labelled({ label, description }, component, app) {
  const labelId = uniqueId("label");
  const errorId = uniqueId("error");
  const field = buildField(component, { store: app.store, labelId });
  const error = h("div", { class: "field-error", id: errorId, role: "alert" });
  field.control.setAttribute("aria-describedby", errorId);
  if (isRequired(component)) field.control.setAttribute("aria-required", "true");
  for (const event of ["input", "change"]) {
    field.element.addEventListener(event, () => {
      error.textContent = "";
      field.control.removeAttribute("aria-invalid");
    });
  }
  const star = isRequired(component) && h("span", { class: "required", "aria-hidden": "true" }, " *");
  const element = h(
    "div",
    { class: "modal-field" },
    h("div", { class: "field-label", id: labelId }, label, star),
    description && h("div", { class: "field-description" }, description),
    field.element,
    error,
  );
  return { element, field, error };
}

/** @param {string} label @returns {Part} */
function unsupported(label) {
  const element = h(
    "div",
    { class: "modal-field" },
    h("div", { class: "field-label" }, label),
    h("div", { class: "field-description" }, "This kind of field cannot be filled in here."),
  );
  return { element, submission: () => ({ type: LABEL }) };
}
