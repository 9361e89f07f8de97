/** Curves and measures of a binary decision, from counts by score. Undefined is null. */
import { f1, UNDEFINED, wilson, Z, type Measured } from "../../src/shares.ts";
import { say } from "../../src/words.ts";

/** Positives and negatives by distinct score, the highest first. */
export interface Scores {
  scores: Float64Array;
  positives: Float64Array;
  negatives: Float64Array;
  /** Rows without label or score. */
  missing: number;
}

export interface Four {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

export interface Point {
  x: number;
  y: number;
  /** Where a sample has this score or more; null where none has. */
  threshold: number | null;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Samples of a score at or above the threshold are predicted positive. */
export function fourAt({ scores, positives, negatives }: Scores, threshold: number): Four {
  const [all, others] = [sum(positives), sum(negatives)];
  let [tp, fp] = [0, 0];
  for (let index = 0; index < scores.length && scores[index]! >= threshold; index++) {
    tp += positives[index]!;
    fp += negatives[index]!;
  }
  return { tp, fp, fn: all - tp, tn: others - fp };
}

/** False positives' share across, true positives' share up; null where one class is missing. */
export function rocCurve({ scores, positives, negatives }: Scores): Point[] | null {
  const [all, others] = [sum(positives), sum(negatives)];
  if (all === 0 || others === 0) return null;
  let [tp, fp] = [0, 0];
  const points: Point[] = [{ x: 0, y: 0, threshold: null }];
  scores.forEach((score, index) => {
    tp += positives[index]!;
    fp += negatives[index]!;
    points.push({ x: fp / others, y: tp / all, threshold: score });
  });
  return points;
}

/** Recall across, precision up; null where there are no positives. */
export function precisionRecallCurve({ scores, positives, negatives }: Scores): Point[] | null {
  const all = sum(positives);
  if (all === 0) return null;
  let [tp, fp] = [0, 0];
  const points: Point[] = [{ x: 0, y: 1, threshold: null }];
  scores.forEach((score, index) => {
    tp += positives[index]!;
    fp += negatives[index]!;
    points.push({ x: tp / all, y: tp / (tp + fp), threshold: score });
  });
  return points;
}

/** Area below the ROC curve, by trapezoids; its interval by DeLong's variance, on the scale of log odds. */
export function areaUnderRoc(scores: Scores): Measured {
  const points = rocCurve(scores);
  if (!points) return UNDEFINED;
  const area = points.slice(1).reduce((total, point, index) => {
    const before = points[index]!;
    return total + ((point.x - before.x) * (point.y + before.y)) / 2;
  }, 0);
  return onOdds(area, deLong(scores, area));
}

/** The variance of the area: how the shares of won comparisons differ among positives, and among negatives. */
function deLong({ positives, negatives }: Scores, area: number): number {
  const [all, others] = [sum(positives), sum(negatives)];
  let [above, below, among, between] = [0, others, 0, 0];
  positives.forEach((hits, index) => {
    const other = negatives[index]!;
    below -= other;
    among += hits * ((below + other / 2) / others - area) ** 2;
    between += other * ((above + hits / 2) / all - area) ** 2;
    above += hits;
  });
  const mean = (total: number, n: number): number => (n > 1 ? total / (n - 1) / n : Number.NaN);
  return mean(among, all) + mean(between, others);
}

/** Sum of precisions, each weighted by the recall gained; its interval is Wilson's, as of a share of the positives. */
export function averagePrecision(scores: Scores): Measured {
  const points = precisionRecallCurve(scores);
  if (!points) return UNDEFINED;
  const average = points
    .slice(1)
    .reduce((total, point, index) => total + (point.x - points[index]!.x) * point.y, 0);
  const all = sum(scores.positives);
  return { value: average, interval: wilson(average * all, all).interval };
}

/** An interval that stays between 0 and 1; none where the variance says nothing. */
function onOdds(value: number, variance: number): Measured {
  const width = value * (1 - value);
  if (!(width > 1e-12) || !(variance > 0)) return { value, interval: null };
  const [middle, half] = [Math.log(value / (1 - value)), (Z * Math.sqrt(variance)) / width];
  const back = (odds: number): number => 1 / (1 + Math.exp(-odds));
  return { value, interval: [back(middle - half), back(middle + half)] };
}

/** Correlation of label and prediction; its interval by Fisher's transformation, which is near for many samples. */
export function matthews({ tp, fp, fn, tn }: Four): Measured {
  const below = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
  if (!(below > 0)) return UNDEFINED;
  const value = (tp * tn - fp * fn) / below;
  const n = tp + fp + fn + tn;
  if (n <= 3 || Math.abs(value) >= 1 - 1e-12) return { value, interval: null };
  const [middle, half] = [Math.atanh(value), Z / Math.sqrt(n - 3)];
  return { value, interval: [Math.tanh(middle - half), Math.tanh(middle + half)] };
}

export interface Line {
  name: string;
  measured: Measured;
  /** How many samples it rests on. */
  n: number;
}

export function measuresAt(four: Four): Line[] {
  const { tp, fp, fn, tn } = four;
  const n = tp + fp + fn + tn;
  return [
    { name: say("Precision"), measured: wilson(tp, tp + fp), n: tp + fp },
    { name: say("Recall"), measured: wilson(tp, tp + fn), n: tp + fn },
    { name: "F1", measured: f1(tp, 2 * tp + fp + fn), n: tp + fp + fn },
    { name: say("Specificity"), measured: wilson(tn, tn + fp), n: tn + fp },
    { name: say("Accuracy"), measured: wilson(tp + tn, n), n },
    { name: say("Matthews correlation"), measured: matthews(four), n },
  ];
}

/** Few enough points for a drawing: every corner that is a px away from the last, and both ends. */
export function thinned(points: readonly Point[], px: number): Point[] {
  const kept: Point[] = [];
  for (const [index, point] of points.entries()) {
    const last = kept.at(-1);
    const isFar = !last || Math.hypot(point.x - last.x, point.y - last.y) * px >= 1;
    if (isFar || index === points.length - 1) kept.push(point);
  }
  return kept;
}
