/**
 * The help: what is simulated, how to see the failures, and the keys.
 * @module shell/help
 */
import { resetSandbox } from "../core/api.js";
import { byId, h } from "../core/dom.js";
import { confirm, openDialog } from "../overlays/dialog.js";

/** What a prompt with `simulate:NAME` makes the sandbox do; the names are those of its faults. */
const FAULTS = [
  [
    "The answer is no",
    [
      ["prompt_refused", "the content filter refuses the prompt"],
      ["output_filtered", "the finished picture is withheld"],
      ["resource_blocked", "the whole Azure resource is blocked"],
      ["filter_broken", "the content filter itself fails"],
    ],
  ],
  [
    "Something is set up wrong",
    [
      ["deployment_missing", "there is no such deployment"],
      ["unauthorized", "the key or role is wrong"],
    ],
  ],
  [
    "The service is in trouble",
    [
      ["rate_limited", "too many requests"],
      ["status", "an internal error"],
      ["reset", "the connection breaks"],
      ["truncate", "the answer ends half-way"],
    ],
  ],
  [
    "The picture is no picture",
    [
      ["bad_base64", "bytes that cannot be decoded"],
      ["html_image", "a web page instead"],
      ["corrupt_image", "a damaged file"],
      ["bomb", "a small file that unpacks to a huge one"],
    ],
  ],
];

const KEYS = [
  ["/", "commands, from anywhere"],
  ["↑ ↓", "move through a list, or from message to message"],
  ["Tab", "to the next option"],
  ["Enter", "take the suggestion, or send"],
  ["Esc", "close what is open; go to the newest message"],
];

/** @param {import("../main.js").App} app */
export function startHelp(app) {
  for (const id of ["open-help", "banner-help"]) byId(id).addEventListener("click", () => openHelp(app));
}

/** @param {import("../main.js").App} app */
function openHelp(app) {
  const attempt = (/** @type {string} */ prompt) => {
    dialog.close();
    app.tryPrompt(prompt);
  };
  const startOver = () =>
    confirm({
      title: "Start over",
      text: "Every message of the sandbox is forgotten, for all members.",
      action: "Start over",
      run: () =>
        resetSandbox().then(
          () => app.reload(),
          (error) => app.toast(error.message, "error"),
        ),
    });
  const dialog = openDialog({
    title: "What is simulated here",
    className: "help",
    testid: "help",
    content: [
      h(
        "p",
        null,
        "Discord and Azure are stand-ins on this machine; the application is the real one and does not know. " +
          "Pictures are drawn by the sandbox from the words of the prompt. Nothing leaves this machine.",
      ),
      h("h3", null, "See how failures are told"),
      h("p", null, "Put simulate: and a name into a prompt. Press one to try it:"),
      FAULTS.map(([title, faults]) => faultGroup(String(title), /** @type {string[][]} */ (faults), attempt)),
      h("h3", null, "Keys"),
      h(
        "dl",
        { class: "keys" },
        KEYS.map(([key, text]) => [h("dt", null, h("kbd", null, key)), h("dd", null, text)]),
      ),
    ],
    actions: h(
      "button",
      { type: "button", class: "button button-danger", testid: "reset", on: { click: startOver } },
      "Start over",
    ),
  });
}

/** @param {string} title @param {string[][]} faults @param {(prompt: string) => void} attempt */
function faultGroup(title, faults, attempt) {
  const items = faults.map(([name, meaning]) => {
    const prompt = `a cat simulate:${name}`;
    return h(
      "li",
      null,
      h(
        "button",
        { type: "button", class: "prompt", testid: `try-${name}`, on: { click: () => attempt(prompt) } },
        prompt,
      ),
      h("span", null, meaning),
    );
  });
  return [h("h4", null, title), h("ul", { class: "prompts" }, items)];
}
