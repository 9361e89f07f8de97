/** Drawing an arranged chart: Vega's dataflow with the answered rows in it, at a width that all plots fill together. */
import { parse, View, type Runtime } from "vega";
import { randomLCG, setRandom } from "vega-statistics";
import { drawnSvg, noLoader, outerSize } from "../draw.ts";
import { expressions } from "../evaluate.ts";
import { measureText } from "../metrics.ts";
import { isObject, type Json } from "../channels.ts";
import { arrangedAt, type Answered, type Row } from "./chart.ts";
import { FEW } from "../axis-titles.ts";
import { showLonePoints } from "../lone-points.ts";
import { closeFooters } from "./footers.ts";
import { FILTERED } from "./marks.ts";
import { entriesOf, type Entries } from "./legends.ts";
import { beside, isComposition, type Size } from "./sizes.ts";
import type { ChartState } from "./state.ts";

/** Confidence intervals by bootstrap and samples draw lots: the same ones at every build. */
const SEED = 7;

export function runtimeOf(vega: Json): Runtime {
  measureText();
  closeFooters();
  return parse(showLonePoints(vega) as never, undefined, { ast: true });
}

/** A view with all rows in it that has been run once; `options` say where it draws. */
export function viewOf(vega: Json, answered: Answered, options: Record<string, unknown> = {}): View {
  setRandom(randomLCG(SEED));
  const view = new View(runtimeOf(vega), {
    renderer: "none",
    expr: expressions as never,
    loader: noLoader as never,
    ...options,
  });
  view.signal(FILTERED, answered.isFiltered);
  for (const [name, rows] of answered.data) view.data(name, copied(rows));
  return view;
}

/** Vega writes into the rows that it is given. */
export function copied(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row }));
}

/** Width that plots side by side need at least, in px, with axes. */
const ROOM = { plot: 230, cell: 130 };

/** Where a chart is drawn: as wide as `width`, in px. */
export interface Place {
  width: number;
  /** Height of a chart of one plot, where the page gives it. */
  height: number | null;
  /** The drawing that the page shows there already: how high it stands, and at which width it was drawn. */
  still?: Still | null;
}

export interface Still {
  height: number;
  drawnWidth: number;
}

/** The sizes at which the chart as a whole is as wide as its place, and as high as what stands there. */
export function fitted(answered: Answered, { width, height, still }: Place, state: ChartState): Size {
  const asked = { width, height: still?.height ?? height, columns: null, factor: 1, tall: 1 };
  const whole = { ...asked, names: still ? null : namesOf(asked, answered, state) };
  const plain = { ...whole, entries: entriesAt(whole, answered, state) };
  if (!isComposition(answered.chart.ready.spec)) return plain;
  const columns = columnsOf(answered, still?.drawnWidth ?? width);
  const at = (size: Partial<Size>): Outer => outerAt({ ...plain, columns, ...size }, answered, state);
  const factor = fittingFactor(width, (each) => at({ factor: each }).width);
  if (!still || at({ factor }).height === still.height) return { ...plain, columns, factor };
  const tall = fittingFactor(still.height, (each) => at({ factor, tall: each }).height);
  // Axes of other heights have other labels, which take another width.
  return {
    ...plain,
    columns,
    tall,
    factor: fittingFactor(width, (each) => at({ factor: each, tall }).width),
  };
}

/** Px from one name beside a plot to the next at which neither is left out. */
const NAME = 19;

/** The px that names beside a chart of one plot take, where its author gave a height that may be too low for them. */
function namesOf(size: Size, answered: Answered, state: ChartState): number {
  const { spec } = answered.chart.ready;
  const height = size.height ?? spec["height"];
  if (isComposition(spec) || typeof height !== "number" || height > TALL) return 0;
  const { vega } = arrangedAt(answered, size, state);
  const isNamed = ({ name, type }: Json): boolean => name === "y" && (type === "band" || type === "point");
  if (!scalesOf(vega).some(isNamed)) return 0;
  const view = scalesIn(vega, answered);
  const names = (view.scale("y") as { domain: () => readonly unknown[] }).domain().length;
  view.finalize();
  return NAME * Math.min(FEW, names);
}

/** A height at which there is room for as many names as are always shown, in px. */
const TALL = 400;

function scalesOf(vega: Json): Json[] {
  return Array.isArray(vega["scales"]) ? vega["scales"].filter(isObject) : [];
}

/** Drawings that are tried to fill a length, and what plots are scaled by at least and at most. */
const TRIES = 8;
const FACTORS = { least: 0.1, most: 4 };

/** Factors as close as this draw the same plot, for it takes whole pixels. */
const CLOSE = 1e-3;

/**
 * What plots are scaled by to fill a length and not exceed it. Axes and gaps stay as they are and plots grow with the
 * factor, so that two lengths nearly give the line; labels that appear or go away bend it a little.
 */
function fittingFactor(target: number, lengthAt: (factor: number) => number): number {
  const tried = [0.5, 1].map((factor) => ({ factor, length: lengthAt(factor) }));
  while (tried.length < TRIES) {
    const factor = nextFactor(target, tried);
    if (tried.some((each) => Math.abs(each.factor - factor) < CLOSE)) break;
    const length = lengthAt(factor);
    tried.push({ factor, length });
    if (length <= target && length > target - 1) break;
  }
  const inside = tried.filter(({ length }) => length <= target);
  if (inside.length) return inside.reduce((best, each) => (each.length > best.length ? each : best)).factor;
  return tried.reduce((best, each) => (each.length < best.length ? each : best)).factor;
}

interface Tried {
  factor: number;
  length: number;
}

/** Where the line through the two lengths nearest to the target meets it; between them in the end. */
function nextFactor(target: number, tried: readonly Tried[]): number {
  const near = [...tried].sort((a, b) => Math.abs(a.length - target) - Math.abs(b.length - target));
  const below = near.find(({ length }) => length <= target);
  const above = near.find(({ length }) => length > target);
  const [one, other] = below && above ? [below, above] : [near[0]!, near[1]!];
  const slope = (other.length - one.length) / (other.factor - one.factor);
  const isBent = below !== undefined && above !== undefined && tried.length > 4;
  const found = isBent
    ? (one.factor + other.factor) / 2
    : one.factor + (target - one.length) / (slope > 0 ? slope : 1);
  return Math.min(FACTORS.most, Math.max(FACTORS.least, found));
}

function columnsOf({ chart }: Answered, width: number): number {
  const { spec } = chart.ready;
  const room = "spec" in spec ? ROOM.cell : ROOM.plot;
  const possible = Math.max(1, Math.floor(width / room));
  return "spec" in spec ? possible : Math.min(possible, Math.max(1, beside(spec)));
}

function entriesAt(size: Size, answered: Answered, state: ChartState): Entries {
  const { vega } = arrangedAt(answered, size, state);
  if (!JSON.stringify(vega).includes('"legends":')) return new Map();
  const view = scalesIn(vega, answered);
  const entries = entriesOf(vega, view);
  view.finalize();
  return entries;
}

/** The chart's scales, without what is drawn by them: marks, axes and legends take most of a chart's time. */
function scalesIn(vega: Json, answered: Answered): View {
  return viewOf({ ...vega, marks: [], axes: [], legends: [], title: null, layout: null }, answered).run();
}

interface Outer {
  width: number;
  height: number;
}

function outerAt(size: Size, answered: Answered, state: ChartState): Outer {
  const view = viewOf(arrangedAt(answered, size, state).vega, answered).run();
  const { width, height } = outerSize(view);
  view.finalize();
  return { width, height };
}

/** The chart as an SVG of that width; wider only where its plots cannot be made narrower. */
export function drawComposed(
  answered: Answered,
  place: Place,
  state: ChartState,
): { svg: string; isWider: boolean } {
  const size = fitted(answered, place, state);
  const view = viewOf(arrangedAt(answered, size, state).vega, answered).run();
  const isWider = outerSize(view).width > place.width;
  return { svg: drawnSvg(view, place.width), isWider };
}
