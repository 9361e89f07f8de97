/** Countries as the rows tell of them: how many each has, and what could not be placed. */
import { objects, type Result } from "../../src/data/result.ts";
import type { Results } from "../../src/view.ts";
import { countries, keyOf, type Country } from "./borders.ts";

export interface Place {
  country: Country;
  /** The country as the rows write it, in every way that they do. */
  names: readonly (string | number)[];
  rows: number;
  /** Mean of the column that colours, over the rows that have a number; null without any. */
  mean: number | null;
}

export interface Places {
  /** By key, in the order of the rows before filters. */
  whole: ReadonlyMap<string, Place>;
  passing: ReadonlyMap<string, Place>;
  /** Rows without a name, and names of no country with their rows. */
  missing: number;
  unknown: readonly { name: string; rows: number }[];
  /** Whether there are names that were not asked for. */
  isCut: boolean;
}

interface Named {
  name: string | number | null;
  rows: number;
  /** How many names there are, also those that are not counted. */
  all: number;
  valued?: number;
  sum?: number | null;
}

/** The countries of all rows, whatever is filtered, and of all groups where the page is split. */
export function everywhereOf(results: Results): ReadonlyMap<string, Place> {
  return gathered(results[results["everywhere"] ? "everywhere" : "whole"]!);
}

/** The countries of all rows, those of its group alone where the page is split. */
export function wholeOf(results: Results): ReadonlyMap<string, Place> {
  return gathered(results["whole"]!);
}

function namedIn(answer: Result): Named[] {
  return objects(answer) as unknown as Named[];
}

export function placesOf(results: Results): Places {
  const whole = namedIn(results["whole"]!);
  const isUnknown = ({ name }: Named): boolean => name !== null && keyOf(name) === null;
  return {
    whole: wholeOf(results),
    passing: gathered(results["passing"]!),
    missing: whole.find(({ name }) => name === null)?.rows ?? 0,
    unknown: whole.filter(isUnknown).map(({ name, rows }) => ({ name: String(name), rows })),
    isCut: whole.length > 0 && whole.length < whole[0]!.all,
  };
}

/** What was gathered of answers: maps of groups read each other's. */
const GATHERED = new WeakMap<Result, ReadonlyMap<string, Place>>();

function gathered(answer: Result): ReadonlyMap<string, Place> {
  const known = GATHERED.get(answer) ?? placesIn(answer);
  GATHERED.set(answer, known);
  return known;
}

/** One place for all the ways to write a country; its mean is weighted by the rows of each. */
function placesIn(answer: Result): ReadonlyMap<string, Place> {
  const groups = new Map<string, Named[]>();
  for (const each of namedIn(answer)) {
    const key = each.name === null ? null : keyOf(each.name);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const places = [...groups].map(([key, named]) => [key, placeOf(key, named)] as const);
  return new Map(
    places.sort(([, a], [, b]) => b.rows - a.rows || a.country.name.localeCompare(b.country.name)),
  );
}

function placeOf(key: string, named: readonly Named[]): Place {
  const added = (of: (each: Named) => number): number => named.reduce((sum, each) => sum + of(each), 0);
  const valued = added((each) => each.valued ?? 0);
  return {
    country: countries().get(key)!,
    names: named.map(({ name }) => name!),
    rows: added((each) => each.rows),
    mean: valued > 0 ? added((each) => each.sum ?? 0) / valued : null,
  };
}
