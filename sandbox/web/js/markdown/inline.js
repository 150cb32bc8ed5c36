/**
 * Discord's inline markdown as a tree: pure functions from text to nodes.
 *
 * Rules are tried in order at one place of the text; the first that matches wins.
 * What no rule matches is text.
 * @module markdown/inline
 */

/** @typedef {{type: string, text?: string, content?: Node[], url?: string, id?: string, name?: string,
 *   style?: string, seconds?: number, animated?: boolean}} Node */

/**
 * How deep marks may nest before the rest is shown as text; nobody writes more, and recursion stays bounded.
 */
const DEEPEST = 16;

/** Runs of text in which no rule can begin. Links begin with h, and only at a word's start. */
const PLAIN = /(?:[^\\`*_~|<[@h]|(?<=\w)h)+/y;

const LINK = /https?:\/\/[^\s<]+[^<.,:;"'\]\s]/y;

/** Discord's timestamps end where JavaScript's dates do. */
const LAST_SECOND = 8.64e12;

/** @type {[RegExp, (match: RegExpExecArray, depth: number) => Node|null][]} */
const RULES = [
  [/\\([^0-9A-Za-z\s])/y, (match) => ({ type: "text", text: match[1] })],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (match) => ({ type: "code", text: trimCode(match[2]) })],
  [/<(https?:\/\/[^\s<>]+)>/y, (match) => link(match[1], [{ type: "text", text: match[1] }])],
  [LINK, (match) => bareLink(match[0])],
  [
    /\[((?:\[[^\]\n]*\]|[^[\]\n])+)\]\(\s*<?(https?:\/\/(?:\([^\s()<>]*\)|[^\s()<>])+)>?(?:\s+"[^"\n]*")?\s*\)/y,
    maskedLink,
  ],
  [/<@!?(\d{15,20})>/y, (match) => ({ type: "user", id: match[1] })],
  [/<@&(\d{15,20})>/y, (match) => ({ type: "role", id: match[1] })],
  [/<#(\d{15,20})>/y, (match) => ({ type: "channel", id: match[1] })],
  [/<\/([^:<>\n]{1,100}):(\d{15,20})>/y, (match) => ({ type: "command", name: match[1], id: match[2] })],
  [/<(a?):(\w{2,32}):(\d{15,20})>/y, (match) => ({ type: "emoji", name: match[2], id: match[3] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, timestamp],
  [/@(everyone|here)\b/y, (match) => ({ type: "everyone", text: match[0] })],
  [/\|\|([\s\S]+?)\|\|/y, mark("spoiler")],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, mark("strong")],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, mark("underline")],
  [/~~((?:\\[\s\S]|[^\\])+?)~~/y, mark("strike")],
  [/\b_((?:__|\\[\s\S]|[^\\_])+?)_\b/y, mark("em")],
  [/\*(?=\S)(?!\*{3})((?:\*\*|\\[\s\S]|\s+(?:[^*\s\\]|\\[\s\S]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, mark("em")],
];

/**
 * Parse one stretch of text.
 * @param {string} text
 * @param {number} [depth] marks around it
 * @returns {Node[]}
 */
export function parseInline(text, depth = 0) {
  if (depth > DEEPEST) return [{ type: "text", text }];
  /** @type {Node[]} */ const nodes = [];
  let at = 0;
  while (at < text.length) {
    const [node, end] = ruleAt(text, at, depth) ?? plainAt(text, at);
    append(nodes, node);
    at = end;
  }
  return nodes;
}

/** @param {string} text @param {number} at @param {number} depth @returns {[Node, number]|null} */
function ruleAt(text, at, depth) {
  for (const [pattern, build] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const end = pattern.lastIndex;
    const node = build(match, depth);
    if (node) return [node, node.type === "link" && node.text ? at + node.text.length : end];
  }
  return null;
}

/** @param {string} text @param {number} at @returns {[Node, number]} */
function plainAt(text, at) {
  PLAIN.lastIndex = at;
  const match = PLAIN.exec(text);
  const end = match ? PLAIN.lastIndex : at + 1;
  return [{ type: "text", text: text.slice(at, end) }, end];
}

/** Neighbouring texts become one node. @param {Node[]} nodes @param {Node} node */
function append(nodes, node) {
  const last = nodes[nodes.length - 1];
  if (node.type === "text" && last?.type === "text") last.text = `${last.text}${node.text}`;
  else nodes.push({ ...node });
}

/** @param {string} type @returns {(match: RegExpExecArray, depth: number) => Node} */
function mark(type) {
  return (match, depth) => ({ type, content: parseInline(match[1], depth + 1) });
}

/** One space inside the backticks is for writing backticks in code. @param {string} text */
function trimCode(text) {
  const padded = /^ (`[\s\S]*|[\s\S]*`) $/.exec(text);
  return padded ? padded[1] : text;
}

/**
 * A bare link without the closing brackets that belong to the sentence around it.
 * @param {string} matched
 */
function bareLink(matched) {
  let text = matched;
  while (text.endsWith(")") && count(text, ")") > count(text, "(")) text = text.slice(0, -1);
  const node = link(text, [{ type: "text", text }]);
  return node && { ...node, text };
}

/** @param {string} text @param {string} character */
const count = (text, character) => text.split(character).length - 1;

/** @param {RegExpExecArray} match @param {number} depth */
function maskedLink(match, depth) {
  // A label that looks like a link could lie about where it leads: Discord shows such text as it stands.
  if (/https?:\/\//.test(match[1])) return null;
  return link(match[2], parseInline(match[1], depth + 1));
}

/** @param {string} address @param {Node[]} content @returns {Node|null} */
function link(address, content) {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) ? { type: "link", url: url.href, content } : null;
  } catch {
    return null;
  }
}

/** @param {RegExpExecArray} match @returns {Node|null} */
function timestamp(match) {
  const seconds = Number(match[1]);
  return Math.abs(seconds) > LAST_SECOND ? null : { type: "timestamp", seconds, style: match[2] ?? "f" };
}
