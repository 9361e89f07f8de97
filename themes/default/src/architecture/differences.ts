/** Two networks as one figure: one above the other, what they share in the same columns, what differs marked. */
import { compare, type Change, type Comparison } from "./compare.ts";
import { factsFor, figureOf, type Figure, type Wanted } from "./figure.ts";
import type { LegendEntry } from "./legend.ts";
import type { Network } from "./network.ts";
import type { Paint } from "./palettes.ts";
import type { Preferences } from "./preferences.ts";
import { moved, type Box, type Mark, type Scene } from "./scene.ts";
import { textWidth } from "../vega/widths.ts";
import { say } from "../words.ts";

/** Colours and signs, so that neither colour nor print alone carries the meaning. */
const LOOKS: Readonly<Record<Change, { fill: string; sign: string; said: string }>> = {
  same: { fill: "#e3e6ea", sign: "", said: say("the same in both") },
  changed: { fill: "#F0E442", sign: "~", said: say("changed") },
  removed: { fill: "#D55E00", sign: "−", said: say("only in the first") },
  added: { fill: "#0072B2", sign: "+", said: say("only in the second") },
};

export interface Differences {
  scene: Scene;
  comparison: Comparison;
  notices: readonly string[];
}

export function differencesFigure(
  networks: readonly [Network, Network],
  names: readonly [string, string],
  wanted: Wanted,
): Differences {
  const comparison = compare(...networks);
  const facts = networks.map((network) => factsFor(network, wanted));
  const figures = networks.map((network, side) => {
    const changes = changesOf(comparison, side === 0 ? "first" : "second", network.layers.length);
    const looks = { ...wanted.preferences, legend: false, scales: false };
    const paint = (layers: readonly number[]): Paint => ({
      fill: LOOKS[changeOf(layers, changes)].fill,
      texture: -1,
    });
    const figure = figureOf(network, {
      ...wanted,
      preferences: looks,
      width: null,
      isExact: false,
      paint,
      beside: facts[1 - side]!,
    });
    return { figure, changes };
  });
  const scenes = aligned(
    figures.map(({ figure }) => figure),
    comparison,
  );
  const marked = figures.map(({ figure, changes }, side) =>
    signed(scenes[side]!, figure, changes, wanted.preferences),
  );
  const scene = stacked(marked, names, legendOf(comparison, wanted.preferences), wanted);
  return { scene, comparison, notices: figures.flatMap(({ figure }) => figure.notices) };
}

function changesOf({ pairs }: Comparison, side: "first" | "second", count: number): Change[] {
  const changes: Change[] = Array.from({ length: count }, () => "same");
  for (const pair of pairs) if (pair[side] !== null) changes[pair[side]] = pair.change;
  return changes;
}

/** A glyph of several layers is what all of them are, or changed. */
function changeOf(layers: readonly number[], changes: readonly Change[]): Change {
  const found = new Set(layers.map((layer) => changes[layer]!));
  return found.size === 1 ? [...found][0]! : "changed";
}

interface Shift {
  /** Everything from here on is moved by so much. */
  from: number;
  by: number;
}

/** Both scenes, each stretched where the other needs room, so that what is shared stands in one column. */
function aligned(figures: readonly Figure[], { pairs }: Comparison): Scene[] {
  const [first, second] = figures as [Figure, Figure];
  const anchors = anchorsOf(first, second, pairs);
  const shifts: [Shift[], Shift[]] = [[], []];
  const sums: [number, number] = [0, 0];
  for (const [a, b] of anchors) {
    const [left, right] = [a.x + sums[0], b.x + sums[1]];
    const side = left < right ? 0 : 1;
    const by = Math.abs(left - right);
    if (by < 0.5) continue;
    shifts[side].push({ from: (side === 0 ? a : b).x - 1, by });
    sums[side] += by;
  }
  return figures.map(({ scene }, side) => stretched(scene, shifts[side]!));
}

/** Cells of both that hold the same layer, in columns that rise on both sides. */
function anchorsOf(first: Figure, second: Figure, pairs: Comparison["pairs"]): [Box, Box][] {
  const found: [Box, Box][] = [];
  for (const { first: a, second: b } of pairs) {
    if (a === null || b === null) continue;
    const [left, right] = [first.cells[first.shown.glyphOf[a]!], second.cells[second.shown.glyphOf[b]!]];
    if (left && right) found.push([left, right]);
  }
  found.sort(([a], [b]) => a.x - b.x);
  const rising: [Box, Box][] = [];
  for (const pair of found) {
    const last = rising.at(-1);
    if (!last || (pair[0].x > last[0].x && pair[1].x > last[1].x)) rising.push(pair);
  }
  return rising;
}

function stretched(scene: Scene, shifts: readonly Shift[]): Scene {
  const move = (x: number): number => shifts.reduce((sum, { from, by }) => (x >= from ? sum + by : sum), x);
  const marks = scene.marks.map((mark): Mark => {
    if (mark.kind === "line" || (mark.kind === "area" && mark.glyph === undefined))
      return { ...mark, points: mark.points.map(([x, y]) => [move(x), y] as const) };
    const anchor = mark.kind === "area" ? Math.min(...mark.points.map(([x]) => x)) : mark.x;
    return moved(mark, move(anchor) - anchor, 0);
  });
  return { ...scene, marks, width: move(scene.width) };
}

/** With a sign on each glyph that differs. */
function signed(
  scene: Scene,
  { shown }: Figure,
  changes: readonly Change[],
  { fontSize }: Preferences,
): Scene {
  const signs = shown.glyphs.flatMap(({ layers }, glyph): Mark[] => {
    const { sign, fill } = LOOKS[changeOf(layers, changes)];
    const body = scene.marks.find((mark) => mark.glyph === glyph && mark.kind === "area");
    if (!sign || body?.kind !== "area") return [];
    const [x, y] = middle(body.points);
    const dark = fill !== LOOKS.changed.fill;
    return [
      {
        kind: "text",
        x,
        y: y + fontSize * 0.3,
        text: sign,
        size: fontSize,
        weight: 650,
        anchor: "middle",
        fill: dark ? "#ffffff" : "#000000",
      },
    ];
  });
  return { ...scene, marks: [...scene.marks, ...signs] };
}

function middle(points: readonly (readonly [number, number])[]): [number, number] {
  const sum = (axis: 0 | 1): number =>
    points.reduce((total, point) => total + point[axis], 0) / points.length;
  return [sum(0), sum(1)];
}

function legendOf(
  { counts }: Comparison,
  { fontSize, legendHeight, legendWidth }: Preferences,
): LegendEntry[] {
  return (Object.keys(LOOKS) as Change[]).map((change) => {
    const { fill, sign, said } = LOOKS[change];
    const text = `${sign ? `${sign} ` : ""}${said}: ${counts[change]}`;
    const base = legendHeight / 2 + fontSize * 0.3;
    const x = legendWidth + 5;
    return {
      ...{ width: x + textWidth(text, fontSize), height: legendHeight },
      marks: [
        {
          kind: "area",
          points: [
            [0, 0],
            [legendWidth, 0],
            [legendWidth, legendHeight],
            [0, legendHeight],
          ],
          fill,
          stroke: "ink",
          width: 0.75,
        },
        { kind: "text", x, y: base, text, size: fontSize, weight: 400, anchor: "start", fill: "ink" },
      ],
    };
  });
}

function stacked(
  scenes: readonly Scene[],
  names: readonly string[],
  legend: readonly LegendEntry[],
  wanted: Wanted,
): Scene {
  const { fontSize, legendSpacing } = wanted.preferences;
  const marks: Mark[] = [];
  let y = 4;
  for (const [index, scene] of scenes.entries()) {
    marks.push({
      kind: "text",
      x: 4,
      y: y + fontSize,
      text: names[index]!.slice(0, 80),
      size: fontSize,
      weight: 650,
      anchor: "start",
      fill: "ink",
    });
    y += fontSize * 1.6;
    marks.push(...scene.marks.map((mark) => moved(mark, 0, y)));
    y += scene.height + fontSize;
  }
  let x = 4;
  for (const entry of legend) {
    marks.push(...entry.marks.map((mark) => moved(mark, x, y)));
    x += entry.width + legendSpacing;
  }
  const whole = {
    width: Math.max(x, ...scenes.map(({ width }) => width)) + 4,
    height: y + Math.max(...legend.map(({ height }) => height)) + 4,
    marks,
  };
  const { width, isExact } = wanted;
  if (width === null || (!isExact && whole.width <= width)) return whole;
  const share = Math.min(1, width / whole.width);
  const shift = (width - whole.width * share) / 2;
  return {
    width,
    height: whole.height * share,
    marks: whole.marks.map((mark) => moved(mark, shift, 0, share)),
  };
}
