/** The options of a summary with other columns: the lines of its YAML that say so, and no others, are written anew. */
import type { BlockSource } from "../page.ts";
import { ProblemError } from "../problem.ts";
import { textOf } from "../source.ts";

/** Characters of a line; a longer list is written a name a line. */
const LONGEST = 100;

/** The block's text with these columns; throws where its lines cannot be told apart. */
export function withColumns(source: BlockSource, columns: readonly string[]): string {
  const text = textOf(source);
  const lines = text === "" ? [] : text.split("\n");
  const { keys } = source;
  if (
    Object.keys(keys).length === 0 &&
    lines.some((line) => line.trim() !== "" && !line.trim().startsWith("#"))
  )
    throw new ProblemError("the options of the block are not written one a line");
  // The list says all: what `without` leaves out is not in it.
  const ranges = ["columns", "without"].flatMap((key) => (keys[key] ? [keys[key]] : []));
  if (ranges.some(([first, end]) => /\{\{/.test(lines.slice(first, end).join("\n"))))
    throw new ProblemError("the columns of the block come from values of the page");
  const place = Math.min(...ranges.map(([first]) => first), lines.length);
  const isReplaced = (index: number): boolean => ranges.some(([first, end]) => index >= first && index < end);
  const kept = (from: number, end: number): string[] =>
    lines.slice(from, end).filter((_, index) => !isReplaced(from + index));
  return [...kept(0, place), ...listed(columns), ...kept(place, lines.length)].join("\n");
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
