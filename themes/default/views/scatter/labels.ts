/** Names at the middles of categories, so that few need a legend; none lies on another. */
import { textWidth } from "../../src/vega/widths.ts";
import { shorten } from "../../src/markup.ts";
import type { Bounds } from "./bounds.ts";
import { nameOfCode, type Categories } from "./colouring.ts";
import { FONT_SIZE, type Frame, type Projection } from "./plot.ts";
import type { Marks } from "./queries.ts";

export interface Label {
  text: string;
  /** The middle of the text, in px. */
  x: number;
  y: number;
  code: number;
}

const LONGEST = 24;
const LINE = 16;
const WEIGHT = 650;

/** Squares across the window in which a category's crowd is looked for. */
const SQUARES = 24;

/** Rows of a category in the window, and their share of all there, from which it is named. */
const LEAST = 3;
const SMALLEST = 0.02;

/** At the crowd of each category, the largest first; one that finds no room has no name here. */
export function labelsOf(
  marks: Marks,
  colouring: Categories,
  projection: Projection,
  picked: ReadonlySet<number> | null,
): Label[] {
  const crowds = crowdsOf(marks, projection.window, colouring.values.length)
    .map((crowd, code) => ({ ...crowd, code }))
    .filter(({ code }) => !picked || picked.has(code))
    .sort((a, b) => b.n - a.n || a.code - b.code);
  const all = crowds.reduce((total, crowd) => total + crowd.all, 0);
  const placed: Box[] = [];
  const isNamed = (crowd: Crowd): boolean => crowd.all >= LEAST && crowd.all >= all * SMALLEST;
  return crowds.filter(isNamed).flatMap(({ x, y, code }) => {
    const text = shorten(nameOfCode(colouring, code), LONGEST);
    const half = textWidth(text, FONT_SIZE, WEIGHT) / 2 + 3;
    const box = free([projection.x(x), projection.y(y)], half, placed, projection.frame);
    if (!box) return [];
    placed.push(box);
    return [{ text, x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, code }];
  });
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

const SHIFTS = [0, -LINE, LINE, -2 * LINE, 2 * LINE];

function free([x, y]: [number, number], half: number, taken: readonly Box[], frame: Frame): Box | null {
  const middle = Math.min(Math.max(x, frame.left + half), frame.right - half);
  for (const shift of SHIFTS) {
    const box: Box = [middle - half, y + shift - LINE / 2, middle + half, y + shift + LINE / 2];
    const isWithin = box[1] >= frame.top && box[3] <= frame.bottom && half * 2 <= frame.right - frame.left;
    if (isWithin && !taken.some((other) => overlap(box, other))) return box;
  }
  return null;
}

function overlap(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

interface Crowd {
  /** Of the category in the window, and in its crowd. */
  all: number;
  n: number;
  x: number;
  y: number;
}

/** Of each category, the middle of its part in the square that with its neighbours holds most; its mean may lie in a gap. */
function crowdsOf(marks: Marks, window: Bounds, categories: number): Crowd[] {
  const sums = Array.from({ length: categories }, () => new Float64Array(SQUARES * SQUARES * 3));
  eachMark(marks, (x, y, n, code) => {
    const column = Math.floor(((x - window[0]) / (window[1] - window[0])) * SQUARES);
    const row = Math.floor(((y - window[2]) / (window[3] - window[2])) * SQUARES);
    if (column < 0 || row < 0 || column >= SQUARES || row >= SQUARES || !(code < categories)) return;
    const at = (row * SQUARES + column) * 3;
    const sum = sums[code]!;
    sum[at]! += n;
    sum[at + 1]! += x * n;
    sum[at + 2]! += y * n;
  });
  return sums.map(densest);
}

function eachMark(marks: Marks, tell: (x: number, y: number, n: number, code: number) => void): void {
  if (marks.kind === "points") {
    for (let index = 0; index < marks.n; index++)
      tell(marks.x[index]!, marks.y[index]!, 1, marks.code[index]!);
    return;
  }
  const { left, bottom, width, height } = marks.lattice;
  for (let index = 0; index < marks.n.length; index++) {
    const x = left + (marks.column[index]! + 0.5) * width;
    const y = bottom + (marks.row[index]! + 0.5) * height;
    tell(x, y, marks.n[index]!, marks.code[index]!);
  }
}

function densest(sums: Float64Array): Crowd {
  let best: Crowd = { all: 0, n: 0, x: 0, y: 0 };
  let all = 0;
  for (let at = 0; at < sums.length; at += 3) all += sums[at]!;
  for (let row = 0; row < SQUARES; row++)
    for (let column = 0; column < SQUARES; column++) {
      if (sums[(row * SQUARES + column) * 3] === 0) continue;
      const near = around(sums, row, column);
      if (near <= best.n) continue;
      const at = (row * SQUARES + column) * 3;
      best = { all, n: near, x: sums[at + 1]! / sums[at]!, y: sums[at + 2]! / sums[at]! };
    }
  return best;
}

/** How much is in a square and its neighbours. */
function around(sums: Float64Array, row: number, column: number): number {
  let n = 0;
  for (let r = Math.max(0, row - 1); r <= Math.min(SQUARES - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(SQUARES - 1, column + 1); c++)
      n += sums[(r * SQUARES + c) * 3]!;
  return n;
}
