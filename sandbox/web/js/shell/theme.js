/**
 * Light and dark: the system's choice until somebody makes another, which is remembered.
 * @module shell/theme
 */
import { byId } from "../core/dom.js";
import { icon } from "../core/icons.js";

/** Also read by theme-first.js, before the page is drawn. */
const KEY = "sandbox-theme";

const system = matchMedia("(prefers-color-scheme: dark)");

/** Make the toggle work. */
export function startTheme() {
  const button = byId("theme-toggle");
  const draw = () => {
    const next = current() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Use the ${next} theme`);
    button.title = `Use the ${next} theme`;
    button.replaceChildren(icon(next === "light" ? "sun" : "moon"));
  };
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember(next);
    draw();
  });
  system.addEventListener("change", draw);
  draw();
}

/** @returns {"dark"|"light"} */
function current() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen;
  return system.matches ? "dark" : "light";
}

/** Private windows may refuse to remember anything. @param {string} theme */
function remember(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts as long as the page.
  }
}
