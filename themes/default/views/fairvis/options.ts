/** What an author can write for a FairVis view, and which columns a reader can group by. */
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { isGroupable } from "../../src/groups.ts";
import { checkNames, readChoice, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";
import { METRICS, type Metric } from "./metrics.ts";

export const LAYOUTS = ["beeswarm", "strip"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Lists below the dots, which show their first lines until a reader opens them. */
export const LISTS = ["suggested", "similar"] as const;
export type List = (typeof LISTS)[number];

export const MEANS = ["macro", "weighted", "micro"] as const;

export interface Options {
  label: Column;
  prediction: Column;
  /** Columns that make groups at first, and all that a reader can choose. */
  by: readonly Column[];
  choices: readonly Column[];
  /** Where ranges begin, by column; others get round ones. */
  edges: ReadonlyMap<string, readonly number[]>;
  metric: Metric;
  /** A mean of classes, or the name of one. */
  of: string;
  layout: Layout;
  minimum: number;
  /** Tables of a run of the tool fairness, and of slices. */
  suggested: Table | null;
  similar: Table | null;
}

export const MEANINGS = {
  columns: "columns that make the groups at first, at most three; the label, else the first of few values",
  choices: "all columns that a reader can group by; by default those of texts, truths and numbers",
  edges: "where ranges of numbers begin, by column: edges: {age: [18, 65]}; round ones by default",
  metric: `the metric at first, of ${Object.keys(METRICS).join(", ")}; accuracy by default`,
  of: "what it is of: macro, weighted or micro for a mean of classes, or a class against the rest; macro by default",
  layout: "beeswarm or strip; beeswarm by default",
  minimum: "samples below which a group is drawn hollow and not compared; 20 by default",
  label: "the column of labels; the one of that role by default",
  prediction: "the column of predictions; the one of that role by default",
  suggested:
    "a table of suggested groups or of slices: artifact/suggested; computed from the dots by default",
  similar:
    "a table of pairs of groups that differ in one column: artifact/similar; computed from the dots by default",
} as const;

/** Columns that are crossed at most. */
export const MOST_COLUMNS = 3;

const ANSWERS = ["correct", "duplicates"];

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("fairvis", written, Object.keys(MEANINGS));
  const choices = readChoices(table, written);
  return {
    label: readAnswer(table, written, "label"),
    prediction: readAnswer(table, written, "prediction"),
    by: readColumns(table, written, choices),
    choices,
    edges: readEdges(table, written),
    metric: (readChoice(written, "metric", Object.keys(METRICS)) ?? "accuracy") as Metric,
    of: readText(written, "of") ?? "macro",
    layout: (readChoice(written, "layout", LAYOUTS) ?? "beeswarm") as Layout,
    minimum: readWhole(written, "minimum", 20, [1, 1_000_000]),
    suggested: readTable(context, "suggested"),
    similar: readTable(context, "similar"),
  };
}

type Written = Context["request"]["options"];

/** Classes that are known without an answer: the table's, which are those of its labels and of no other column. */
export function knownClasses({ label }: Options, table: Table): readonly string[] {
  return label.role === "label" ? table.classes : [];
}

function readAnswer(table: Table, written: Written, role: "label" | "prediction"): Column {
  const name = readText(written, role);
  const found = name === null ? withRole(table, role) : findColumn(table, name, role);
  if (found) return found;
  throw new ProblemError(`table ${table.name} has no column of ${role}s`, `write ${role}: a column`, role);
}

function isChoice(column: Column): boolean {
  const isMeasure = kindOf(column) === "number" && !["id", "sheet", "x", "y"].includes(column.role ?? "");
  const isPlace = /^projection_/.test(column.role ?? "") || column.elsewhere !== undefined;
  return !isPlace && !ANSWERS.includes(column.role ?? "") && (isGroupable(column) || isMeasure);
}

function readChoices(table: Table, written: Written): Column[] {
  const names = readTexts(written, "choices");
  const found = names
    ? names.map((name) => findColumn(table, name, "choices"))
    : table.columns.filter(isChoice);
  const named = (readTexts(written, "columns") ?? []).map((name) => findColumn(table, name, "columns"));
  const all = [...new Set([...named, ...found])];
  const wrong = all.find((column) => ["list", "binary", "time"].includes(kindOf(column)));
  if (wrong)
    throw new ProblemError(
      `column "${wrong.name}" holds ${wrong.type}, which makes no groups`,
      "name columns of texts, truths or numbers",
      "columns",
    );
  return all;
}

function readColumns(table: Table, written: Written, choices: readonly Column[]): Column[] {
  const names = readTexts(written, "columns");
  if (names && names.length > MOST_COLUMNS)
    throw new ProblemError(`"columns" names ${names.length}`, `name at most ${MOST_COLUMNS}`, "columns");
  if (names) return names.map((name) => findColumn(table, name, "columns"));
  const first = withRole(table, "label") ?? choices[0];
  if (!first)
    throw new ProblemError(`table ${table.name} has no column to group by`, "write columns: [name]");
  return [first];
}

function readEdges(table: Table, written: Written): Map<string, number[]> {
  const value = written["edges"] ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ProblemError('"edges" names no columns', "write edges: {age: [18, 65]}", "edges");
  return new Map(
    Object.entries(value).map(([name, edges]: [string, unknown]) => {
      const column = findColumn(table, name, "edges");
      if (kindOf(column) !== "number")
        throw new ProblemError(
          `column "${name}" holds no numbers, so it has no edges`,
          "leave it out",
          "edges",
        );
      const isList =
        Array.isArray(edges) && edges.length > 0 && edges.length <= 50 && edges.every(Number.isFinite);
      const isRising =
        isList && (edges as number[]).every((edge, at) => at === 0 || edge > (edges as number[])[at - 1]!);
      if (!isRising)
        throw new ProblemError(
          `the edges of "${name}" are no rising numbers`,
          `write ${name}: [18, 65]`,
          "edges",
        );
      return [column.name, edges as number[]];
    }),
  );
}

function readTable({ tables, request }: Context, name: "suggested" | "similar"): Table | null {
  const written = readText(request.options, name);
  if (written === null) return null;
  const found = tables[written];
  if (!found)
    throw new ProblemError(
      `no artifact has a table "${written}"`,
      nearest(written, Object.keys(tables)),
      name,
    );
  const needed = name === "suggested" ? ["expression", "n", "q"] : ["expression", "other_expression", "q"];
  for (const each of needed) findColumn(found, each, name);
  return found;
}
