/** Two networks as one figure: one above the other, what they share in the same columns, what differs marked. */
import { compare, type Change, type Comparison } from "./compare.ts";
import { factsFor, figureOf, type Figure, type Wanted } from "./figure.ts";
import type { LegendEntry } from "./legend.ts";
import type { Network } from "./network.ts";
import type { Paint } from "./palettes.ts";
import type { Preferences } from "./preferences.ts";
import { moved, type Area, type Box, type Mark, type Scene } from "./scene.ts";
import { textWidth } from "../vega/widths.ts";
import { say } from "../words.ts";

/** Colours and signs, so that neither colour nor print alone carries the meaning. */
const LOOKS: Readonly<Record<Change, { fill: string; sign: string; said: string }>> = {
  same: { fill: "#e3e6ea", sign: "", said: say("the same settings in both") },
  changed: { fill: "#F0E442", sign: "~", said: say("changed") },
  removed: { fill: "#D55E00", sign: "−", said: say("only in the first") },
  added: { fill: "#0072B2", sign: "+", said: say("only in the second") },
};

export interface Differences {
  /** Marks name glyphs of the first figure by their places, and those of the second by their places behind them. */
  scene: Scene;
  comparison: Comparison;
  figures: readonly [Figure, Figure];
  notices: readonly string[];
}

/** What each kind of layer is called. */
export const saidOf = (change: Change): string => LOOKS[change].said;

export function differencesFigure(
  networks: readonly [Network, Network],
  names: readonly [string, string],
  wanted: Wanted,
): Differences {
  const comparison = compare(...networks);
  const facts = networks.map((network) => factsFor(network, wanted));
  const changes = networks.map(({ layers }, side) =>
    changesOf(comparison, side === 0 ? "first" : "second", layers.length),
  ) as [Change[], Change[]];
  const figures = networks.map((network, side) =>
    compared(network, changes[side]!, facts[1 - side]!, wanted),
  ) as [Figure, Figure];
  const marked = aligned(figures, comparison).map((scene, side) =>
    signed(scene, figures[side]!, changes[side]!, wanted.preferences),
  );
  const behind = figures[0].shown.glyphs.length;
  const second = {
    ...marked[1]!,
    marks: marked[1]!.marks.map((mark) =>
      mark.glyph === undefined ? mark : { ...mark, glyph: mark.glyph + behind },
    ),
  };
  const scene = stacked([marked[0]!, second], names, legendOf(comparison, wanted.preferences), wanted);
  // What is wrong with both is said once.
  const notices = [...new Set(figures.flatMap((figure) => figure.notices))];
  return { scene, comparison, figures, notices };
}

/** One of the two, coloured by what differs, on the scales of both. */
function compared(
  network: Network,
  changes: readonly Change[],
  beside: Wanted["beside"],
  wanted: Wanted,
): Figure {
  const preferences = { ...wanted.preferences, legend: false, scales: false };
  const paint = (layers: readonly number[]): Paint => ({
    fill: LOOKS[changeOf(layers, changes)].fill,
    texture: -1,
  });
  return figureOf(network, { ...wanted, preferences, width: null, isExact: false, paint, beside });
}

function changesOf({ pairs }: Comparison, side: "first" | "second", count: number): Change[] {
  const changes: Change[] = Array.from({ length: count }, () => "same");
  for (const pair of pairs) if (pair[side] !== null) changes[pair[side]] = pair.change;
  return changes;
}

/** A glyph of several layers is what all of them are, or changed. */
export function changeOf(layers: readonly number[], changes: readonly Change[]): Change {
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

/** With a sign on each glyph that differs, behind its last mark. */
function signed(
  scene: Scene,
  { shown }: Figure,
  changes: readonly Change[],
  preferences: Preferences,
): Scene {
  const marks = scene.marks.flatMap((mark, at): Mark[] => {
    const { glyph } = mark;
    if (glyph === undefined || scene.marks[at + 1]?.glyph === glyph) return [mark];
    const change = changeOf(shown.glyphs[glyph]!.layers, changes);
    const body = scene.marks.find((each) => each.glyph === glyph && each.kind === "area");
    return body?.kind === "area" ? [mark, ...signMarks(change, body, glyph, preferences)] : [mark];
  });
  return { ...scene, marks };
}

function signMarks(change: Change, { points }: Area, glyph: number, { fontSize }: Preferences): Mark[] {
  const { sign } = LOOKS[change];
  if (!sign) return [];
  const [x, y] = middle(points);
  return [
    {
      ...{
        kind: "text",
        x,
        y: y + fontSize * 0.3,
        text: sign,
        size: fontSize,
        weight: 650,
        anchor: "middle",
      },
      ...{ fill: change === "changed" ? "#000000" : "#ffffff", glyph },
    },
  ];
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
