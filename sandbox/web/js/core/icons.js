/**
 * The page's icons, drawn here as 24 x 24 outlines.
 * @module core/icons
 */

const NAMESPACE = "http://www.w3.org/2000/svg";

/** Path data by name; every path is stroked with the text colour. */
const PATHS = {
  alert: "M12 8v5 M12 16.5v.01 M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevronDown: "M6 9l6 6l6-6",
  chevronLeft: "M15 5l-7 7l7 7",
  chevronRight: "M9 5l7 7l-7 7",
  close: "M6 6l12 12 M18 6L6 18",
  command: "M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z M14.5 7l-5 10",
  copy: "M9 9h10v11H9z M15 9V4H5v11h4",
  download: "M12 4v11 M7 11l5 5l5-5 M5 20h14",
  external: "M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6",
  eye: "M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12z M12 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5",
  file: "M6 3h8l4 4v14H6z M14 3v4h4",
  hash: "M10 4L8 20 M16 4l-2 16 M4.5 9h16 M3.5 15h16",
  help: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8 M12 16.8v.01",
  members:
    "M9 5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7 M2.5 20c0-3.5 2.8-5.5 6.5-5.5s6.5 2 6.5 5.5 M15.5 5.3a3.5 3.5 0 0 1 0 6.4 M18 14.9c2.2.7 3.5 2.4 3.5 5.1",
  menu: "M4 6h16 M4 12h16 M4 18h16",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  more: "M5 11.5a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1 M12 11.5a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1 M19 11.5a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1",
  send: "M4 12L3 4l18 8l-18 8z M4 12h8",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8 M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M5.3 18.7l1.4-1.4 M17.3 6.7l1.4-1.4",
  swap: "M7 4L3.5 7.5L7 11 M3.5 7.5H16 M17 13l3.5 3.5L17 20 M20.5 16.5H8",
  trash: "M4 6.5h16 M9 6V3.5h6V6 M6 6.5L7 21h10l1-14.5 M10 10.5v6.5 M14 10.5v6.5",
};

/** Draw the icons index.html asks for by `data-icon`. */
export function drawIcons() {
  for (const element of document.querySelectorAll("[data-icon]")) {
    element.append(icon(/** @type {keyof typeof PATHS} */ (element.getAttribute("data-icon"))));
  }
}

/**
 * An icon, hidden from screen readers: the control that holds it carries the name.
 * @param {keyof typeof PATHS} name
 * @param {number} [size] in CSS pixels
 * @returns {SVGSVGElement}
 */
export function icon(name, size = 20) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    "aria-hidden": "true",
    class: "icon",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
