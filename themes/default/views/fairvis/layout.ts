/** Where the dots of groups are: across by their metric, upwards only so that no two cover each other. */
import type { Group } from "./query.ts";
import { ends } from "../../src/extremes.ts";

export interface Dot {
  group: Group;
  x: number;
  y: number;
  r: number;
}

/** The part of a drawing that holds the dots, in px. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const LARGEST = 18;
const SMALLEST = 3;
const GAP = 1;

/** The ends of the axis: all values and the whole's with room around them, inside of 0 to 1. */
export function domainOf(values: readonly number[]): [number, number] {
  const found = values.filter(Number.isFinite);
  if (found.length === 0) return [0, 1];
  const [low, high] = ends(found);
  const room = Math.max((high - low) * 0.08, 0.01);
  return [Math.max(0, low - room), Math.min(1, high + room)];
}

/** A few round numbers inside of a domain. */
export function ticksOf([low, high]: readonly [number, number], most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough - 1e-12) ?? power * 10;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The area of a dot is by the samples of its group. */
export function radiusOf(n: number, most: number, largest: number): number {
  return Math.max(SMALLEST, largest * Math.sqrt(n / Math.max(1, most)));
}

export function stripDots(
  groups: readonly Group[],
  frame: Frame,
  x: (value: number) => number,
  most: number,
): Dot[] {
  const largest = Math.min(LARGEST, (frame.bottom - frame.top) / 2 - 2);
  const y = (frame.top + frame.bottom) / 2;
  return groups
    .filter(({ measured }) => Number.isFinite(measured.value))
    .map((group) => ({ group, x: x(group.measured.value), y, r: radiusOf(group.n, most, largest) }))
    .sort((a, b) => b.r - a.r);
}

/** Dots beside each other, the largest first and nearest to the middle; all smaller where there is no room. */
export function swarmDots(
  groups: readonly Group[],
  frame: Frame,
  x: (value: number) => number,
  most: number,
): Dot[] {
  const shown = groups.filter(({ measured }) => Number.isFinite(measured.value));
  let dots: Dot[] = [];
  for (let largest = LARGEST; largest >= SMALLEST; largest *= 0.85) {
    dots = placed(shown, frame, x, most, largest);
    if (dots.every((dot) => dot.y - dot.r >= frame.top && dot.y + dot.r <= frame.bottom)) return dots;
  }
  const inside = (dot: Dot): number => Math.min(frame.bottom - dot.r, Math.max(frame.top + dot.r, dot.y));
  return dots.map((dot) => ({ ...dot, y: inside(dot) }));
}

function placed(
  groups: readonly Group[],
  frame: Frame,
  x: (value: number) => number,
  most: number,
  largest: number,
): Dot[] {
  const middle = (frame.top + frame.bottom) / 2;
  const dots: Dot[] = [];
  const order = [...groups].sort((a, b) => b.n - a.n);
  for (const group of order) {
    const dot = { group, x: x(group.measured.value), y: middle, r: radiusOf(group.n, most, largest) };
    const near = dots.filter((each) => Math.abs(each.x - dot.x) < each.r + dot.r + GAP);
    const beside = near.flatMap((each) => {
      const away = Math.sqrt((each.r + dot.r + GAP) ** 2 - (each.x - dot.x) ** 2);
      return [each.y - away, each.y + away];
    });
    const isFree = (y: number): boolean =>
      near.every((each) => Math.hypot(each.x - dot.x, each.y - y) >= each.r + dot.r + GAP - 1e-6);
    const free = [middle, ...beside]
      .filter(isFree)
      .sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    dots.push({ ...dot, y: free[0] ?? middle });
  }
  return dots;
}
