/** How large the plots of a composed chart are: together they fill the width that the page gives them. */
import { isObject, type Json } from "../channels.ts";
import type { Entries } from "./legends.ts";
import { isContinuous } from "./spec.ts";
import { withSelected, type ChartState } from "./state.ts";

export interface Size {
  /** Width of the whole, in px. */
  width: number;
  /** Height of a chart of one plot, where the page gives it. */
  height: number | null;
  /** What names beside its plot take, in px; null where it stands as high as it is. */
  names?: number | null;
  /** Plots beside each other; null for as many as the author wrote. */
  columns: number | null;
  /** What plots beside each other are scaled by from the widths that the author wrote. */
  factor: number;
  /** The same for their heights: 1, but where the page holds a height free for them. */
  tall: number;
  /** Room that the entries of legends need, where that is known. */
  entries?: Entries;
}

/** Vega-Lite's own sizes of a plot, where nothing is written. */
const PLOT = { width: 300, height: 240, cell: 200 };
const STEP = 22;

/** The spec at a size, with what is selected. */
export function sized(spec: Json, size: Size, state: ChartState): Json {
  const copy = withSelected(structuredClone(spec), state);
  if (isComposition(copy)) return plotsOf(copy, size, PLOT.width);
  return {
    ...copy,
    width: size.width,
    height: size.height ?? heightOf(copy, PLOT.height),
    autosize: { type: "fit", contains: "padding" },
    padding: PADDING,
  };
}

/** Above the plot there is room for half of the uppermost label. */
const PADDING = { left: 2, right: 4, top: 8, bottom: 4 };

/** Whether a chart is of several plots, which Vega cannot fit into a width by itself. */
export function isComposition(spec: Json): boolean {
  return ["concat", "hconcat", "vconcat", "spec"].some((key) => key in spec);
}

function plotsOf(spec: Json, size: Size, width: number): Json {
  return { ...plots(spec, size, width), padding: PADDING };
}

function plots(spec: Json, size: Size, width: number): Json {
  if (isObject(spec["spec"])) return { ...wrapped(spec, size), spec: plots(spec["spec"], size, PLOT.cell) };
  for (const key of ["concat", "hconcat", "vconcat"]) {
    if (!Array.isArray(spec[key])) continue;
    const children = (spec[key] as Json[]).map((child) => plots(child, size, width));
    return placed({ ...spec, [key]: children }, key, size);
  }
  return plot(spec, size, width);
}

/** Side by side as far as there is room, else below each other. */
function placed(spec: Json, key: string, { columns }: Size): Json {
  if (columns === null || key === "vconcat") return spec;
  const { [key]: children, ...rest } = spec;
  const most = typeof spec["columns"] === "number" ? spec["columns"] : (children as Json[]).length;
  return { ...rest, concat: children, columns: Math.min(most, columns) };
}

/**
 * Cells in a row break into lines where there is no room for them all. Columns alone are such a row from the beginning:
 * the data sets of one are called otherwise than those of the other, and are answered once for every width.
 */
function wrapped(spec: Json, { columns }: Size): Json {
  const facet = spec["facet"];
  if (!isObject(facet)) return spec;
  const isRow = !("field" in facet) && !("row" in facet) && isObject(facet["column"]);
  const row = isRow ? { ...spec, facet: facet["column"] } : spec;
  if (columns === null || !("field" in (row["facet"] as Json))) return row;
  return {
    ...row,
    columns: Math.min(columns, Number(isRow ? columns : (spec["columns"] ?? columns)) || columns),
  };
}

/** The least that a plot is wide and high, in px. */
const LEAST = 24;

function plot(spec: Json, { factor, tall }: Size, usual: number): Json {
  const written = typeof spec["width"] === "number" ? spec["width"] : usual;
  return {
    ...spec,
    width: Math.max(LEAST, wholePixels(written * factor)),
    height: scaled(heightOf(spec, usual === PLOT.cell ? 160 : PLOT.height), tall),
  };
}

/** Down, so that plots side by side never exceed their place; a factor of one changes nothing. */
function wholePixels(length: number): number {
  return Math.floor(length + 1e-6);
}

function scaled(height: unknown, tall: number): unknown {
  if (typeof height === "number") return Math.max(LEAST, wholePixels(height * tall));
  const { step } = height as Json;
  return typeof step === "number" ? { ...(height as Json), step: step * tall } : height;
}

/** Rows of names take a step each; everything else has the height written, or the usual one. */
function heightOf(spec: Json, usual: number): unknown {
  const written = spec["height"];
  if (typeof written === "number" || isObject(written)) return written;
  const y = encodingOf(spec)["y"];
  return isObject(y) && "field" in y && !("aggregate" in y) && !isContinuous(y) ? { step: STEP } : usual;
}

function encodingOf(spec: Json): Json {
  if (isObject(spec["encoding"]) && "y" in spec["encoding"]) return spec["encoding"];
  const layers = Array.isArray(spec["layer"]) ? (spec["layer"] as Json[]) : [];
  return layers.map(encodingOf).find((encoding) => "y" in encoding) ?? {};
}

/** How many plots stand beside each other at most, as the author wrote them. */
export function beside(spec: Json): number {
  for (const key of ["hconcat", "concat"]) {
    if (!Array.isArray(spec[key])) continue;
    const inner = (spec[key] as Json[]).map(beside);
    const columns = key === "concat" && typeof spec["columns"] === "number" ? spec["columns"] : inner.length;
    return Math.min(columns, inner.length) * Math.max(1, ...inner);
  }
  if (Array.isArray(spec["vconcat"])) return Math.max(1, ...(spec["vconcat"] as Json[]).map(beside));
  return 1;
}
