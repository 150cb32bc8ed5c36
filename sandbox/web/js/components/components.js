/**
 * Message components: rows of buttons and selects, and the layout of Components V2.
 * @module components/components
 */
import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { fileNameOf, plainName, pictureOfMedia } from "../core/media.js";
import { renderMarkdown } from "../markdown/render.js";
import { spoilerCover } from "../markdown/spoiler.js";
import { hexColor } from "../messages/avatar.js";
import { renderFile, renderGallery } from "../messages/gallery.js";
import { renderButton } from "./button.js";
import { createSelect } from "./select.js";

/** Discord's component types that a message may hold. */
const RENDERERS = /** @type {Record<number, (component: any, scope: Scope, key: string) => any>} */ ({
  1: (row, scope, key) => h("div", { class: "action-row" }, renderAll(row.components, scope, key)),
  2: (button, scope) => renderButton(button, controls(scope)),
  3: renderSelect,
  5: renderSelect,
  6: renderSelect,
  7: renderSelect,
  8: renderSelect,
  9: renderSection,
  10: (text, scope, key) => renderMarkdown(text.content, { ...scope.context, key }),
  11: (thumbnail, scope, key) =>
    h(
      "div",
      { class: "thumbnail" },
      renderGallery([pictureOfMedia(thumbnail.media, thumbnail)], { ...scope.context, key }),
    ),
  12: (gallery, scope, key) =>
    renderGallery(
      gallery.items.map((/** @type {any} */ item) => pictureOfMedia(item.media, item)),
      { ...scope.context, key },
    ),
  13: renderFileComponent,
  14: (line) =>
    h("div", { class: `separator spacing-${line.spacing ?? 1}${line.divider === false ? "" : " divider"}` }),
  17: renderContainer,
});

/**
 * What the parts of one message share.
 * @typedef {object} Scope
 * @property {any} message
 * @property {any} context for markdown and galleries
 * @property {import("../main.js").App} app
 * @property {import("../state/interactions.js").Pending} [pending] the component in use, if one is
 */

/**
 * All components of a message, and below them what became of the last one used.
 * @param {any} message @param {any} context for markdown and galleries @param {import("../main.js").App} app
 */
export function renderComponents(message, context, app) {
  const pending = app.interactions.components.get(String(message.id));
  const scope = { message, context, app, pending };
  return h(
    "div",
    { class: "components" },
    renderAll(message.components, scope, "component"),
    pending?.status === "failed" &&
      h(
        "div",
        { class: "failure", role: "status", testid: "interaction-failed" },
        icon("alert", 18),
        pending.reason,
      ),
  );
}

/** @param {any[]} components @param {Scope} scope @param {string} key */
function renderAll(components, scope, key) {
  return components.map((component, index) =>
    RENDERERS[component.type]?.(component, scope, `${key}.${index}`),
  );
}

/**
 * What a control needs: whether it waits, whether another does, and what using it does.
 * @param {Scope} scope
 */
function controls({ message, app, pending }) {
  const waiting = pending?.status === "pending" ? (pending.customId ?? null) : null;
  const use = (/** @type {any} */ component, /** @type {string[]|undefined} */ values = undefined) =>
    app.interactions.component(message, component, values);
  return { waiting, use };
}

/**
 * What was chosen in the selects of a message; forgotten when the message is edited.
 * @type {WeakMap<object, Map<string, string[]>>}
 */
const chosenIn = new WeakMap();

/** @param {any} component @param {Scope} scope */
function renderSelect(component, scope) {
  const { waiting, use } = controls(scope);
  const chosen = chosenIn.get(scope.message) ?? new Map();
  chosenIn.set(scope.message, chosen);
  const onCommit = (/** @type {string[]} */ values) => {
    chosen.set(component.custom_id, values);
    use(component, values);
  };
  return createSelect(component, {
    store: scope.app.store,
    chosen: chosen.get(component.custom_id),
    waiting: waiting === component.custom_id,
    blocked: Boolean(waiting),
    onCommit,
  }).element;
}

/** @param {any} section @param {Scope} scope @param {string} key */
function renderSection(section, scope, key) {
  return h(
    "div",
    { class: "section" },
    h("div", { class: "section-text" }, renderAll(section.components, scope, key)),
    h("div", { class: "section-accessory" }, renderAll([section.accessory], scope, `${key}.accessory`)),
  );
}

/** @param {any} component @param {Scope} scope @param {string} key */
function renderFileComponent(component, scope, key) {
  const { url } = component.file;
  const filename = plainName(component.name ?? fileNameOf(url));
  const card = renderFile({ url, filename, size: component.size ?? component.file.size });
  return component.spoiler ? spoilerCover(card, { ...scope.context, key }) : card;
}

/** @param {any} container @param {Scope} scope @param {string} key */
function renderContainer(container, scope, key) {
  const accent = typeof container.accent_color === "number" ? hexColor(container.accent_color) : null;
  const classes = accent ? "container accented" : "container";
  const style = accent ? { "--accent": accent } : {};
  const card = h("div", { class: classes, style }, renderAll(container.components, scope, key));
  return container.spoiler ? spoilerCover(card, { ...scope.context, key }) : card;
}
