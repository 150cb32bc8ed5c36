/**
 * Where a popover goes.
 * @module overlays/place
 */

/** Kept free around a popover, in CSS pixels. */
const MARGIN = 8;

/**
 * Put a popover under an element, or above it where there is more room.
 * @param {HTMLElement} popover shown already
 * @param {HTMLElement} anchor
 * @param {{matchWidth?: boolean}} [options] whether it is as wide as the anchor
 */
export function placeBeside(popover, anchor, { matchWidth = true } = {}) {
  const box = anchor.getBoundingClientRect();
  const below = innerHeight - box.bottom - 2 * MARGIN;
  const above = box.top - 2 * MARGIN;
  const style = popover.style;
  if (matchWidth) style.width = `${box.width}px`;
  const under = popover.scrollHeight <= below || below >= above;
  style.maxHeight = `${Math.max(120, under ? below : above)}px`;
  style.top = under ? `${box.bottom + 4}px` : "auto";
  style.bottom = under ? "auto" : `${innerHeight - box.top + 4}px`;
  const right = innerWidth - MARGIN - popover.offsetWidth;
  style.left = `${Math.max(MARGIN, Math.min(box.left, right))}px`;
}
