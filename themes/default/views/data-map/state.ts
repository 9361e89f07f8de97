/** What a reader changes on a map, read from links that may say anything. */
import { literal, type ExprNode } from "@uwdata/mosaic-sql";
import { isAmong } from "../../src/data/rows.ts";
import { textsIn } from "../../src/written.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { countries } from "./borders.ts";
import type { Options } from "./options.ts";
import type { Place } from "./places.ts";

/** Keys of the countries that are selected. */
export type Selected = readonly string[];

export interface MapState {
  countries: Selected;
  /** Whether the countries beyond the first are listed. */
  isUnfolded: boolean;
}

export function readState(written: ViewState): MapState {
  const keys = textsIn(written["countries"]).filter((key) => countries().has(key));
  return { countries: keys, isUnfolded: written["unfolded"] === true };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState({ countries: keys, isUnfolded }: MapState): ViewState {
  return { ...(keys.length ? { countries: keys } : {}), ...(isUnfolded ? { unfolded: true } : {}) };
}

export function accept(_options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(readState(written)));
}

/** What a row's name must be, to be of a selected country; null where none is selected. */
export function condition(
  { country }: Options,
  keys: Selected,
  places: ReadonlyMap<string, Place>,
): ExprNode | null {
  if (keys.length === 0) return null;
  const names = keys.flatMap((key) => places.get(key)?.names ?? []);
  if (names.length === 0) return literal(false);
  return isAmong(country.name, names);
}
