/**
 * Options typed as text: "a red fox size:1024x1024 private:True".
 * @module composer/parser
 */

/** @typedef {{option: any|null, text: string}} Segment */

/**
 * Cut a text where an option is named. What stands before the first name belongs to `first`; where `first` is
 * null, or named later, it belongs to no option.
 * @param {string} text
 * @param {any[]} options that may be named, each once; a second naming is part of the text
 * @param {any|null} first
 * @returns {Segment[]}
 */
export function splitOptions(text, options, first) {
  const byName = new Map(options.map((option) => [option.name.toLowerCase(), option]));
  const line = text.replace(/\s*\n\s*/g, " ");
  /** @type {{option: any, from: number, to: number}[]} */ const marks = [];
  for (const match of line.matchAll(/(?<=^|\s)([^\s:]+):/g)) {
    const option = byName.get(match[1].toLowerCase());
    if (!option) continue;
    byName.delete(match[1].toLowerCase());
    marks.push({ option, from: match.index, to: match.index + match[0].length });
  }
  const named = new Set(marks.map((mark) => mark.option));
  const lead = line.slice(0, marks[0]?.from).trim();
  const segments = marks.map((mark, index) => ({
    option: mark.option,
    text: trimSegment(line.slice(mark.to, marks[index + 1]?.from), index === marks.length - 1),
  }));
  if (!lead && marks.length > 0) return segments;
  return [{ option: named.has(first) ? null : first, text: marks.length ? lead : line }, ...segments];
}

/**
 * The last segment may still be being typed: its closing space stays.
 * @param {string} text
 * @param {boolean} last
 */
function trimSegment(text, last) {
  return last ? text.trimStart() : text.trim();
}
