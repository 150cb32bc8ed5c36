/**
 * Choosing files from this machine.
 * @module core/files
 */
import { h } from "./dom.js";

/**
 * Ask for files with the browser's own dialog; only in answer to a key or a click.
 * @param {{multiple?: boolean}} [options]
 * @returns {Promise<File[]>} empty when nothing was chosen
 */
export function chooseFiles({ multiple = false } = {}) {
  const input = h("input", { type: "file", multiple });
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve([...input.files]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}
