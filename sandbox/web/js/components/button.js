/**
 * Buttons in their five styles.
 * @module components/button
 */
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { mediaUrl } from "../core/media.js";

/** Discord's button styles; 5 is a link. @type {Record<number, string>} */
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/**
 * @param {any} button component
 * @param {{waiting: string|null, use: (component: any) => void}} controls `waiting` is the custom id of the
 *   component of this message that waits for its answer
 */
export function renderButton(button, { waiting, use }) {
  const classes = `button button-${STYLES[button.style] ?? "secondary"}`;
  const label = [button.emoji && emoji(button.emoji), button.label && h("span", null, button.label)];
  if (button.style === 5) return renderLink(button, classes, label);
  const busy = waiting === button.custom_id;
  const click = () => {
    if (!waiting) use(button);
  };
  // aria-disabled, not disabled: a button that waits keeps the keyboard's place.
  return h(
    "button",
    {
      type: "button",
      class: busy ? `${classes} busy` : classes,
      disabled: Boolean(button.disabled),
      "aria-disabled": waiting ? "true" : null,
      "aria-busy": busy ? "true" : null,
      dataset: { focusKey: button.custom_id, customId: button.custom_id },
      on: { click },
    },
    label,
    busy && h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
  );
}

/** @param {any} button @param {string} classes @param {any[]} label */
function renderLink(button, classes, label) {
  const href = button.disabled ? null : mediaUrl(button.url);
  const attributes = {
    class: classes,
    href,
    target: "_blank",
    rel: "noopener noreferrer",
    title: button.url,
  };
  return h(
    "a",
    { ...attributes, "aria-disabled": button.disabled ? "true" : null },
    label,
    icon("external", 16),
  );
}

/**
 * @param {{id?: string|null, name?: string|null}} value a partial emoji
 */
export function emoji(value) {
  const text = value.id ? `:${value.name}:` : (value.name ?? "");
  return h("span", { class: value.id ? "emoji custom-emoji" : "emoji", "aria-hidden": "true" }, text);
}
