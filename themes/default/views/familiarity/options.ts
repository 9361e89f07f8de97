/** What an author writes of a view of familiarity, and the columns that it is made of. */
import { cardColumns, SIZES, type CardColumns, type Size } from "../../src/cards.ts";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { checkNames, readChoice, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import { artifactWith, nameOf, tableWith } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export interface Options {
  card: CardColumns;
  /** How familiar a sample is among all. */
  score: Column;
  /** How familiar it is among those of its own group; null where nothing says so. */
  within: Column | null;
  /** What groups samples. */
  by: Column | null;
  /** How far parts of the samples are apart; null where the page does not have it. */
  gaps: Table | null;
  order: "least" | "most";
  size: Size;
  rows: number;
}

export const MEANINGS = {
  score: "the column of familiarity among all samples; the first with the role familiarity by default",
  within:
    "the column of familiarity among samples of one group; the second with the role familiarity by default",
  by: "the column whose values are the groups; the label by default",
  columns: "columns named on each card, beside the familiarity",
  order: "least or most familiar first; least by default, and the reader's to change",
  size: "small, medium or large cards; medium by default",
  rows: "samples that are shown at first, 24 by default; the reader can show more",
};

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("familiarity", written, Object.keys(MEANINGS));
  const scores = table.columns.filter(isScore);
  const score = namedScore(table, readText(written, "score"), "score") ?? scores[0];
  const artifact = artifactWith(context, isScore);
  if (!score)
    throw new ProblemError(
      `no table of the samples ${table.name} has a column with the role familiarity`,
      "name the artifact of a tool familiarity: beside: [artifact]",
      "table",
    );
  const named = (readTexts(written, "columns") ?? []).map((name) => findColumn(table, name, "columns"));
  const by = readText(written, "by");
  return {
    // The first caption is the score that cards are ordered by.
    card: cardColumns(table, [score, ...named.filter((column) => column !== score)]),
    score,
    within: namedScore(table, readText(written, "within"), "within") ?? labelScore(scores, score),
    by: by === null ? withRole(table, "label") : findColumn(table, by, "by"),
    gaps: artifact === null ? null : tableWith(context, artifact, ["fitted", "scored", "gap", "low", "high"]),
    order: (readChoice(written, "order", ["least", "most"]) as Options["order"] | null) ?? "least",
    size: (readChoice(written, "size", SIZES) as Size | null) ?? "medium",
    rows: readWhole(written, "rows", 24, [1, 400]),
  };
}

function isScore(column: Column): boolean {
  return column.role === "familiarity" && kindOf(column) === "number";
}

function namedScore(table: Table, name: string | null, path: string): Column | null {
  if (name === null) return null;
  const found = findColumn(table, name, path);
  if (kindOf(found) !== "number")
    throw new ProblemError(`column "${name}" holds ${found.type}, no numbers`, "name one that does", path);
  return found;
}

/** The one that is called after the label, else the next one. */
function labelScore(scores: readonly Column[], score: Column): Column | null {
  const others = scores.filter((column) => column !== score);
  return others.find((column) => nameOf(column) === "familiarity_label") ?? others[0] ?? null;
}
