/** What an author writes of a view of duplicates, and the columns and tables that it is then made of. */
import { cardColumns, SIZES, type CardColumns, type Size } from "../../src/cards.ts";
import { findColumn, kindOf, titleOf, withRole } from "../../src/data/columns.ts";
import { checkNames, readChoice, readTexts, readWhole } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import { artifactWith, nameOf, tableWith } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";
import { say } from "../../src/words.ts";

/** One way in which samples are the same: the column that holds the number of each sample's group. */
export interface Kind {
  name: string;
  /** On its button. */
  title: string;
  /** In a sentence: samples that … */
  words: string;
  column: Column;
}

export interface Options {
  card: CardColumns;
  kinds: readonly Kind[];
  size: Size;
  /** Groups that are drawn at first. */
  groups: number;
  split: Column | null;
  /** Distance of each sample to its nearest. */
  nearest: Column | null;
  /** Pairs of neighbours with their distances, by which the line can be drawn anew; null without. */
  pairs: Table | null;
  /** Where rules draw the line. */
  thresholds: Table | null;
  /** Size and spread of each group. */
  spreads: Table | null;
}

export const MEANINGS = {
  columns: "columns named on each card, beside label and split",
  groups: "groups that are shown at first, 12 by default; the reader can show more",
  size: "small, medium or large cards; medium by default",
};

/** The kind that the line redraws. */
export const NEAR = "near";

/** Kinds whose members have the same pixels. */
export const EXACT: readonly string[] = ["bytes", "pixels"];

const KNOWN: Readonly<Record<string, readonly [title: string, words: string]>> = {
  bytes: [say("Same file"), say("are the same file, byte for byte")],
  pixels: [say("Same pixels"), say("have the same pixels")],
  content: [say("Same content"), say("have the same content")],
  near: [say("Near"), say("are near duplicates")],
};

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("duplicates", written, Object.keys(MEANINGS));
  const columns = table.columns.filter(isGroups);
  const artifact = artifactWith(context, isGroups);
  if (columns.length === 0 || artifact === null)
    throw new ProblemError(
      `no table of the samples ${table.name} has a column with the role duplicates`,
      "name the artifact of a tool duplicates: beside: [artifact]",
      "table",
    );
  const split = withRole(table, "split");
  const named = (readTexts(written, "columns") ?? []).map((name) => findColumn(table, name, "columns"));
  const captions = [...(split && !named.includes(split) ? [split] : []), ...named];
  return {
    card: cardColumns(table, captions),
    kinds: columns.map(kindOfColumn).sort((a, b) => rank(a) - rank(b)),
    size: (readChoice(written, "size", SIZES) as Size | null) ?? "medium",
    groups: readWhole(written, "groups", 12, [1, 200]),
    split,
    nearest: table.columns.find((column) => column.role === "distance") ?? null,
    pairs: tableWith(context, artifact, ["sample", "neighbor", "distance", "relative"]),
    thresholds: tableWith(context, artifact, ["rule", "distance", "relative", "usual"]),
    spreads: tableWith(context, artifact, ["kind", "group", "spread"]),
  };
}

function isGroups(column: Column): boolean {
  return column.role === "duplicates" && kindOf(column) === "number";
}

/** From the strictest to the loosest, and what else there is at last. */
function rank({ name }: Kind): number {
  const at = Object.keys(KNOWN).indexOf(name);
  return at < 0 ? Object.keys(KNOWN).length : at;
}

function kindOfColumn(column: Column): Kind {
  const name = nameOf(column).replace(/^duplicates_/, "");
  const [title, words] = KNOWN[name] ?? [titleOf(name), say("are duplicates by {name}", { name })];
  return { name, title, words, column };
}
