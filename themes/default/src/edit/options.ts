/** The options of a summary as a reader chose them: the lines of its YAML that say so, and no others, are written anew. */
import type { BlockSource } from "../page.ts";
import { ProblemError } from "../problem.ts";
import { textOf } from "../source.ts";

/** Characters of a line; a longer list is written a name a line. */
const LONGEST = 100;

/** What is chosen; what is left out stays as the block says it. */
export interface Choice {
  columns?: readonly string[];
  titles?: Readonly<Record<string, string>>;
}

/** Lines that take the place of keys. */
interface Change {
  ranges: readonly (readonly [number, number])[];
  lines: readonly string[];
}

/** The block's text with this choice; throws where its lines cannot be told apart. */
export function withChoice(source: BlockSource, choice: Choice): string {
  const text = textOf(source);
  const lines = text === "" ? [] : text.split("\n");
  const isPlain = lines.every((line) => line.trim() === "" || line.trim().startsWith("#"));
  if (Object.keys(source.keys).length === 0 && !isPlain)
    throw new ProblemError("the options of the block are not written one a line");
  const changes = changesOf(source, choice);
  const replaced = changes.flatMap(({ ranges }) => ranges);
  if (replaced.some(([first, end]) => /\{\{/.test(lines.slice(first, end).join("\n"))))
    throw new ProblemError("what is to be changed in the block comes from values of the page");
  const isReplaced = (index: number): boolean =>
    replaced.some(([first, end]) => index >= first && index < end);
  return [...lines, null]
    .flatMap((line, index) => {
      const fresh = changes.filter(({ ranges }) => placeOf(ranges, lines.length) === index);
      const kept = line === null || isReplaced(index) ? [] : [line];
      return [...fresh.flatMap((change) => change.lines), ...kept];
    })
    .join("\n");
}

function changesOf({ keys }: BlockSource, { columns, titles }: Choice): Change[] {
  const rangesOf = (...names: readonly string[]): Change["ranges"] =>
    names.flatMap((name) => (keys[name] ? [keys[name]] : []));
  return [
    // The list says all: what `without` leaves out is not in it.
    ...(columns ? [{ ranges: rangesOf("columns", "without"), lines: listed(columns) }] : []),
    ...(titles ? [{ ranges: rangesOf("titles"), lines: titled(titles) }] : []),
  ];
}

/** Where the keys stood, or behind all else. */
function placeOf(ranges: Change["ranges"], end: number): number {
  return Math.min(...ranges.map(([first]) => first), end);
}

/** Titles as text that the next build takes as it is: it fills in what stands in braces. */
function titled(titles: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(titles);
  const filled = entries.find(([, title]) => /\{\{|\{sql/.test(title));
  if (filled) throw new ProblemError(`the title "${filled[1]}" holds what a build would fill in`);
  if (entries.length === 0) return [];
  return ["titles:", ...entries.map(([column, title]) => `  ${named(column)}: ${JSON.stringify(title)}`)];
}

function listed(columns: readonly string[]): string[] {
  const names = columns.map(named);
  const line = `columns: [${names.join(", ")}]`;
  return line.length <= LONGEST ? [line] : ["columns:", ...names.map((name) => `  - ${name}`)];
}

/** A name as YAML reads it as text. */
function named(name: string): string {
  const isPlain =
    /^[A-Za-z_]([\w -]*\w)?$/.test(name) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name);
  return isPlain ? name : JSON.stringify(name);
}
