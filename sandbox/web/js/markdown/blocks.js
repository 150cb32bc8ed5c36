/**
 * Discord's markdown blocks as a tree: code, quotes, headings, subtext, lists, and text between them.
 * @module markdown/blocks
 */
import { parseInline } from "./inline.js";

/** @typedef {import("./inline.js").Node & {level?: number, language?: string, ordered?: boolean,
 *   start?: number, items?: Block[][]}} Block */

const FENCE = /```(?:([\w+.#-]+)\n)?\n*([\s\S]+?)\n*```\n?/y;
const LIST_LINE = /^( *)([-*]|\d{1,10}\.) +(.*)$/;

/**
 * Blocks that begin at the start of a line.
 * @type {[RegExp, (match: RegExpExecArray, quoted: boolean) => Block|null][]}
 */
const LINE_RULES = [
  [/>>> ?([\s\S]+)/y, (match, quoted) => (quoted ? null : quote(match[1]))],
  [/(?:> [^\n]*(?:\n|$)|>(?:\n|$))+/y, (match, quoted) => (quoted ? null : quote(unquote(match[0])))],
  [/(#{1,3}) +([^\n]+)(?:\n|$)/y, (match) => inlineBlock("heading", match[2], { level: match[1].length })],
  [/-# +([^\n]+)(?:\n|$)/y, (match) => inlineBlock("subtext", match[1])],
  [/(?: *(?:[-*]|\d{1,10}\.) +[^\s\n][^\n]*(?:\n {2,}[^\n]+)*(?:\n|$))+/y, (match) => list(match[0])],
];

/**
 * Parse a whole message.
 * @param {string} text
 * @param {boolean} [quoted] inside a quote, where Discord begins no second one
 * @returns {Block[]}
 */
export function parseMarkdown(text, quoted = false) {
  /** @type {Block[]} */ const blocks = [];
  let loose = "";
  let at = 0;
  const flush = () => {
    if (loose) blocks.push({ type: "paragraph", content: parseInline(loose.replace(/\n$/, "")) });
    loose = "";
  };
  while (at < text.length) {
    const found = blockAt(text, at, quoted);
    if (found) {
      flush();
      blocks.push(found.block);
      at = found.end;
    } else {
      const end = looseEnd(text, at);
      loose += text.slice(at, end);
      at = end;
    }
  }
  flush();
  return blocks;
}

/** @param {string} text @param {number} at @param {boolean} quoted */
function blockAt(text, at, quoted) {
  const lineStart = at === 0 || text[at - 1] === "\n";
  if (lineStart) {
    for (const [pattern, build] of LINE_RULES) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      const end = pattern.lastIndex;
      const block = match && build(match, quoted);
      if (block) return { block, end };
    }
  }
  FENCE.lastIndex = at;
  const match = FENCE.exec(text);
  if (!match) return null;
  const block = /** @type {Block} */ ({ type: "codeblock", language: match[1] ?? "", text: match[2] });
  return { block, end: FENCE.lastIndex };
}

/**
 * Where ordinary text ends: after its line, or before a code block that begins within it.
 * @param {string} text @param {number} from
 */
function looseEnd(text, from) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\n") return at + 1;
    if (text[at] === "\\") at += 1;
    else if (at > from && text.startsWith("```", at)) return at;
  }
  return text.length;
}

/** @param {string} type @param {string} text @param {Partial<Block>} [extra] @returns {Block} */
function inlineBlock(type, text, extra = {}) {
  return { type, content: parseInline(text), ...extra };
}

/** @param {string} text @returns {Block} */
function quote(text) {
  return { type: "quote", content: parseMarkdown(text, true) };
}

/** @param {string} text */
function unquote(text) {
  return text.replace(/^> ?/gm, "").replace(/\n$/, "");
}

/** @param {string} text lines of which the first is an item @returns {Block} */
function list(text) {
  /** @type {{indent: number, marker: string, text: string}[]} */ const lines = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const match = LIST_LINE.exec(line);
    if (match) lines.push({ indent: match[1].length, marker: match[2], text: match[3] });
    else lines[lines.length - 1].text += `\n${line.trim()}`;
  }
  return { type: "group", content: listsFrom(lines) };
}

/**
 * Lines of one level as lists: a change between bullets and numbers begins a new one.
 * @param {{indent: number, marker: string, text: string}[]} lines
 * @returns {Block[]}
 */
function listsFrom(lines) {
  /** @type {Block[]} */ const lists = [];
  const { indent } = lines[0];
  let at = 0;
  while (at < lines.length) {
    const ordered = /\d/.test(lines[at].marker);
    let list = lists[lists.length - 1];
    if (list?.ordered !== ordered) {
      list = { type: "list", ordered, start: ordered ? Number.parseInt(lines[at].marker, 10) : 1, items: [] };
      lists.push(list);
    }
    const item = /** @type {Block[]} */ (parseInline(lines[at].text));
    let end = at + 1;
    while (end < lines.length && lines[end].indent > indent) end += 1;
    if (end > at + 1) item.push(...listsFrom(lines.slice(at + 1, end)));
    list.items?.push(item);
    at = end;
  }
  return lists;
}
