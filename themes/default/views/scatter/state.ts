/** What the reader changed, as it stands in the link: the window, the colour, the tool, and what is selected. */
import { kindOf } from "../../src/data/columns.ts";
import type { Column } from "../../src/page.ts";
import type { Selected } from "../../src/selected.ts";
import type { ViewState } from "../../src/view.ts";
import { isBounds, type Bounds } from "./bounds.ts";
import type { Options } from "./options.ts";
import { MOST_REGIONS, MOST_VERTICES, TOTAL_VERTICES } from "./regions.ts";
import { formatTimeRange } from "../../src/values.ts";
import { say, sayCount, sayNumber } from "../../src/words.ts";

/** What a drag does. */
export type Mode = (typeof MODES)[number];
export const MODES = ["box", "lasso", "pan"] as const;
/** Before the reader chooses. */
export const FIRST_MODE: Mode = "box";

export interface ScatterState {
  /** What is looked at; the whole without it. */
  window?: Bounds;
  /** The colour that the reader chose: a column's name, or an empty text for none. */
  color?: string;
  /** The tool in hand; the first one without it. */
  mode?: Mode;
  boxes?: readonly Bounds[];
  /** Each a closed polygon: x, y, x, y, … */
  lassos?: readonly (readonly number[])[];
  ids?: readonly (string | number)[];
  /** Values of the colour that the reader picked in the legend. */
  categories?: readonly unknown[];
  /** Whether the values that share the last colour are picked too. */
  other?: true;
}

/** Points that can be picked one by one. */
export const MOST_IDS = 200;

/** Reads a state that may come from a link: what does not fit is left out. */
export function readState(options: Options, state: ViewState | null): ScatterState {
  const written = state ?? {};
  const color = readColor(options, written["color"]);
  const column = columnOf(options, { ...(color === undefined ? {} : { color }) });
  return compact({
    window: isBounds(written["window"]) ? written["window"] : undefined,
    color,
    mode: MODES.find((mode) => mode === written["mode"] && mode !== FIRST_MODE),
    boxes: listOf(written["boxes"], isBounds).slice(0, MOST_REGIONS),
    lassos: readLassos(written["lassos"]),
    ids: options.id ? listOf(written["ids"], fits(options.id)).slice(0, MOST_IDS) : [],
    categories: column ? listOf(written["categories"], fitsOrNull(column)) : [],
    other: column && written["other"] === true ? true : undefined,
  });
}

function readColor(options: Options, value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const isKnown = value === "" || options.choices.some((column) => column.name === value);
  return isKnown && value !== (options.color?.name ?? "") ? value : undefined;
}

/** The column that colours points now. */
export function columnOf(options: Options, { color }: Pick<ScatterState, "color">): Column | null {
  if (color === undefined) return options.color;
  return options.choices.find((column) => column.name === color) ?? null;
}

function readLassos(value: unknown): number[][] {
  const lassos = listOf(value, isLasso).slice(0, MOST_REGIONS);
  let left = TOTAL_VERTICES;
  return lassos.filter((lasso) => (left -= lasso.length / 2) >= 0);
}

function isLasso(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length % 2 === 0 &&
    value.length >= 6 &&
    value.length <= MOST_VERTICES * 2 &&
    value.every((each) => Number.isFinite(each))
  );
}

function listOf<T>(value: unknown, isOne: (each: unknown) => each is T): T[] {
  return Array.isArray(value) ? value.filter(isOne) : [];
}

/** The database stops at a text among numbers. */
function fits(column: Column): (value: unknown) => value is string | number {
  const isText = kindOf(column) === "text";
  return (value): value is string | number => (isText ? typeof value === "string" : Number.isFinite(value));
}

function fitsOrNull(column: Column): (value: unknown) => value is unknown {
  const fitting = fits(column);
  const isFlag = kindOf(column) === "boolean";
  return (value): value is unknown =>
    value === null || (isFlag ? typeof value === "boolean" : fitting(value));
}

/** Leaves out what is as at the start, so that the link stays short. */
export function compact(state: { [Key in keyof ScatterState]: ScatterState[Key] | undefined }): ScatterState {
  const isSaid = (value: unknown): boolean =>
    value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(state).filter(([, value]) => isSaid(value))) as ScatterState;
}

export function hasRegions(state: ScatterState): boolean {
  return Boolean(state.boxes ?? state.lassos ?? state.ids);
}

export function hasCategories(state: ScatterState): boolean {
  return Boolean(state.categories ?? state.other);
}

/** The selection in words: a box by its two ranges, anything else by what was drawn. */
export function selected(options: Options, state: ScatterState): Selected[] {
  return [...selectedPlaces(options, state), ...selectedCategories(options, state)];
}

function selectedPlaces(options: Options, { boxes = [], lassos = [], ids = [] }: ScatterState): Selected[] {
  const areas = boxes.length + lassos.length;
  if (areas === 0) return ids.length ? [{ column: options.id!.name, values: ids }] : [];
  const [box] = boxes;
  if (areas === 1 && box && ids.length === 0)
    return [
      { column: options.x.name, range: inWords(options.x, box[0], box[1]) },
      { column: options.y.name, range: inWords(options.y, box[2], box[3]) },
    ];
  const picked = ids.length ? [say("{ids} picked", { ids: ids.length })] : [];
  return [{ column: say("place"), values: [areasInWords(areas), ...picked] }];
}

function areasInWords(areas: number): string {
  return sayCount(areas, "inside a drawn area", "inside {areas} drawn areas", { areas });
}

function selectedCategories(options: Options, state: ScatterState): Selected[] {
  const column = columnOf(options, state);
  if (!column || !hasCategories(state)) return [];
  return [
    {
      column: column.name,
      values: [...(state.categories ?? []), ...(state.other ? [say("another value")] : [])],
    },
  ];
}

function inWords(column: Column, low: number, high: number): [string, string] {
  if (kindOf(column) === "time") return formatTimeRange(low, high, column.type === "date");
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10((high - low) / 100))));
  return [sayNumber(low.toFixed(digits)), sayNumber(high.toFixed(digits))];
}
