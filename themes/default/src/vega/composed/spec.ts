/**
 * An author's spec, made ready to be compiled: in the units that Vega-Lite itself reduces it to (facets, layers and
 * concatenations of single views), with titles from the tables' columns, in UTC, and with a selection in every plot.
 */
import { normalize } from "vega-lite";
import { mergeConfig } from "vega-util";
import type { Column, Table } from "../../page.ts";
import { kindOf } from "../../data/columns.ts";
import { isObject, type Json } from "../channels.ts";
import { titleOfColumn } from "../chart.ts";
import { coloursTruths, tellsHours } from "../compose.ts";
import { NAMED } from "../labels.ts";
import { clicks, interval, point } from "../selects.ts";
import { config } from "../theme.ts";
import { TURNED } from "./turned.ts";
import { paramsOf } from "./params.ts";

/** Parts of a spec that the page decides, and notes of other programs. */
const OURS = ["$schema", "usermeta", "autosize", "background", "padding", "title", "config"];

export interface Ready {
  /** Units, layers, facets and concatenations only. */
  spec: Json;
  config: Json;
}

export function readySpec(written: Json, tables: Readonly<Record<string, Table>>): Ready {
  const spec = inUtc(structuredClone(written)) as Json;
  const own = isObject(written["config"]) ? structuredClone(written["config"]) : {};
  const merged = mergeConfig(config, COMPOSED, own) as Json;
  for (const key of OURS) delete spec[key];
  beforehand(spec, tables, null);
  const reduced = normalize(spec as never, merged as never) as unknown as Json;
  delete reduced["config"];
  const taken = new Set([...paramsOf(spec), ...paramsOf(reduced)].map(({ name }) => String(name)));
  const names = { next: 0, taken, tables };
  visitPlots(reduced, names, tableNameOf(reduced) ?? null);
  return { spec: reduced, config: merged };
}

/** What composed charts have otherwise: titles beside each axis, for there are headers and neighbours above. */
const COMPOSED: Json = {
  background: null,
  // Of labels that overlap every other one is left, so that those of bins stay evenly apart.
  axis: { labelOverlap: "parity", labelSeparation: 6 },
  axisY: { titleAngle: -90, titleAlign: "center", titleBaseline: "bottom", titleX: null, titleY: null },
  // At the right a title is read downwards, and stands outside of the labels.
  axisRight: { titleAngle: 90 },
  header: {
    labelColor: "var(--chart-text)",
    titleColor: "var(--chart-title)",
    labelFontSize: 12,
    titleFontSize: 12,
  },
  title: { color: "var(--chart-title)", anchor: "start", fontSize: 13, fontWeight: 550, offset: 12 },
  facet: { spacing: 16 },
  concat: { spacing: 28 },
  // Vega-Lite's own defaults, which it only knows while it compiles.
  boxplot: {
    size: 14,
    extent: 1.5,
    box: {},
    median: { color: "var(--page-background)" },
    outliers: {},
    rule: {},
    ticks: null,
  },
  errorbar: { center: "mean", rule: true, ticks: false },
  errorband: { band: { opacity: 0.3 }, borders: false },
  style: {},
  mark: { tooltip: true },
};

/** Times are UTC at build and live, so that a chart says the same everywhere. */
function inUtc(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inUtc);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "values" || key === "datasets" ? item : key === "timeUnit" ? utcUnit(item) : inUtc(item),
    ]),
  );
}

function utcUnit(written: unknown): unknown {
  if (isObject(written))
    return { ...written, ...("unit" in written ? { unit: utcUnit(written["unit"]) } : {}) };
  if (typeof written !== "string") return written;
  const [, binned, unit] = /^(binned)?(?:utc)?(.*)$/.exec(written)!;
  return `${binned ?? ""}utc${unit}`;
}

/** What must be written before views of several marks (boxes, repeats) are taken apart. */
function beforehand(spec: Json, tables: Readonly<Record<string, Table>>, outer: string | null): void {
  const data = tableNameOf(spec) ?? (isObject(spec["data"]) ? null : outer);
  for (const key of [...CONCATENATIONS, "layer"])
    if (Array.isArray(spec[key])) for (const child of spec[key] as Json[]) beforehand(child, tables, data);
  if (CONCATENATIONS.some((key) => key in spec)) spec["resolve"] = ownLegends(spec["resolve"]);
  if (isObject(spec["spec"])) beforehand(spec["spec"], tables, data);
  if (isObject(spec["encoding"])) readyEncoding(spec["encoding"], tables[data ?? ""]);
}

/** A legend stands above the plot that it explains. */
function ownLegends(written: unknown): Json {
  const resolve = isObject(written) ? written : {};
  const legends = Object.fromEntries(LEGENDS.map((channel) => [channel, "independent"]));
  return { ...resolve, legend: { ...legends, ...(isObject(resolve["legend"]) ? resolve["legend"] : {}) } };
}

interface Names {
  next: number;
  /** The author's own. */
  taken: ReadonlySet<string>;
  tables: Readonly<Record<string, Table>>;
}

const GUIDES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["color", "fill", "stroke", "shape"].map((channel) => [channel, "legend"])),
  ...Object.fromEntries(["facet", "row", "column"].map((channel) => [channel, "header"])),
};
const LEGENDS = ["color", "fill", "stroke", "shape", "size", "opacity"];
const CONCATENATIONS = ["concat", "hconcat", "vconcat"];

/** The data's name of a spec. */
export function tableNameOf(spec: Json): string | undefined {
  const data = spec["data"];
  return isObject(data) && typeof data["name"] === "string" ? data["name"] : undefined;
}

/** Goes through the plots: places of their own, each with one selection or more. */
function visitPlots(spec: Json, names: Names, outer: string | null): void {
  const data = tableNameOf(spec) ?? (isObject(spec["data"]) ? null : outer);
  for (const child of placesIn(spec)) visitPlots(child, names, data);
  if (isObject(spec["facet"])) titleFacets(spec["facet"], names.tables[data ?? ""]);
  if (Array.isArray(spec["layer"]) || "mark" in spec) readyPlot(spec, names, data);
}

/** The views that a spec gives places of their own. */
function placesIn(spec: Json): Json[] {
  const beside = CONCATENATIONS.flatMap((key) => (Array.isArray(spec[key]) ? (spec[key] as Json[]) : []));
  return isObject(spec["spec"]) ? [...beside, spec["spec"]] : beside;
}

function readyPlot(spec: Json, names: Names, data: string | null): void {
  const units = unitsOf(spec);
  for (const unit of units) readyUnit(unit, names, data);
  for (const param of units.flatMap(selections)) readySelection(param);
  if (!units.some((unit) => selections(unit).length)) addSelection(units, names);
}

/** The single views of a plot: itself, or its layers. */
function unitsOf(spec: Json): Json[] {
  if (!Array.isArray(spec["layer"])) return [spec];
  return (spec["layer"] as Json[]).flatMap(unitsOf);
}

function selections(unit: Json): Json[] {
  const params = Array.isArray(unit["params"]) ? (unit["params"] as Json[]) : [];
  return params.filter((param) => "select" in param);
}

/** An author's marks are chosen as all are, unless the author says how. */
function readySelection(param: Json): void {
  const written = isObject(param["select"]) ? param["select"] : { type: param["select"] };
  const isOwn = ["on", "toggle", "clear", "nearest"].some((key) => key in written) || "bind" in param;
  if (written["type"] === "point" && !isOwn)
    param["select"] = { ...written, ...clicks(String(param["name"])) };
}

function readyUnit(unit: Json, names: Names, outer: string | null): void {
  const table = names.tables[tableNameOf(unit) ?? outer ?? ""];
  const encoding = isObject(unit["encoding"]) ? unit["encoding"] : {};
  readyEncoding(encoding, table);
  unit["mark"] = readyMark(unit["mark"], encoding);
}

function readyEncoding(encoding: Json, table: Table | undefined): void {
  for (const [channel, definition] of Object.entries(encoding)) {
    if (!isObject(definition)) continue;
    readyChannel(channel, definition, table);
    if (isObject(definition["condition"])) readyChannel(channel, definition["condition"], table);
  }
}

/** Points are discs unless the author wants them hollow: a ring hides what is under it. */
function readyMark(mark: unknown, encoding: Json): unknown {
  const written = isObject(mark) ? mark : { type: mark };
  const isPlain =
    written["type"] === "point" && !["fill", "stroke", "shape"].some((name) => name in encoding);
  return isPlain && !("filled" in written) && !("shape" in written) ? { ...written, filled: true } : written;
}

const UNTITLED = new Set(["tooltip", "order", "detail", "key", "href", "url", "description"]);

function readyChannel(channel: string, definition: Json, table: Table | undefined): void {
  const column = table?.columns.find(({ name }) => name === fieldName(definition["field"]));
  const operation = typeof definition["aggregate"] === "string" ? definition["aggregate"] : null;
  if (channel === "x" || channel === "y") placeInUtc(definition);
  if (!UNTITLED.has(channel)) title(channel, definition, column, operation, table);
  if (isOfNames(definition)) readyNames(definition, channel, column);
  if (operation === "mean" && column && kindOf(column) === "boolean") asShare(definition, channel);
}

function placeInUtc(definition: Json): void {
  if (definition["type"] === "temporal" && definition["scale"] === undefined)
    definition["scale"] = { type: "utc" };
}

/** Vega-Lite writes a name with a point as `a\.b`. */
export function fieldName(field: unknown): string {
  return typeof field === "string" ? field.replace(/\\(.)/g, "$1") : "";
}

function title(
  channel: string,
  definition: Json,
  column: Column | undefined,
  operation: string | null,
  table: Table | undefined,
): void {
  const guides = ["axis", "legend", "header"].map((key) => definition[key]);
  if ("title" in definition || guides.some((guide) => isObject(guide) && "title" in guide)) return;
  if (column && (operation === null || operation !== "count"))
    definition["title"] = titleOfColumn(column, operation) + zoneOf(channel, definition, column);
  else if (operation === "count" && table) definition["title"] = titleOfColumn(null, "count", table);
}

/** The zone of an axis that tells parts of days, as single charts name it. */
function zoneOf(channel: string, { timeUnit, type }: Json, column: Column): string {
  const unit = isObject(timeUnit) ? timeUnit["unit"] : timeUnit;
  const isAxis = (channel === "x" || channel === "y") && (type === undefined || type === "temporal");
  const isMoment = column.type === "timestamp" && !column.unit;
  return isAxis && isMoment && typeof unit === "string" && tellsHours(unit) ? " (UTC)" : "";
}

function isOfNames(definition: Json): boolean {
  if (!definition["field"] || "aggregate" in definition) return false;
  return "timeUnit" in definition
    ? ["nominal", "ordinal"].includes(String(definition["type"]))
    : !isContinuous(definition);
}

function readyNames(definition: Json, channel: string, column: Column | undefined): void {
  nameMissing(definition, channel);
  if (column && coloursTruths(channel, column)) fixTruths(definition, column);
}

/** Rows without a value have a place among names: it is told what they are. Names below a plot lie where there is room. */
function nameMissing(definition: Json, channel: string): void {
  const key = channel === "x" || channel === "y" ? "axis" : GUIDES[channel];
  if (key === undefined || definition[key] === null) return;
  const written = isObject(definition[key]) ? definition[key] : {};
  const turned = channel === "x" && !("timeUnit" in definition) ? { labelAngle: { expr: TURNED } } : {};
  definition[key] = { labelExpr: NAMED, ...turned, ...written };
}

/** True and false have the colours that they have in single charts, unless the author gives them others. */
function fixTruths(definition: Json, { nullable }: Column): void {
  if (definition["scale"] === null) return;
  const written = isObject(definition["scale"]) ? definition["scale"] : {};
  definition["scale"] = { domain: nullable ? [true, false, null] : [true, false], ...written };
}

/** The mean of a truth value is a share. */
function asShare(definition: Json, channel: string): void {
  const key = channel === "x" || channel === "y" ? "axis" : "legend";
  if (definition[key] === null) return;
  definition[key] = { format: ".0%", ...(isObject(definition[key]) ? definition[key] : {}) };
}

function titleFacets(facet: Json, table: Table | undefined): void {
  const parts = "field" in facet ? [facet] : [facet["row"], facet["column"]];
  for (const part of parts) if (isObject(part)) readyChannel("facet", part, table);
}

/** The first view of a plot that something can be selected in gets a selection, so that every plot filters. */
function addSelection(units: readonly Json[], names: Names): void {
  while (names.taken.has(`select_${names.next}`)) names.next++;
  for (const unit of units) {
    const name = `select_${names.next}`;
    const select = selectionFor(unit, name);
    if (!select) continue;
    const others = Array.isArray(unit["params"]) ? (unit["params"] as Json[]) : [];
    unit["params"] = [...others, { name, select }];
    if (select["type"] === "point") dimOthers(unit, name);
    names.next++;
    return;
  }
}

const UNDIMMED = ["line", "trail", "area"];

/** Marks beside the chosen ones step back, as in single charts, unless the author says how opaque marks are. */
function dimOthers(unit: Json, param: string): void {
  const encoding = isObject(unit["encoding"]) ? unit["encoding"] : {};
  const mark = isObject(unit["mark"]) ? unit["mark"] : { type: unit["mark"] };
  if ("opacity" in encoding || "opacity" in mark || UNDIMMED.includes(String(mark["type"]))) return;
  unit["encoding"] = { ...encoding, opacity: { condition: { param, value: 1 }, value: 0.35 } };
}

const SECTORS = ["color", "fill", "stroke", "shape", "theta"];

function selectionFor(unit: Json, name: string): Json | null {
  const encoding = isObject(unit["encoding"]) ? unit["encoding"] : {};
  const shown = ["x", "y"].filter((channel) => isGrouping(encoding[channel]));
  const continuous = shown.filter((channel) => isContinuous(encoding[channel] as Json));
  if (continuous.length && continuous.length === shown.length) return interval(continuous);
  const discrete = shown.filter((channel) => !continuous.includes(channel));
  if (discrete.length) return point(name, discrete);
  const legends = SECTORS.filter(
    (channel) => isGrouping(encoding[channel]) && !isContinuous(encoding[channel] as Json),
  );
  return legends.length ? point(name, legends) : null;
}

function isGrouping(definition: unknown): boolean {
  return isObject(definition) && typeof definition["field"] === "string" && !("aggregate" in definition);
}

export function isContinuous(definition: Json): boolean {
  const type = definition["type"];
  if (type !== undefined) return type === "quantitative" || type === "temporal";
  return "timeUnit" in definition || definition["bin"] === true || isObject(definition["bin"]);
}
