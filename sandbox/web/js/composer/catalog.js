/**
 * Commands as a member types them: subcommands are entries of their own, "limits set".
 * @module composer/catalog
 */

const SUBCOMMAND_GROUP = 2;
const CHAT_INPUT = 1;

/**
 * @typedef {object} Entry
 * @property {any} command the application command it belongs to
 * @property {{name: string, type: number}[]} path the subcommand groups and subcommand to it, outermost first
 * @property {string} name as typed, without the slash
 * @property {string} description
 * @property {any[]} options required ones first
 */

/**
 * Everything that can be typed after a slash.
 * @param {any[]} commands Discord application commands of all types
 * @returns {Entry[]}
 */
export function entriesOf(commands) {
  const typed = commands.filter((command) => (command.type ?? CHAT_INPUT) === CHAT_INPUT);
  const entries = typed.flatMap((command) => flatten(command, command, []));
  return entries.sort((left, right) => left.name.localeCompare(right.name));
}

/** @param {any} command @param {any} node @param {{name: string, type: number}[]} path @returns {Entry[]} */
function flatten(command, node, path) {
  const options = node.options ?? [];
  const inner = options.filter((/** @type {any} */ option) => option.type <= SUBCOMMAND_GROUP);
  if (inner.length > 0) {
    return inner.flatMap((/** @type {any} */ option) =>
      flatten(command, option, [...path, { name: option.name, type: option.type }]),
    );
  }
  if (path[path.length - 1]?.type === SUBCOMMAND_GROUP) return [];
  const name = [command.name, ...path.map((step) => step.name)].join(" ");
  const sorted = [...options].sort(
    (left, right) => Number(right.required ?? false) - Number(left.required ?? false),
  );
  return [{ command, path, name, description: node.description, options: sorted }];
}

/**
 * Entries for what was typed so far: names that begin with it, then names and descriptions that contain it.
 * @param {Entry[]} entries @param {string} typed without the slash
 */
export function search(entries, typed) {
  const wanted = typed.trim().toLowerCase();
  const rank = (/** @type {Entry} */ entry) => {
    if (entry.name.startsWith(wanted)) return 0;
    if (entry.name.includes(wanted)) return 1;
    return entry.description.toLowerCase().includes(wanted) ? 2 : 3;
  };
  const ranked = entries.map((entry) => ({ entry, rank: rank(entry) })).filter((item) => item.rank < 3);
  return ranked.sort((left, right) => left.rank - right.rank).map((item) => item.entry);
}

/**
 * The command a line begins with, if its name is complete and something follows it.
 * @param {string} line "/limits set role:…" @param {Entry[]} entries
 * @returns {{entry: Entry, rest: string}|null}
 */
export function commandIn(line, entries) {
  let found = /** @type {Entry|null} */ (null);
  for (const entry of entries) {
    const start = `/${entry.name}`;
    const begins = line.toLowerCase().startsWith(start) && /\s/.test(line.charAt(start.length));
    if (begins && entry.name.length > (found?.name.length ?? 0)) found = entry;
  }
  return found && { entry: found, rest: line.slice(found.name.length + 1).trimStart() };
}

/**
 * The data of an application command interaction.
 * @param {Entry} entry
 * @param {object[]} options the values, `{name, type, value}`
 */
export function commandData(entry, options) {
  let inner = options;
  for (const { name, type } of [...entry.path].reverse()) inner = [{ name, type, options: inner }];
  return {
    id: entry.command.id,
    name: entry.command.name,
    type: entry.command.type ?? CHAT_INPUT,
    options: inner,
  };
}
