/** How well one class is told from the rest, each share with Wilson's interval; undefined is null, never 0. */
import { formatCount } from "../../src/markup.ts";
import { f1, formatInterval, formatShare, wilson, type Measured } from "../../src/shares.ts";
import type { Hits, MeasureName } from "./options.ts";
import type { Matrix } from "./matrix.ts";
import { say } from "../../src/words.ts";

const TITLES: Readonly<Record<MeasureName, string>> = {
  n: "n",
  predicted: say("Predicted"),
  recall: say("Recall"),
  precision: say("Precision"),
  f1: "F1",
  specificity: say("Specificity"),
  accuracy: say("Accuracy"),
  tp: "TP",
  fp: "FP",
  fn: "FN",
  tn: "TN",
};

export function titleOfMeasure(name: MeasureName): string {
  return TITLES[name];
}

const COUNTS: readonly MeasureName[] = ["n", "predicted", "tp", "fp", "fn", "tn"];

export function isCount(name: MeasureName): boolean {
  return COUNTS.includes(name);
}

/** A row of the matrix against all others, by the very label or by any label below the node. */
export function measure(matrix: Matrix, at: number, name: MeasureName, hits: Hits): Measured {
  const [labelled, predicted, n] = [matrix.rows[at]!, matrix.columns[at]!, matrix.total];
  const both = matrix.cells.get(at * matrix.size + at) ?? 0;
  const tp = hits === "exact" ? matrix.exact[at]! : both;
  // Neither labelled nor predicted here; what stays inside with another label is no true negative.
  const tn = n - labelled - predicted + both;
  const shares: Partial<Record<MeasureName, () => Measured>> = {
    recall: () => wilson(tp, labelled),
    precision: () => wilson(tp, predicted),
    specificity: () => wilson(tn, n - labelled),
    accuracy: () => wilson(tp + tn, n),
    f1: () => f1(tp, labelled + predicted),
  };
  const counts: Partial<Record<MeasureName, number>> = {
    n: labelled,
    predicted,
    tp,
    fp: predicted - tp,
    fn: labelled - tp,
    tn,
  };
  return shares[name]?.() ?? { value: counts[name]!, interval: null };
}

const columns = new WeakMap<Matrix, Map<string, readonly Measured[]>>();

/** A measure of every row; made once for a matrix, for it is asked for in every frame. */
export function measureAll(matrix: Matrix, name: MeasureName, hits: Hits): readonly Measured[] {
  const kept = columns.get(matrix) ?? new Map<string, readonly Measured[]>();
  columns.set(matrix, kept);
  const key = `${name} ${hits}`;
  let found = kept.get(key);
  if (!found) {
    found = Array.from({ length: matrix.size }, (_, at) => measure(matrix, at, name, hits));
    kept.set(key, found);
  }
  return found;
}

export function overall(matrix: Matrix): Measured {
  return wilson(
    matrix.exact.reduce((sum, each) => sum + each, 0),
    matrix.total,
  );
}

export function formatMeasure(name: MeasureName, { value }: Measured): string {
  if (value === null) return "–";
  return isCount(name) ? formatCount(value) : formatShare(value);
}

/** `83% (74–90%)` */
export function withInterval(name: MeasureName, found: Measured): string {
  return formatMeasure(name, found) + formatInterval(found);
}
