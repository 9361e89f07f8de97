/**
 * Points of two numbers that are too many to be drawn one by one: the chart counts them in cells instead, in SQL, as the
 * scatter view does far out. Nothing is left out, and brushes, axes and the grey whole are those of any binned chart. On
 * logarithmic axes cells are equally wide on the axis. What points are coloured by becomes the mean of a cell, or the name
 * that is most frequent in it, and the legend says so.
 */
import { inSentence, kindOf } from "../data/columns.ts";
import type { Table } from "../page.ts";
import { isObject, type Channel, type Json } from "./channels.ts";
import { chartOf, isDiscrete, MOST_POINTS, readChart, titleOfChannel, type Chart } from "./chart.ts";
import { say } from "../words.ts";

const POINTS: readonly string[] = ["point", "circle", "square", "tick"];
const COLOURS: readonly string[] = ["color", "fill"];

/** Cells at most along each axis: a drawing of no more elements than a page holds as SVG. */
const MOST_CELLS = { x: 40, y: 25 };

/** The chart that counts; null where the points can be drawn, or say more than their place and their colour. */
export function densityChart(written: Chart, table: Table): Chart | null {
  const { mark, raw, channels, spec } = written;
  const isMany = table.rows > MOST_POINTS && table.member === null;
  if (!isMany || !raw || !POINTS.includes(mark)) return null;
  const [x, y] = ["x", "y"].map((name) => channels.find((channel) => channel.name === name));
  const others = channels.filter((channel) => channel !== x && channel !== y);
  const colour = colourOf(others, table);
  if (!x || !y || !scaleOf(x) || !scaleOf(y) || !colour) return null;
  const binned = ({ name, written: definition }: Channel): Json => ({
    ...definition,
    bin: { maxbins: name === "x" ? MOST_CELLS.x : MOST_CELLS.y },
  });
  const encoding = { x: binned(x), y: binned(y), ...colour };
  const cells = readChart({ ...spec, mark: "rect", encoding }, table);
  const placed = cells.channels.map((channel) =>
    scaleOf(channel) === "log" ? { ...channel, bin: { ...channel.bin, isScaled: true } } : channel,
  );
  return { ...chartOf(cells.spec, cells, placed), raw: false, isDominant: others.some(isDiscrete) };
}

/** What the colour of a cell says; null where the points say more than a colour can. */
function colourOf(others: readonly Channel[], table: Table): Record<string, Json> | null {
  const [colour, ...more] = others;
  if (!colour) return { color: { aggregate: "count", type: "quantitative" } };
  if (more.length || !COLOURS.includes(colour.name)) return null;
  const { name, written } = colour;
  if (isDiscrete(colour))
    return {
      [name]: { ...written, ...titled(colour, table, (column) => say("Most frequent {column}", { column })) },
    };
  if (scaleOf(colour) !== "linear") return null;
  const isTitled = typeof written["title"] === "string";
  return {
    [name]: {
      ...written,
      ...(isTitled ? titled(colour, table, (column) => say("Mean of {column}", { column })) : {}),
      aggregate: "mean",
    },
  };
}

/** A title that says what a cell shows of the column; one that the author took away stays away. */
function titled(colour: Channel, table: Table, said: (column: string) => string): Json {
  if (colour.written["title"] === null) return {};
  return { title: said(inSentence(titleOfChannel(colour, table))) };
}

/** The scale of a number on which cells can be equally wide: equal steps of values, or of their logarithm; else null. */
function scaleOf({ type, column, written }: Channel): "linear" | "log" | null {
  const scale = isObject(written["scale"]) ? written["scale"] : {};
  if (type !== "quantitative" || column === null || kindOf(column) !== "number") return null;
  if (["linear", undefined].includes(scale["type"] as string | undefined)) return "linear";
  const isLog =
    scale["type"] === "log" ||
    (scale["type"] === "symlog" && [1, undefined].includes(scale["constant"] as number));
  return isLog ? "log" : null;
}
