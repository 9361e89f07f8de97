/** What an author writes of a review of labels, and the columns and tables that it is made of. */
import { cardColumns, SIZES, type CardColumns, type Size } from "../../src/cards.ts";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { checkNames, readChoice, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import { artifactWith, nameOf, tableWith } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export interface Options {
  card: CardColumns;
  label: Column;
  prediction: Column;
  /** How well each label fits, from 0; the least come first. */
  score: Column;
  /** Place of each sample among all, 1 for the most doubtful; null where the table does not say it. */
  rank: Column | null;
  /** Probability that each label is right, for the estimate of what is left. */
  posterior: Column | null;
  split: Column | null;
  /** Probabilities of the classes, in their order. */
  probabilities: Column | null;
  /** Pairs of near twins; null where the page does not have them. */
  twins: Table | null;
  size: Size;
  rows: number;
}

export const MEANINGS = {
  score: "the column that ranks, the least first; the one with the role score by default",
  columns: "columns named on each card",
  size: "small, medium or large cards; medium by default",
  rows: "samples that are shown at first, 24 by default; more come as the reader goes on",
};

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("label-review", written, Object.keys(MEANINGS));
  const [label, prediction] = [needed(table, "label"), needed(table, "prediction")];
  const told = readText(written, "score");
  const score = told === null ? needed(table, "score") : findColumn(table, told, "score");
  if (kindOf(score) !== "number")
    throw new ProblemError(`column "${score.name}" holds ${score.type}, no numbers`, "", "score");
  const named = (readTexts(written, "columns") ?? []).map((name) => findColumn(table, name, "columns"));
  const split = withRole(table, "split");
  const artifact = artifactWith(context, ({ role }) => role === "score");
  const called = (name: string): Column | null => table.columns.find((each) => nameOf(each) === name) ?? null;
  return {
    card: cardColumns(table, named),
    ...{ label, prediction, score, split },
    ...{ rank: called("rank"), posterior: called("noise_posterior") },
    probabilities: withRole(table, "probability"),
    twins: artifact === null ? null : tableWith(context, artifact, ["sample", "neighbor", "other_label"]),
    size: (readChoice(written, "size", SIZES) as Size | null) ?? "medium",
    rows: readWhole(written, "rows", 24, [1, 400]),
  };
}

function needed(table: Table, role: string): Column {
  const found = withRole(table, role);
  if (found) return found;
  throw new ProblemError(
    `table ${table.name} has no column with the role ${role}`,
    "show the samples of a tool label_errors",
    "table",
  );
}
