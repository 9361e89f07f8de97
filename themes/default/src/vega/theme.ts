/**
 * Vega's configuration: type, colours and spacing of every chart. Colours are CSS variables, so one drawing serves
 * light and dark; where pixels are wanted (canvas, rasters) `resolve` turns them into colours.
 */
import { FONT } from "./font.ts";
import { rampStep } from "../ramp.ts";
import { scheme } from "vega";
import type { Json } from "./channels.ts";
import { vegaLocale } from "./locale.ts";

export const CATEGORIES = 10;

/** The colour scheme `ramp`: darker is more on light, brighter is more on dark. */
scheme("ramp", (t: number) => `var(--ramp-${rampStep(t)})`);

export const FONT_SIZE = 12;

const variable = (name: string): string => `var(--chart-${name})`;

export const categories = Array.from({ length: CATEGORIES }, (_, index) => variable(String(index + 1)));

const axis = {
  domainColor: variable("axis"),
  tickColor: variable("axis"),
  gridColor: variable("grid"),
  labelColor: variable("text"),
  titleColor: variable("title"),
  labelFont: FONT,
  titleFont: FONT,
  labelFontSize: FONT_SIZE,
  titleFontSize: FONT_SIZE,
  titleFontWeight: 550,
  labelFontWeight: 400,
  labelLimit: 132,
  labelPadding: 6,
  tickSize: 4,
  titlePadding: 8,
  labelOverlap: "greedy",
};

export const config: Json = {
  ...vegaLocale(),
  background: null,
  font: FONT,
  view: { stroke: null },
  aria: false,
  axis,
  axisX: { grid: false, labelSeparation: 6, tickCount: { expr: "max(2, ceil(width / 90))" } },
  axisY: {
    grid: true,
    domain: false,
    ticks: false,
    titleAngle: 0,
    titleAlign: "left",
    titleBaseline: "bottom",
    titleX: 0,
    titleY: -8,
    tickCount: { expr: "max(2, ceil(height / 50))" },
  },
  axisBand: { grid: false, ticks: false, domain: false },
  legend: {
    orient: "top",
    direction: "horizontal",
    labelColor: variable("text"),
    titleColor: variable("title"),
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: 550,
    labelLimit: 132,
    symbolSize: 64,
    symbolType: "circle",
    gradientLength: 140,
    gradientThickness: 8,
    titleOrient: "left",
    titlePadding: 8,
    offset: 30,
    rowPadding: 4,
  },
  range: {
    category: categories,
    ordinal: { scheme: "ramp" },
    ramp: { scheme: "ramp" },
    heatmap: { scheme: "ramp" },
  },
  mark: { color: variable("1") },
  // Days over centuries would be bars narrower than anything that a screen can show.
  bar: { fill: variable("1"), minBandSize: 1 },
  rect: { fill: variable("1") },
  line: { stroke: variable("1"), strokeWidth: 2 },
  area: { fill: variable("1"), fillOpacity: 0.8 },
  point: { size: 24, opacity: 0.85 },
  circle: { fill: variable("1"), size: 24 },
  square: { fill: variable("1"), size: 24 },
  tick: { fill: variable("title") },
  rule: { stroke: variable("title") },
  text: { fill: variable("text"), font: FONT, fontSize: FONT_SIZE },
};

/** Powers of ten, each with a tick of its own where a legend's scale is symlog: Vega's are as far apart as a linear one's. */
export const SYMLOG_TICKS = [0, ...Array.from({ length: 13 }, (_, power) => 10 ** power)];

/** Replaces `var(--name)` by what `resolve` says of it, all through a spec. */
function resolveColours(value: unknown, resolve: (name: string) => string): unknown {
  if (typeof value === "string")
    return value.replace(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => resolve(name));
  if (Array.isArray(value)) return value.map((item) => resolveColours(item, resolve));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveColours(item, resolve)]));
}

/** Defines the scheme `ramp-now`: the ramp in the colours of the theme that is on. */
function resolveRamp(resolve: (name: string) => string): void {
  scheme("ramp-now", (t: number) => resolve(`--ramp-${rampStep(t)}`));
}

/** A compiled chart for canvas. */
export function canvasVega(vega: Json, resolve: (name: string) => string): Json {
  resolveRamp(resolve);
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      key === "scheme" && item === "ramp" ? "ramp-now" : named(item),
    ]);
    return Object.fromEntries(entries) as unknown;
  };
  return resolveColours(named(vega), resolve) as Json;
}

/** A spec for canvas: colours instead of variables, the ramp's included. */
export function canvasColours(spec: Json, resolve: (name: string) => string): Json {
  resolveRamp(resolve);
  const resolved = resolveColours(spec, resolve) as Json & { config: Json };
  const ramp = { scheme: "ramp-now" };
  const range = { ...(resolved.config["range"] as Json), ordinal: ramp, ramp, heatmap: ramp };
  return { ...resolved, config: { ...resolved.config, range } };
}
