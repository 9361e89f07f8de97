/** What the reader selects, as steps from one state to the next. */
import type { Bounds } from "./bounds.ts";
import type { Categories } from "./colouring.ts";
import type { Place } from "../../src/live/gestures.ts";
import type { Projection } from "./plot.ts";
import { MOST_REGIONS, MOST_VERTICES, roundedTo, simplified, TOTAL_VERTICES } from "./regions.ts";
import { compact, MOST_IDS, type ScatterState } from "./state.ts";

/** A lasso with fewer corners left to it would not be what was drawn. */
const LEAST_VERTICES = 8;

/** A triangle below this many square px changes nothing that can be seen. */
const SMALL = 1;

type Places = Pick<ScatterState, "boxes" | "lassos" | "ids">;

const NOWHERE = { boxes: undefined, lassos: undefined, ids: undefined };

function placesOf(state: ScatterState, isAdding: boolean): Places {
  return isAdding ? state : {};
}

/** Whether one more area finds room in the selection. */
export function hasRoom({ boxes = [], lassos = [] }: Places): boolean {
  const corners = lassos.reduce((total, lasso) => total + lasso.length / 2, 0);
  return boxes.length + lassos.length < MOST_REGIONS && corners + LEAST_VERTICES <= TOTAL_VERTICES;
}

/** The box between two places in px, in data values that are as fine as px. */
export function boxBetween(projection: Projection, from: Place, to: Place): Bounds | null {
  const { frame, perX, perY } = projection;
  const inX = (pixel: number): number => Math.min(Math.max(pixel, frame.left), frame.right);
  const inY = (pixel: number): number => Math.min(Math.max(pixel, frame.top), frame.bottom);
  const x = [projection.valueX(inX(from.x)), projection.valueX(inX(to.x))].map((each) =>
    roundedTo(each, 1 / perX),
  );
  const y = [projection.valueY(inY(from.y)), projection.valueY(inY(to.y))].map((each) =>
    roundedTo(each, 1 / perY),
  );
  const box: Bounds = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  return box[0] < box[1] && box[2] < box[3] ? box : null;
}

export function withBox(state: ScatterState, box: Bounds, isAdding: boolean): ScatterState {
  const places = placesOf(state, isAdding);
  return compact({ ...state, ...NOWHERE, ...places, boxes: [...(places.boxes ?? []), box] });
}

/** The way of the pointer in px as a polygon with few corners, in data values; null for less than a triangle. */
export function lassoAlong(projection: Projection, way: readonly Place[], kept: Places): number[] | null {
  const used = (kept.lassos ?? []).reduce((total, lasso) => total + lasso.length / 2, 0);
  const most = Math.min(MOST_VERTICES, TOTAL_VERTICES - used);
  const corners = simplified(
    way.flatMap(({ x, y }) => [x, y]),
    most,
    SMALL,
  );
  if (corners.length < 6) return null;
  const { perX, perY } = projection;
  return corners.map((pixel, index) =>
    index % 2 === 0
      ? roundedTo(projection.valueX(pixel), 1 / perX)
      : roundedTo(projection.valueY(pixel), 1 / perY),
  );
}

export function withLasso(state: ScatterState, lasso: readonly number[], isAdding: boolean): ScatterState {
  const places = placesOf(state, isAdding);
  return compact({ ...state, ...NOWHERE, ...places, lassos: [...(places.lassos ?? []), lasso] });
}

/** One click picks one, or lets go of it; with a key it adds or removes. */
export function withPoint(state: ScatterState, id: string | number, isAdding: boolean): ScatterState {
  const ids = state.ids ?? [];
  const isAlone = ids.length === 1 && !state.boxes && !state.lassos;
  if (!isAdding) return compact({ ...state, ...NOWHERE, ids: isAlone && ids[0] === id ? [] : [id] });
  const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id].slice(-MOST_IDS);
  return compact({ ...state, ids: next });
}

/** The same for a category of the legend; the last code stands for the values that share a colour. */
export function withCategory(
  state: ScatterState,
  { values }: Categories,
  code: number,
  isAdding: boolean,
): ScatterState {
  const before = pickedIn(state, values);
  const isPicked = before.has(code);
  const after = new Set(isAdding ? before : []);
  if (isPicked && (isAdding || before.size === 1)) after.delete(code);
  else after.add(code);
  return compact({
    ...state,
    categories: values.filter((_, index) => after.has(index)),
    other: after.has(values.length) ? true : undefined,
  });
}

function pickedIn({ categories = [], other }: ScatterState, values: readonly unknown[]): Set<number> {
  const codes = categories.map((value) => values.indexOf(value)).filter((code) => code >= 0);
  return new Set(other ? [...codes, values.length] : codes);
}

/** Nothing selected; the window and the colour stay. */
export function cleared({ window, color, mode }: ScatterState): ScatterState {
  return compact({ window, color, mode });
}
