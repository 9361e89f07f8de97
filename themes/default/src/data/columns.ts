/** Questions about columns that every view asks: which kind a type is, and which column has a name or a role. */
import type { Column, Table } from "../page.ts";
import { offered, ProblemError, told } from "../problem.ts";
import { language, say } from "../words.ts";

export type Kind = "number" | "text" | "boolean" | "time" | "list" | "binary";

const KINDS: Record<string, Kind> = {
  bool: "boolean",
  string: "text",
  dictionary: "text",
  date: "time",
  timestamp: "time",
  binary: "binary",
};

export function kindOf(column: Column): Kind {
  if (column.type.startsWith("list")) return "list";
  return KINDS[column.type] ?? "number";
}

/** The column named so, on the page or else in its own table, or a problem that offers the nearest name. */
export function findColumn(table: Table, name: string, path = ""): Column {
  const found =
    table.columns.find((column) => column.name === name) ??
    table.columns.find((column) => column.written === name);
  if (found) return found;
  const meant = table.columns.filter((column) => column.elsewhere === name).map((column) => column.name);
  if (meant.length)
    throw new ProblemError(
      told('several tables of the page have a column "{name}"', { name }),
      told("write {example}", { example: meant.join(` ${say("or")} `) }),
      path,
      name,
    );
  const known = table.columns.map((column) => column.name);
  throw new ProblemError(
    told('column "{name}" is not in table {table}', { name, table: table.name }),
    offered(name, known),
    path,
    name,
  );
}

export function withRole(table: Table, role: string): Column | null {
  return table.columns.find((column) => column.role === role) ?? null;
}

/**
 * The table with what its relation adds: the columns, classes and sheets of the tables on the same samples. A view of
 * a projection can so be coloured by the label, which is in another table.
 */
export function onRelation(table: Table, tables: Readonly<Record<string, Table>>): Table {
  const beside = Object.values(tables).filter((each) => each.relation === table.relation && each !== table);
  const all = [...beside.reverse().flatMap((each) => each.columns.map(asOfPage)), ...table.columns];
  const columns = new Map(all.map((column) => [column.name, column]));
  const own = table.columns.map((column) => column.name);
  const names = [...own, ...[...columns.keys()].filter((name) => !own.includes(name)).sort()];
  return {
    ...table,
    columns: names.map((name) => columns.get(name)!),
    classes: [table, ...beside].find((each) => each.classes.length)?.classes ?? [],
    media: [table, ...beside].find((each) => each.media.length)?.media ?? [],
  };
}

/** A title within a sentence; abbreviations and names of one capital stay as they are, and the nouns of German. */
export function inSentence(title: string): string {
  return language().startsWith("de") || /^\p{Lu}(?!\p{Ll})/u.test(title)
    ? title
    : title.charAt(0).toLowerCase() + title.slice(1);
}

/** A column's title among other words in small letters; German keeps the capitals of its nouns. */
export function amongWords(title: string): string {
  return language().startsWith("de") ? title : title.toLowerCase();
}

/** The column by the page's name alone: which table's `prediction` is meant, only that table can know. */
function asOfPage({ written, ...column }: Column): Column {
  return written === undefined ? column : { ...column, elsewhere: written };
}

/** The table for those who name columns of the whole relation, such as the toolbar's filter. */
export function asRelation(table: Table): Table {
  return { ...table, columns: table.columns.map(asOfPage) };
}

/** `confidence` → `Confidence`, `log_loss` → `Log loss`: a column's name as a title. */
export function titleOf(name: string): string {
  const words = name.replace(/[_\s]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The title with its unit, as an axis says it. */
export function labelOf(column: Column): string {
  return column.unit ? `${titleOf(column.name)} (${column.unit})` : titleOf(column.name);
}
