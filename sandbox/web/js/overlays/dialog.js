/**
 * Dialogs over the page, on the browser's own `<dialog>`: it makes the rest inert and gives the focus back.
 * @module overlays/dialog
 */
import { h, uniqueId } from "../core/dom.js";
import { trapTab } from "../core/focus.js";
import { icon } from "../core/icons.js";

/**
 * Open a dialog with a title and content; Escape and a click beside it close it.
 * @param {object} options
 * @param {string} options.title
 * @param {any} options.content
 * @param {any} [options.actions] the buttons at its end
 * @param {string} [options.testid] @param {string} [options.className]
 * @param {() => void} [options.onClose]
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, content, actions, testid, className = "", onClose }) {
  const titleId = uniqueId("dialog");
  const dialog = h(
    "dialog",
    { class: `dialog ${className}`, "aria-labelledby": titleId, "aria-modal": "true", testid },
    h(
      "header",
      { class: "dialog-head" },
      h("h2", { id: titleId }, title),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => dialog.close() } },
        icon("close"),
      ),
    ),
    h("div", { class: "dialog-body" }, content),
    actions && h("footer", { class: "dialog-actions" }, actions),
  );
  show(dialog, onClose);
  return dialog;
}

/**
 * Show a dialog built by the caller, and remove it when it closes.
 * @param {HTMLDialogElement} dialog @param {() => void} [onClose]
 */
export function show(dialog, onClose) {
  trapTab(dialog);
  let pressed = /** @type {EventTarget|null} */ (null);
  dialog.addEventListener("pointerdown", (event) => {
    pressed = event.target;
  });
  dialog.addEventListener("click", (event) => {
    // Only a press that began beside it: selecting text may well end there.
    if (event.target === dialog && pressed === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Ask before doing something that cannot be undone.
 * @param {{title: string, text: any, action: string, run: () => void}} options
 */
export function confirm({ title, text, action, run }) {
  const accept = () => {
    dialog.close();
    run();
  };
  const dialog = openDialog({
    title,
    content: text,
    className: "confirm",
    testid: "confirm",
    actions: [
      h(
        "button",
        { type: "button", class: "button button-quiet", on: { click: () => dialog.close() } },
        "Cancel",
      ),
      h(
        "button",
        { type: "button", class: "button button-danger", testid: "confirm-accept", on: { click: accept } },
        action,
      ),
    ],
  });
  /** @type {HTMLElement} */ (dialog.querySelector("[data-testid='confirm-accept']")).focus();
}
