/**
 * Points of two numbers that are too many to be drawn one by one: the chart counts them in cells instead, in SQL, as the
 * scatter view does far out. Nothing is left out, and brushes, axes and the grey whole are those of any binned chart.
 */
import { kindOf } from "../data/columns.ts";
import type { Table } from "../page.ts";
import { isObject, type Channel, type Json } from "./channels.ts";
import { MOST_POINTS, type Chart } from "./chart.ts";

const POINTS: readonly string[] = ["point", "circle", "square", "tick"];

/** Cells at most along each axis: a drawing of no more elements than a page holds as SVG. */
const MOST_CELLS = { x: 40, y: 25 };

/** The spec that counts; null where the points can be drawn, or say more than where they lie. */
export function densitySpec({ mark, raw, channels, spec }: Chart, table: Table): Json | null {
  const isMany = table.rows > MOST_POINTS && table.member === null;
  if (!isMany || !raw || !POINTS.includes(mark) || channels.length !== 2) return null;
  const [x, y] = ["x", "y"].map((name) => channels.find((channel) => channel.name === name));
  if (!x || !y || ![x, y].every(isEven)) return null;
  const binned = ({ written }: Channel, maxbins: number): Json => ({ ...written, bin: { maxbins } });
  return {
    ...spec,
    mark: "rect",
    encoding: {
      x: binned(x, MOST_CELLS.x),
      y: binned(y, MOST_CELLS.y),
      color: { aggregate: "count", type: "quantitative" },
    },
  };
}

/** Numbers on a scale on which equal steps are equally long, as those of cells are. */
function isEven({ kind, type, column, written }: Channel): boolean {
  const scale = isObject(written["scale"]) ? written["scale"] : {};
  return (
    kind === "raw" &&
    type === "quantitative" &&
    column !== null &&
    kindOf(column) === "number" &&
    ["linear", undefined].includes(scale["type"] as string | undefined)
  );
}
