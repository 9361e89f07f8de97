/** The matrix in words: a cell, a row, the whole; and its numbers as a table. */
import { formatCount } from "../../src/markup.ts";
import type { Drawing } from "../../src/view.ts";
import { isHidden, type Entry } from "./matrix.ts";
import { formatShare } from "../../src/shares.ts";
import { measure, overall, titleOfMeasure, withInterval } from "./measures.ts";
import type { Model } from "./model.ts";
import { MEASURES, type Options } from "./options.ts";
import { markName } from "./state.ts";
import { say, sayCount } from "../../src/words.ts";

export function nameOf({ mark, node }: Entry): string {
  return node ? markName(mark) : say("elsewhere");
}

/** `12 samples labelled cat were predicted dog: 3.1% of those labelled cat, 4% of those predicted dog.` */
export function cellSentence(model: Model, row: number, column: number, noun: string): string {
  const { passing, axis } = model;
  if (isHidden(axis, row, column))
    return say("Neither label nor prediction is in {key}.", { key: markName(axis.way.at(-1)!.key) });
  const n = passing.cells.get(row * passing.size + column) ?? 0;
  const [actual, predicted] = [nameOf(axis.entries[row]!), nameOf(axis.entries[column]!)];
  const share = (of: number): string => formatShare(of > 0 ? n / of : null);
  const said = sayCount(
    n,
    "{n} {countable} labelled {actual} was predicted {predicted}",
    "{n} {countable} labelled {actual} were predicted {predicted}",
    {
      n: formatCount(n),
      countable: countable(n, noun),
      actual,
      predicted,
    },
  );
  const whole = model.whole.cells.get(row * model.whole.size + column) ?? 0;
  const all =
    model.isFiltered && whole !== n ? say(", of {whole} without filters", { whole: formatCount(whole) }) : "";
  return say("{said}{all}: {rows} of that label, {columns} of that prediction.", {
    said,
    all,
    rows: share(passing.rows[row]!),
    columns: share(passing.columns[column]!),
  });
}

function countable(n: number, noun: string): string {
  return n === 1 && noun.endsWith("s") ? noun.slice(0, -1) : noun;
}

/** A row or column as pairs of a name and a number. */
export function entryFacts(
  model: Model,
  at: number,
  side: "row" | "column",
): { name: string; value: string }[] {
  const { passing, look, axis } = model;
  const entry = axis.entries[at]!;
  const facts = [{ name: side === "row" ? say("Labelled") : say("Predicted"), value: nameOf(entry) }];
  const shown = new Set([...(["n", "predicted", "recall", "precision", "f1"] as const), ...look.measures]);
  if (!entry.node) return facts;
  return [
    ...facts,
    ...[...shown].map((name) => ({
      name: titleOfMeasure(name),
      value: withInterval(name, measure(passing, at, name, look.hits)),
    })),
  ];
}

export function entrySentence(model: Model, at: number, side: "row" | "column"): string {
  const opened = model.axis.entries[at]!.isClosed ? say(", closed: press E to open") : "";
  return `${entryFacts(model, at, side)
    .map(({ name, value }) => `${name} ${value}`)
    .join(", ")}${opened}`;
}

/** The pair of classes that is taken for another most often. */
export function worst(model: Model): { row: number; column: number; n: number } | null {
  let found: { row: number; column: number; n: number } | null = null;
  for (const [at, n] of model.passing.cells) {
    const [row, column] = [Math.floor(at / model.passing.size), at % model.passing.size];
    if (row !== column && n > (found?.n ?? 0)) found = { row, column, n };
  }
  return found;
}

export function describe(model: Model, options: Options): string {
  const { passing, axis, rows, total } = model;
  const right = overall(passing);
  const most = worst(model);
  const inWords = most
    ? ` ${say("Most often mistaken: {cellsentence}", { cellsentence: cellSentence(model, most.row, most.column, options.noun) })}`
    : "";
  return say(
    "Confusion matrix of {entries} classes; {rows} of {total} {noun}. {withinterval} are predicted as labelled.{inWords}",
    {
      entries: formatCount(axis.entries.length),
      rows: formatCount(rows),
      total: formatCount(total),
      noun: options.noun,
      withinterval: withInterval("recall", right),
      inWords,
    },
  );
}

/** `Accuracy 94% (93–95%), n = 1,797` */
export function summary(model: Model): string {
  const right = overall(model.passing);
  return say("Predicted as labelled: {withinterval}, n = {total}", {
    withinterval: withInterval("recall", right),
    total: formatCount(model.passing.total),
  });
}

/** The measures of every class, then the most frequent mistakes. */
export function dataTable(model: Model): NonNullable<Drawing["data"]> {
  const { axis, passing, look } = model;
  const measured = axis.entries.flatMap((entry, at) => {
    if (!entry.node) return [];
    const values = MEASURES.map((name) => [name, measure(passing, at, name, look.hits).value]);
    return [{ actual: nameOf(entry), ...Object.fromEntries(values) }];
  });
  const errors = [...passing.cells]
    .map(([at, n]) => ({ row: Math.floor(at / passing.size), column: at % passing.size, n }))
    .filter(({ row, column }) => row !== column)
    .sort((a, b) => b.n - a.n || a.row - b.row || a.column - b.column)
    .map(({ row, column, n }) => ({
      actual: nameOf(axis.entries[row]!),
      as: nameOf(axis.entries[column]!),
      n,
      recall: passing.rows[row] ? n / passing.rows[row] : null,
    }));
  const rows = axis.entries.length > 60 ? [...errors, ...measured] : [...measured, ...errors];
  return {
    columns: [
      { name: "actual", title: say("Labelled") },
      { name: "as", title: say("Predicted as") },
      ...MEASURES.map((name) => ({
        name,
        title: name === "recall" ? say("Recall, or share of the label") : titleOfMeasure(name),
      })),
    ],
    rows,
  };
}
