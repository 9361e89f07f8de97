/** Drawing an arranged chart: Vega's dataflow with the answered rows in it, at a width that all plots fill together. */
import { parse, View, type Runtime } from "vega";
import { randomLCG, setRandom } from "vega-statistics";
import { drawnSvg, noLoader, outerSize } from "../draw.ts";
import { expressions } from "../evaluate.ts";
import { measureText } from "../metrics.ts";
import type { Json } from "../channels.ts";
import { arrangedAt, type Answered, type Row } from "./chart.ts";
import { FILTERED } from "./marks.ts";
import { beside, isComposition, type Size } from "./sizes.ts";
import type { ChartState } from "./state.ts";

/** Confidence intervals by bootstrap and samples draw lots: the same ones at every build. */
const SEED = 7;

export function runtimeOf(vega: Json): Runtime {
  measureText();
  return parse(vega as never, undefined, { ast: true });
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

/** The sizes at which the chart as a whole is as wide as `width`. */
export function fitted(answered: Answered, width: number, height: number | null, state: ChartState): Size {
  const { spec } = answered.chart.ready;
  const plain = { width, height, columns: null, factor: 1 };
  if (!isComposition(spec)) return plain;
  const columns = columnsOf(answered, width);
  const at = (factor: number): number => widthAt({ ...plain, columns, factor }, answered, state);
  const [small, large] = [at(0.5), at(1)];
  // Axes and gaps stay as they are, and plots grow with the factor: two widths give the line.
  const factor = 0.5 + (0.5 * (width - small)) / Math.max(1, large - small);
  return { ...plain, columns, factor: Math.min(4, Math.max(0.1, factor)) };
}

function columnsOf({ chart }: Answered, width: number): number {
  const { spec } = chart.ready;
  const room = "spec" in spec ? ROOM.cell : ROOM.plot;
  const possible = Math.max(1, Math.floor(width / room));
  return "spec" in spec ? possible : Math.min(possible, Math.max(1, beside(spec)));
}

function widthAt(size: Size, answered: Answered, state: ChartState): number {
  const view = viewOf(arrangedAt(answered, size, state).vega, answered).run();
  const { width } = outerSize(view);
  view.finalize();
  return width;
}

/** The chart as an SVG of that width. */
export function drawComposed(
  answered: Answered,
  width: number,
  height: number | null,
  state: ChartState,
): string {
  const size = fitted(answered, width, height, state);
  return drawnSvg(viewOf(arrangedAt(answered, size, state).vega, answered).run());
}
