/** What an author can write for a confusion matrix, and which columns it then counts. */
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { checkNames, readChoice, readFlag, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export const NORMALIZATIONS = ["count", "total", "row", "column"] as const;
export const ENCODINGS = ["color", "size"] as const;
export const SCALES = ["log", "linear"] as const;
export const ORDERS = ["given", "name", "frequency", "recall", "cluster"] as const;
export const HITS = ["within", "exact"] as const;
export const MEASURES = [
  "n",
  "predicted",
  "recall",
  "precision",
  "f1",
  "specificity",
  "accuracy",
  "tp",
  "fp",
  "fn",
  "tn",
] as const;

export type Normalization = (typeof NORMALIZATIONS)[number];
export type Encoding = (typeof ENCODINGS)[number];
export type Scale = (typeof SCALES)[number];
export type Order = (typeof ORDERS)[number];
export type Hits = (typeof HITS)[number];
export type MeasureName = (typeof MEASURES)[number];

/** One thing that is labelled and predicted. A column that nothing predicts is known: it is both. */
export interface Dimension {
  label: Column;
  prediction: Column;
}

/** What the reader may choose otherwise. */
export interface Look {
  normalize: Normalization;
  encoding: Encoding;
  scale: Scale;
  order: Order;
  /** Whether the diagonal is left out, so that errors have the whole scale. */
  errors: boolean;
  hits: Hits;
  measures: readonly MeasureName[];
}

export interface Options extends Look {
  dimensions: readonly Dimension[];
  /** The column that says how many samples a row stands for; null where each is one. */
  count: Column | null;
  /** Between the levels of a hierarchy; empty for none. */
  separator: string;
  /** Levels that are open at first; null for as many as have room. */
  levels: number | null;
  classes: readonly string[];
  noun: string;
}

export const MEANINGS = {
  label: "the column of labels, or a list of columns nested in that order; the one with that role by default",
  prediction:
    "the column of predictions, or a list in the same order, shorter where a nested column is known; the one with that role by default",
  count: "the column that says how many samples a row stands for; n of a table of counts by default",
  separator: 'what stands between the levels of a label such as animal:dog; ":" by default, "" for none',
  levels: "levels of a hierarchy that are open at first; as many as have room by default",
  normalize: "count, or a share of the total, the row or the column; count by default",
  scale: "log or linear; log by default, so that single errors can be seen",
  encoding: "color or size; color by default",
  order: "given (by the model's classes), name, frequency, recall or cluster; given by default",
  errors: "true leaves out the diagonal at first; false by default",
  hits: "of an inner node: within (any label below it) or exact (the very label); within by default",
  measures:
    "beside the rows: n, predicted, recall, precision, f1, specificity, accuracy, tp, fp, fn, tn; n, recall and precision by default",
  noun: "what a row is called, in the plural; samples by default",
} as const;

const FIRST_MEASURES: readonly MeasureName[] = ["n", "recall", "precision"];

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("confusion-matrix", written, Object.keys(MEANINGS));
  const choice = <Name extends string>(name: string, all: readonly Name[]): Name =>
    (readChoice(written, name, all) as Name | null) ?? all[0]!;
  return {
    dimensions: readDimensions(table, written),
    count: readCount(table, written),
    separator: readText(written, "separator") ?? ":",
    levels: "levels" in written ? readWhole(written, "levels", 1, [1, 20]) : null,
    normalize: choice("normalize", NORMALIZATIONS),
    scale: choice("scale", SCALES),
    encoding: choice("encoding", ENCODINGS),
    order: choice("order", ORDERS),
    errors: readFlag(written, "errors", false),
    hits: choice("hits", HITS),
    measures: readMeasures(written),
    classes: table.classes,
    noun: readText(written, "noun") ?? (withRole(table, "id") ? say("samples") : say("rows")),
  };
}

type Written = Readonly<Record<string, unknown>>;

function readDimensions(table: Table, written: Written): Dimension[] {
  const labels = columnsOf(table, written, "label");
  const predictions = columnsOf(table, written, "prediction");
  if (predictions.length > labels.length)
    throw new ProblemError(
      `"prediction" names ${predictions.length} columns and "label" ${labels.length}`,
      "name a column of labels for each",
      "prediction",
    );
  return labels.map((label, index) => ({ label, prediction: predictions[index] ?? label }));
}

function columnsOf(table: Table, written: Written, role: "label" | "prediction"): Column[] {
  const names = typeof written[role] === "string" ? [readText(written, role)!] : readTexts(written, role);
  const found = names ? names.map((name) => findColumn(table, name, role)) : [withRole(table, role)];
  return found.map((column) => {
    if (!column)
      throw new ProblemError(
        `table ${table.name} has no column with the role ${role}`,
        `write ${role}: a column's name`,
        role,
      );
    if (["binary", "time"].includes(kindOf(column)))
      throw new ProblemError(`column "${column.name}" is ${column.type}`, "name a column of classes", role);
    return column;
  });
}

function readCount(table: Table, written: Written): Column | null {
  const name = readText(written, "count");
  if (name === null) {
    if (withRole(table, "id")) return null;
    return table.columns.find((column) => column.name === "n" && kindOf(column) === "number") ?? null;
  }
  const column = findColumn(table, name, "count");
  if (kindOf(column) !== "number")
    throw new ProblemError(
      `column "${name}" holds ${column.type}, no numbers`,
      "name one that counts",
      "count",
    );
  return column;
}

function readMeasures(written: Written): readonly MeasureName[] {
  if (Array.isArray(written["measures"]) && written["measures"].length === 0) return [];
  const names = readTexts(written, "measures");
  if (!names) return FIRST_MEASURES;
  for (const name of names) readChoice({ measures: name }, "measures", MEASURES);
  return names as MeasureName[];
}
