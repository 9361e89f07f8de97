/** What marks select that are chosen by the keyboard: the values, or the range, that they show of a selection's fields. */
import { ends } from "../../extremes.ts";
import { rangeOfBars, type Range } from "../../ranges.ts";
import { isObject, type Json } from "../channels.ts";
import { fromLabel } from "../labels.ts";
import type { Target } from "./params.ts";
import { plainValue, type Part, type Projected } from "./state.ts";

type Datum = Readonly<Record<string, unknown>>;

/** How every mark of a compiled chart is drawn, by the mark's name. */
export function encodingsOf(compiled: Json): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  const visit = (group: Json): void => {
    const marks = Array.isArray(group["marks"]) ? (group["marks"] as Json[]) : [];
    for (const mark of marks) {
      const encode = isObject(mark["encode"]) ? mark["encode"] : {};
      if (isObject(encode["update"])) found.set(String(mark["name"]), encode["update"]);
      visit(mark);
    }
  };
  visit(compiled);
  return found;
}

export function isRange({ fields }: Target): boolean {
  return fields.some(({ type }) => type === "R");
}

/** The mark's values of each field; a bin is known by its two ends. */
export function pointOf({ of, fields }: Target, datum: Datum): Part {
  const values = fields.map(({ field, type }) => {
    const value = valueOf(datum, field);
    return type.startsWith("R") ? [value, valueOf(datum, `${field}_end`)] : value;
  });
  return { ...(of ? { of } : {}), values };
}

/** What is drawn may be a text that Vega could not hold as it is, or a date. */
function valueOf(datum: Datum, field: string): unknown {
  return fromLabel(plainValue(datum[field] ?? null));
}

/** The range that marks show on the axis of each field; null where they show none. `all` are rows of its axes. */
export function rangeOf(
  { of, fields }: Target,
  marks: readonly Datum[],
  all: readonly Datum[],
  encoding: Json,
): Part | null {
  const values = fields.map((field) => {
    const shown = (data: readonly Datum[]): Range[] =>
      data
        .map((datum) => numbersOf(field, datum, encoding))
        .flatMap((found) => (found.length ? [ends(found)] : []));
    return rangeOfBars(shown(marks), shown(all));
  });
  return values.every((each) => each !== null) ? { ...(of ? { of } : {}), values } : null;
}

/** Fields and expressions of a mark's places name what of its row is on the axis. */
const FIELDS = /"field":"((?:[^"\\]|\\.)*)"|datum\[\\"((?:[^"\\]|\\.)*?)\\"\]/g;

function numbersOf({ channel = "x" }: Projected, datum: Datum, encoding: Json): number[] {
  const places = [channel, `${channel}2`, `${channel}c`].map((key) => encoding[key] ?? null);
  const names = [...JSON.stringify(places).matchAll(FIELDS)].map(([, field, path]) => field ?? path!);
  return names
    .map((name) => plainValue(datum[name.replace(/\\+(.)/g, "$1")]))
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}
