/** How large a chart is drawn: width by its place on the 12-column grid, height by what it shows. */
import type { Chart, Domains } from "./chart.ts";
import { FEW } from "./axis-titles.ts";
import { isDiscrete } from "./chart.ts";

/** Width of the page's grid and its gap, in px; styles/layout.css says the same. */
export const GRID = { width: 1120, gap: 24, columns: 12 };

/** Width of the one column a phone shows. */
export const PHONE = 328;

/** The two widths drawn at build: in its grid place, and on a phone. */
export function staticWidths(columns: number): { wide: number; narrow: number } {
  const column = (GRID.width - GRID.gap * (GRID.columns - 1)) / GRID.columns;
  return { wide: Math.floor(columns * column + (columns - 1) * GRID.gap), narrow: PHONE };
}

/** Width of a sheet of A4 between its margins, in px; a tablet held upright has little more. */
export const SHEET = 672;

/** What is as wide as the page on a sheet, in columns: styles/layout.css sets all that is narrower in pairs there. */
const WIDEST = 9;

/** A drawing of the build: how wide, in px, and by what class the styles show it where it fits. */
export interface Place {
  width: number;
  names: "chart-wide" | "chart-narrow" | "chart-middle" | "chart-wide chart-narrow";
}

/**
 * The widths drawn at build, the widest first. The whole width of the page has one more, between the two: on paper the
 * widest drawing would have labels of 5 pt, and a phone's would leave half the sheet empty.
 */
export function staticPlaces(columns: number): Place[] {
  const { wide, narrow } = staticWidths(columns);
  if (wide === narrow) return [{ width: wide, names: "chart-wide chart-narrow" }];
  const two: Place[] = [
    { width: wide, names: "chart-wide" },
    { width: narrow, names: "chart-narrow" },
  ];
  return columns < WIDEST ? two : [...two, { width: SHEET, names: "chart-middle" }];
}

const STEP = { bar: 24, rect: 30 };
const AXES = 48;

/** Discrete rows take a step each; everything else has one of a few heights, so that neighbours align. */
export function sizeOf(
  chart: Chart,
  domains: Domains,
  width: number,
  written: number | null,
): { width: number; height: number } {
  const y = chart.dimensions.find((channel) => channel.name === "y" && isDiscrete(channel));
  const names = y ? domains.values["y"]!.shown.length : 0;
  const fromSpec = written ?? chart.spec["height"];
  if (typeof fromSpec === "number") return { width, height: Math.max(fromSpec, leastHeight(names)) };
  if (!y) return { width, height: chart.raw && chart.mark !== "line" ? 400 : 240 };
  const step = chart.mark === "rect" ? STEP.rect : STEP.bar;
  return { width, height: Math.min(1600, Math.max(160, names * step + AXES)) };
}

/** The height, in px, at which none of so few names is left out, whatever the author wrote. */
export function leastHeight(names: number): number {
  return names > 0 ? Math.min(names, FEW) * LINE + AROUND : 0;
}

/** Px from one name to the next, and what stands above and below them. */
const LINE = 14;
const AROUND = 72;
