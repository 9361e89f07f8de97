/**
 * Metrics of one group from its counts by label and prediction, as the tool `fairness` computes them: means of classes
 * are scikit-learn's over the classes that occur, without those whose metric is undefined.
 */
import { wilsonInterval } from "../../src/shares.ts";
import type { Estimate } from "./statistics.ts";
import { say } from "../../src/words.ts";

/** Samples with a label and a prediction, by class number. */
export interface Cell {
  label: number;
  prediction: number;
  n: number;
}

export const METRICS = {
  accuracy: say("Accuracy"),
  precision: say("Precision"),
  recall: say("Recall"),
  f1: "F1",
  specificity: say("Specificity"),
  npv: say("Negative predictive value"),
  fnr: say("False negative rate"),
  fpr: say("False positive rate"),
  fdr: say("False discovery rate"),
  for: say("False omission rate"),
  base_rate: say("Base rate"),
} as const;

export type Metric = keyof typeof METRICS;

/** Metrics of which less is better; of the base rate neither is. */
export const LOWER_IS_BETTER: readonly Metric[] = ["fnr", "fpr", "fdr", "for"];

/** A mean of all classes, or one class against the rest by its number. */
export type Of = "macro" | "weighted" | "micro" | number;

export interface Measured extends Estimate {
  /** Samples that the metric is a share of. */
  n: number;
  /** Those that count for it; null where it is no share but a mean. */
  hits: number | null;
}

type Part = readonly [hits: number, of: number];

interface Counts {
  hits: number;
  support: number;
  predicted: number;
}

/** Counts of every class that occurs. */
function countsOf(cells: readonly Cell[]): { classes: Map<number, Counts>; n: number; right: number } {
  const classes = new Map<number, Counts>();
  const at = (class_: number): Counts => {
    const found = classes.get(class_) ?? { hits: 0, support: 0, predicted: 0 };
    classes.set(class_, found);
    return found;
  };
  let [n, right] = [0, 0];
  for (const cell of cells) {
    at(cell.label).support += cell.n;
    at(cell.prediction).predicted += cell.n;
    n += cell.n;
    if (cell.label !== cell.prediction) continue;
    at(cell.label).hits += cell.n;
    right += cell.n;
  }
  return { classes, n, right };
}

function partOf(metric: Metric, { hits, support, predicted }: Counts, n: number): Part {
  const rejected = n - support - predicted + hits;
  const parts: Record<Metric, Part> = {
    accuracy: [hits + rejected, n],
    base_rate: [support, n],
    precision: [hits, predicted],
    recall: [hits, support],
    f1: [2 * hits, support + predicted],
    specificity: [rejected, n - support],
    npv: [rejected, n - predicted],
    fnr: [support - hits, support],
    fpr: [predicted - hits, n - support],
    fdr: [predicted - hits, predicted],
    for: [support - hits, n - predicted],
  };
  return parts[metric];
}

const share = (hits: number, n: number): Measured => {
  const [low, high] = wilsonInterval(hits, n);
  return { value: n > 0 ? hits / n : Number.NaN, low, high, n, hits };
};

/** A metric of a group, with its interval. Accuracy is that of all classes unless it is of one. */
export function measure(cells: readonly Cell[], metric: Metric, of: Of): Measured {
  const { classes, n, right } = countsOf(cells);
  if (typeof of === "number") return ofClass(metric, classes.get(of) ?? NONE, n);
  if (metric === "accuracy") return share(right, n);
  return of === "micro" ? micro(metric, right, n, classes.size) : mean(cells, metric, of, classes, n);
}

const NONE: Counts = { hits: 0, support: 0, predicted: 0 };

function ofClass(metric: Metric, counts: Counts, n: number): Measured {
  const [hits, of] = partOf(metric, counts, n);
  if (metric !== "f1") return share(hits, of);
  // F1 is a function of the share of hits among all samples that are of the class or said to be.
  const [low, high] = wilsonInterval(hits / 2, of - hits / 2).map((end) => (2 * end) / (1 + end)) as [
    number,
    number,
  ];
  return { value: of > 0 ? hits / of : Number.NaN, low, high, n: of, hits: null };
}

/** Where each sample has one class, micro means are functions of the accuracy. */
function micro(metric: Metric, right: number, n: number, classes: number): Measured {
  const accuracy = share(right, n);
  const isRejection = ["specificity", "npv", "fpr", "for"].includes(metric);
  const isError = LOWER_IS_BETTER.includes(metric);
  const others = isRejection ? (classes > 1 ? classes - 1 : Number.NaN) : 1;
  const turned = (value: number): number => (isError ? (1 - value) / others : 1 - (1 - value) / others);
  const ends = [turned(accuracy.low), turned(accuracy.high)].sort((a, b) => a - b);
  return { value: turned(accuracy.value), low: ends[0]!, high: ends[1]!, n, hits: null };
}

interface Weighted {
  each: number;
  /** The class's weight over its denominator. */
  share: number;
  weight: number;
}

/** The delta method's variance, and Wilson's interval with the number of trials that it amounts to. */
function mean(
  cells: readonly Cell[],
  metric: Metric,
  of: "macro" | "weighted",
  classes: ReadonlyMap<number, Counts>,
  n: number,
): Measured {
  const counted = [...classes].flatMap(([class_, counts]) => {
    const [hits, below] = partOf(metric, counts, n);
    return below > 0 ? [{ class_, hits, below, raw: of === "weighted" ? counts.support : 1 }] : [];
  });
  const whole = counted.reduce((sum, { raw }) => sum + raw, 0);
  if (whole === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN, n, hits: null };
  const parts = new Map<number, Weighted>(
    counted.map(({ class_, hits, below, raw }) => [
      class_,
      { each: hits / below, share: raw / whole / below, weight: raw / whole },
    ]),
  );
  const value = [...parts.values()].reduce((sum, { each, weight }) => sum + each * weight, 0);
  const influence = influenceOf(metric, parts);
  const drift = (label: number): number =>
    of === "weighted" && parts.has(label) ? (parts.get(label)!.each - value) / whole : 0;
  const variance = cells.reduce((sum, cell) => sum + cell.n * (influence(cell) + drift(cell.label)) ** 2, 0);
  const amount = (value * (1 - value)) / variance;
  const trials = Number.isFinite(amount) && amount > 0 ? amount : trialsOf(metric, parts, counted);
  const [low, high] = wilsonInterval(value * trials, trials);
  return { value, low, high, n, hits: null };
}

/** Where all agree the variance vanishes; the trials are then those that the shares of the mean would come from. */
function trialsOf(
  metric: Metric,
  parts: ReadonlyMap<number, Weighted>,
  counted: readonly { class_: number; below: number }[],
): number {
  const spread = counted.reduce((sum, { class_, below }) => sum + parts.get(class_)!.weight ** 2 / below, 0);
  return 1 / spread / (metric === "f1" ? 2 : 1);
}

const OUTSIDE: Weighted = { each: 0, share: 0, weight: 0 };

/** How much one sample of a cell moves the mean: the derivative by its count. */
function influenceOf(metric: Metric, parts: ReadonlyMap<number, Weighted>): (cell: Cell) => number {
  const at = (class_: number): Weighted => parts.get(class_) ?? OUTSIDE;
  const pull = ({ share: of, each }: Weighted): number => of * each;
  const all = [...parts.values()];
  const [shares, pulls] = [
    all.reduce((sum, part) => sum + part.share, 0),
    all.reduce((sum, part) => sum + pull(part), 0),
  ];
  return (cell) => {
    const [label, said] = [at(cell.label), at(cell.prediction)];
    const isHit = cell.label === cell.prediction ? 1 : 0;
    if (metric === "f1") return 2 * isHit * label.share - pull(label) - pull(said);
    const [own, other] = BY_LABEL.has(metric) ? [label, said] : [said, label];
    const isCounted = OF_MISSES.has(metric) ? 1 - isHit : isHit;
    if (!OF_OTHERS.has(metric)) return isCounted * own.share - pull(own);
    const missed = (1 - isHit) * other.share;
    const rest = pulls - pull(own);
    return OF_MISSES.has(metric) ? missed - rest : shares - own.share - missed - rest;
  };
}

/** Rates of the samples that have a label or have another; the rest are of those that are given one, or another. */
const BY_LABEL: ReadonlySet<Metric> = new Set(["recall", "fnr", "specificity", "fpr"]);

/** Rates that count what is wrong. */
const OF_MISSES: ReadonlySet<Metric> = new Set(["fnr", "fdr", "fpr", "for"]);

/** Rates of the samples that are not of the class, or not taken for it. */
const OF_OTHERS: ReadonlySet<Metric> = new Set(["specificity", "fpr", "npv", "for"]);

/** Samples of each class, by class number. */
export function balanceOf(cells: readonly Cell[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { label, n } of cells) found.set(label, (found.get(label) ?? 0) + n);
  return found;
}
