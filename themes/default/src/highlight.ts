/**
 * Where in a text is what the reader looks for: the pieces that a search or the page's filter names, by column. Text
 * stays text: what is found is wrapped in `<mark>`, and everything is escaped.
 */
import { findColumn, kindOf } from "./data/columns.ts";
import { LONGEST_FILTER, readExpression, type Syntax } from "./data/expression.ts";
import { longestText } from "./data/effort.ts";
import { readPattern } from "./data/pattern.ts";
import { html, type Markup } from "./markup.ts";
import type { Column, Table } from "./page.ts";
import { ProblemError } from "./problem.ts";

/** What is looked for in each column, by its name. */
export type Highlights = ReadonlyMap<string, readonly Pattern[]>;

export interface Pattern {
  expression: RegExp;
  /** The longest text that it is looked for in: the engine's time grows with the text alone, a browser's does not. */
  longest: number;
}

export const NONE: Highlights = new Map();

/** Pieces of one text at most; a text full of them is as good as marked whole. */
const MOST_PIECES = 200;

/** A search in columns: every sign of it stands for itself, whatever its case. */
export function highlightsOfSearch(search: string, columns: readonly Column[]): Highlights {
  if (!search) return NONE;
  const pattern = literal(search, "giu");
  return new Map(columns.map(({ name }) => [name, [pattern]]));
}

/**
 * What a filter asks of a text column: a part of it, `indexof(datum.text, 'cat') >= 0` and `test('^cat', datum.text)`, or
 * the whole, `datum.label == 'cat'` and `indexof(['cat', 'dog'], datum.label) >= 0`, which tells through which of several
 * columns a row came. What it asks not to be there is not marked.
 */
export function highlightsOfFilter(filter: string, table: Table): Highlights {
  if (filter.trim() === "" || filter.length > LONGEST_FILTER) return NONE;
  const found = new Map<string, Pattern[]>();
  try {
    for (const { name, pattern } of soughtIn(readExpression(filter))) {
      const column = findColumn(table, name);
      if (kindOf(column) === "text") found.set(column.name, [...(found.get(column.name) ?? []), pattern]);
    }
  } catch (error) {
    // A filter of another table's columns is not applied to this one: nothing is found by it.
    if (error instanceof ProblemError) return NONE;
    throw error;
  }
  return found;
}

export function joined(one: Highlights, other: Highlights): Highlights {
  const all = new Map<string, readonly Pattern[]>(one);
  for (const [name, patterns] of other) all.set(name, [...(all.get(name) ?? []), ...patterns]);
  return all;
}

interface Sought {
  name: string;
  pattern: Pattern;
}

function soughtIn(syntax: Syntax): Sought[] {
  if (syntax.type === "LogicalExpression") return [...soughtIn(syntax.left!), ...soughtIn(syntax.right!)];
  const isEqual = ["==", "==="].includes(syntax.operator ?? "");
  if (syntax.type === "BinaryExpression") return isEqual ? soughtEqual(syntax) : soughtPiece(syntax);
  return calledIn(syntax) === "test" ? soughtPattern(syntax) : [];
}

/** What the place of a piece that is found is compared with. */
const FOUND: Readonly<Record<string, number>> = { ">=": 0, ">": -1, "!=": -1, "!==": -1 };

/** Two sides that are equal, of which one is a text. */
function soughtEqual({ left, right }: Syntax): Sought[] {
  const [whole, said] = left!.type === "Literal" ? [right!, left!] : [left!, right!];
  return soughtWhole(whole, [said]);
}

/** `indexof(where, what)` compared with what it is where it is found: a piece of a text, or a text of a list. */
function soughtPiece({ operator, left, right }: Syntax): Sought[] {
  const isFound = numberOf(right!) === FOUND[operator!];
  if (!isFound || calledIn(left!) !== "indexof") return [];
  const [whole, piece] = left!.arguments ?? [];
  if (!whole || !piece) return [];
  return whole.type === "ArrayExpression"
    ? soughtWhole(piece, whole.elements ?? [])
    : soughtPart(whole, piece.value);
}

function soughtPart(whole: Syntax, text: unknown): Sought[] {
  const column = columnIn(whole);
  if (!column || typeof text !== "string" || text === "") return [];
  return [{ name: column.name, pattern: literal(text, column.isFolded ? "giu" : "gu") }];
}

/** A column that is one of the texts, from end to end. */
function soughtWhole(whole: Syntax, texts: readonly Syntax[]): Sought[] {
  const column = columnIn(whole);
  const said = texts
    .map((each) => (each as Syntax | null)?.value)
    .filter((value) => typeof value === "string" && value !== "");
  if (!column) return [];
  return (said as string[]).map((text) => {
    const { expression, longest } = literal(text, column.isFolded ? "giu" : "gu");
    const { source, flags } = expression;
    return { name: column.name, pattern: { expression: new RegExp(`^(?:${source})$`, flags), longest } };
  });
}

function calledIn({ type, callee }: Syntax): string {
  return type === "CallExpression" ? (callee?.name ?? "") : "";
}

function soughtPattern({ arguments: given = [] }: Syntax): Sought[] {
  const [written, whole] = given;
  const column = whole && columnIn(whole);
  const pattern = written?.value;
  if (!column || typeof pattern !== "string") return [];
  const expression = new RegExp(readPattern(pattern), column.isFolded ? "gi" : "g");
  return [{ name: column.name, pattern: { expression, longest: longestText(pattern) } }];
}

/** A column as it is, or in small or capital letters. */
function columnIn(syntax: Syntax): { name: string; isFolded: boolean } | null {
  if (["lower", "upper"].includes(calledIn(syntax))) {
    const [inner] = syntax.arguments ?? [];
    const column = inner ? columnIn(inner) : null;
    return column && { ...column, isFolded: true };
  }
  const name = nameIn(syntax);
  return name === null ? null : { name, isFolded: false };
}

/** The name in `datum.name`, `d.name` or `datum['name']`. */
function nameIn({ type, object, property, computed }: Syntax): string | null {
  if (type !== "MemberExpression" || !["datum", "d"].includes(object?.name ?? "")) return null;
  const name = computed ? property?.value : property?.name;
  return typeof name === "string" ? name : null;
}

function numberOf(syntax: Syntax): unknown {
  return syntax.type === "UnaryExpression" && syntax.operator === "-"
    ? -Number(syntax.argument?.value)
    : syntax.value;
}

/** A text that stands for itself. */
function literal(text: string, flags: string): Pattern {
  const escaped = text.replace(/[$()*+./?[\\\]^{|}]/g, "\\$&");
  return { expression: new RegExp(escaped, flags), longest: longestText(escaped) };
}

interface Piece {
  from: number;
  to: number;
}

/** The pieces of a text that one of the patterns finds, in order; those that touch are one. */
export function piecesOf(text: string, patterns: readonly Pattern[]): Piece[] {
  const found = patterns.flatMap((pattern) => piecesOfOne(text, pattern));
  found.sort((a, b) => a.from - b.from || a.to - b.to);
  const pieces: Piece[] = [];
  for (const piece of found) {
    const last = pieces.at(-1);
    if (last && piece.from <= last.to) last.to = Math.max(last.to, piece.to);
    else pieces.push({ ...piece });
  }
  return pieces;
}

function piecesOfOne(text: string, { expression, longest }: Pattern): Piece[] {
  const pieces: Piece[] = [];
  if (text.length > longest) return pieces;
  for (const match of text.matchAll(expression)) {
    if (match[0] !== "") pieces.push({ from: match.index, to: match.index + match[0].length });
    if (pieces.length === MOST_PIECES) break;
  }
  return pieces;
}

/** A text with what is looked for marked; the text itself where nothing is. */
export function marked(text: string, patterns: readonly Pattern[] | undefined): Markup | string {
  const pieces = patterns ? piecesOf(text, patterns) : [];
  if (pieces.length === 0) return text;
  const parts = pieces.map(
    ({ from, to }, index) =>
      html`${text.slice(index === 0 ? 0 : pieces[index - 1]!.to, from)}<mark>${text.slice(from, to)}</mark>`,
  );
  return html`${parts}${text.slice(pieces.at(-1)!.to)}`;
}
