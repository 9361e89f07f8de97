/**
 * What may come next in a filter, at the caret: columns, functions, operators, and the values of the column that is
 * compared. Pure; the values themselves are asked of the database by whoever shows them.
 */
import { kindOf } from "../../src/data/columns.ts";
import { FILTER_FUNCTIONS } from "../../src/data/expression.ts";
import type { Column, Table } from "../../src/page.ts";
import { say } from "../../src/words.ts";

export interface Item {
  kind: "column" | "function" | "operator" | "value";
  /** What is written in the place of what stands there. */
  text: string;
  /** What is shown, and what it is in a word or two. */
  label: string;
  detail: string;
}

export interface Completion {
  /** The part of the text that an item takes the place of. */
  from: number;
  to: number;
  items: Item[];
  /** The column whose values are wanted, and what of one is written already. */
  values: { column: Column; prefix: string } | null;
}

interface Token {
  kind: "text" | "name" | "number" | "sign";
  text: string;
  from: number;
  to: number;
  /** A text without its closing quote. */
  isOpen: boolean;
}

/** Offered at once; more are a letter away. */
export const MOST_ITEMS = 10;

const NONE: Completion = { from: 0, to: 0, items: [], values: null };

const COMPARISONS = ["==", "!=", "===", "!==", "<", "<=", ">", ">="];

const TOKEN =
  /(['"])((?:\\.|(?!\1)[^\\])*)(\1?)|[\p{L}_$][\p{L}\p{N}_$]*|\d+(?:\.\d*)?|[=!]==?|[<>]=?|&&|\|\||\S/gu;

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => {
    const [written, quote, , closing] = match;
    const from = match.index;
    const kind = quote
      ? "text"
      : /^[\p{L}_$]/u.test(written)
        ? "name"
        : /^\d/.test(written)
          ? "number"
          : "sign";
    return {
      kind,
      text: written,
      from,
      to: from + written.length,
      isOpen: quote !== undefined && closing === "",
    };
  });
}

/** What can be written at the caret; nothing within a number or after what is complete. */
export function completionAt(text: string, caret: number, table: Table): Completion {
  const place = placeAt(text, caret);
  const isNumber = /^\d/.test(place.prefix) && !place.isText;
  if (isNumber && !comparedColumn(place.before, table)) return NONE;
  return columnsInBrackets(place, table) ?? valuesAt(place, table) ?? wordsAt(place, table);
}

function placeAt(text: string, caret: number): Place {
  const tokens = tokensOf(text.slice(0, caret));
  const last = tokens.at(-1);
  const written = last && last.to === caret && isUnfinished(last) ? last : null;
  return {
    from: written?.from ?? caret,
    to: endOf(text, caret, written),
    prefix: written ? prefixOf(written) : "",
    isText: written?.kind === "text",
    before: written ? tokens.slice(0, -1) : tokens,
    after: text.slice(caret),
  };
}

/** Words and numbers may go on, a text until its quote. */
function isUnfinished({ kind, isOpen }: Token): boolean {
  return kind === "text" ? isOpen : kind !== "sign";
}

function prefixOf({ kind, text }: Token): string {
  return kind === "text" ? unquoted(text) : text;
}

interface Place {
  from: number;
  to: number;
  prefix: string;
  isText: boolean;
  before: Token[];
  after: string;
}

/** The rest of the word or text that the caret stands in is replaced too. */
function endOf(text: string, caret: number, written: Token | null): number {
  const rest = text.slice(caret);
  if (written?.kind === "text") return caret + (rest.startsWith(written.text[0]!) ? 1 : 0);
  return caret + (written ? /^[\p{L}\p{N}_$]*/u.exec(rest)![0].length : 0);
}

/** `datum['tru`: a column whose name is no word. */
function columnsInBrackets(place: Place, table: Table): Completion | null {
  const [datum, bracket] = place.before.slice(-2);
  if (bracket?.text !== "[" || !isDatum(datum)) return null;
  const closed = /^['"]\]/.test(place.after) ? 1 : 0;
  const items = columnItems(table, place.prefix).map((item) => ({ ...item, text: member(item.label) }));
  return { from: bracket.from, to: place.to + closed, items, values: null };
}

function valuesAt(place: Place, table: Table): Completion | null {
  const column = comparedColumn(place.before, table) ?? listedColumn(place, table);
  if (!column) return null;
  const { from, to, prefix } = place;
  const kind = kindOf(column);
  const known = [...(kind === "boolean" ? ["true", "false"] : []), ...(column.nullable ? ["null"] : [])];
  const fixed = place.isText ? [] : known;
  const items = matching(fixed, prefix).map((text): Item => ({
    kind: "value",
    text,
    label: text,
    detail: "",
  }));
  const isAsked = kind === "text" || (kind === "number" && /^u?int/.test(column.type));
  return { from, to, items, values: isAsked ? { column, prefix } : null };
}

/** `datum.label ==`: the column that a value is compared with. */
function comparedColumn(before: readonly Token[], table: Table): Column | null {
  const operator = before.at(-1);
  if (!operator || !COMPARISONS.includes(operator.text)) return null;
  return columnEnding(before.slice(0, -1), table);
}

/** The column that these tokens end with: `datum.label` or `datum['true label']`. */
function columnEnding(tokens: readonly Token[], table: Table): Column | null {
  const name = dottedName(tokens) ?? bracketedName(tokens);
  return name === null ? null : named(table, name);
}

function dottedName(tokens: readonly Token[]): string | null {
  const [datum, sign, name] = tokens.slice(-3);
  return sign?.text === "." && isDatum(datum) ? name!.text : null;
}

function bracketedName(tokens: readonly Token[]): string | null {
  const [datum, open, text, close] = tokens.slice(-4);
  if (close?.text !== "]" || open?.text !== "[" || text?.kind !== "text" || !isDatum(datum)) return null;
  return unquoted(text.text);
}

/** `indexof(['cat', '`: the column stands behind the list, when it is written already. */
function listedColumn(place: Place, table: Table): Column | null {
  const open = place.before.findLastIndex((token) => token.text === "[");
  if (place.before[open - 1]?.text !== "(" || place.before[open - 2]?.text !== "indexof") return null;
  if (!["[", ","].includes(place.before.at(-1)!.text)) return null;
  const behind = /^[^\]]*\]\s*,\s*(?:datum|d)\.([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(place.after);
  return behind ? named(table, behind[1]!) : null;
}

function wordsAt(place: Place, table: Table): Completion {
  const { from, to, prefix, before } = place;
  if (place.isText) return NONE;
  const [datum, sign] = before.slice(-2);
  // The point goes with the name: a column whose name is no word has brackets in its place.
  if (sign?.text === "." && isDatum(datum)) {
    const items = columnItems(table, prefix).map((item) => ({ ...item, text: member(item.label) }));
    return { from: sign.from, to, items, values: null };
  }
  const isComplete = prefix === "" && before.length > 0 && isOperand(before);
  const items = isComplete
    ? operatorItems(before, table)
    : [...columnItems(table, prefix), ...functionItems(prefix)];
  return { from, to, items: items.slice(0, MOST_ITEMS), values: null };
}

function isDatum(token: Token | undefined): boolean {
  return token?.text === "datum" || token?.text === "d";
}

/** Whether a value stands at the end, so that an operator comes next. */
function isOperand(before: readonly Token[]): boolean {
  const last = before.at(-1)!;
  return (
    last.kind === "text" || last.kind === "number" || last.kind === "name" || [")", "]"].includes(last.text)
  );
}

function operatorItems(before: readonly Token[], table: Table): Item[] {
  const column = columnEnding(before, table);
  const isOrdered = column !== null && ["number", "time"].includes(kindOf(column));
  const compared = isOrdered ? ["<", "<=", ">", ">=", "==", "!="] : ["==", "!="];
  return (column ? [...compared, "&&", "||"] : ["&&", "||"]).map((text) => ({
    kind: "operator",
    text: `${text} `,
    label: text,
    detail: DETAILS[text]!,
  }));
}

const DETAILS: Readonly<Record<string, string>> = {
  "<": say("below"),
  "<=": say("at most"),
  ">": say("above"),
  ">=": say("at least"),
  "==": say("is"),
  "!=": say("is not"),
  "&&": say("and"),
  "||": say("or"),
};

function columnItems(table: Table, prefix: string): Item[] {
  const columns = table.columns.filter((column) => !["list", "binary"].includes(kindOf(column)));
  const names = matching(
    columns.map((column) => column.name),
    prefix === "datum" || prefix === "d" ? "" : prefix,
  );
  return names.slice(0, MOST_ITEMS).map((name) => {
    const column = named(table, name)!;
    const detail = column.unit ?? kindOf(column);
    return { kind: "column", text: `datum${member(name)}`, label: name, detail };
  });
}

/** How a column is read of `datum`. */
function member(name: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${quoted(name)}]`;
}

function functionItems(prefix: string): Item[] {
  const names = prefix === "" ? [] : matching([...FILTER_FUNCTIONS], prefix);
  return names.map((name) => ({
    kind: "function",
    text: `${name}(`,
    label: `${name}()`,
    detail: "function",
  }));
}

/** Values as items, as a filter writes them. */
export function valueItems(values: readonly { value: unknown; n: number }[]): Item[] {
  return values.map(({ value, n }) => ({
    kind: "value",
    text: typeof value === "string" ? quoted(value) : String(value),
    label: String(value),
    detail: `n = ${n}`,
  }));
}

/** A text in quotes, as a filter reads it. */
export function quoted(text: string): string {
  const escaped = text
    .replace(/[\\']/g, (sign) => `\\${sign}`)
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
  return `'${escaped}'`;
}

function unquoted(text: string): string {
  const inner = text.slice(1, text.length > 1 && text.endsWith(text[0]!) ? -1 : undefined);
  return inner.replace(/\\(.)/gs, (_, sign: string) => ({ n: "\n", r: "\r", t: "\t" })[sign] ?? sign);
}

function named(table: Table, name: string): Column | null {
  return table.columns.find((column) => column.name === name) ?? null;
}

/** Those that begin with it first, then those that hold it; upper and lower case are the same. */
function matching(names: string[], prefix: string): string[] {
  const sought = prefix.toLowerCase();
  const at = (name: string): number => name.toLowerCase().indexOf(sought);
  const found = names.filter((name) => at(name) >= 0);
  return [...found.filter((name) => at(name) === 0), ...found.filter((name) => at(name) > 0)];
}
