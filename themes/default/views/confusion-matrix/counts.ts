/** The answers as counts of pairs of classes. */
import type { Result } from "../../src/data/result.ts";
import type { Results } from "../../src/view.ts";
import { dimensionsOf, givenName, wholeName } from "./queries.ts";
import type { Options } from "./options.ts";
import type { MatrixState } from "./state.ts";
import { idOf, type Key } from "./tree.ts";

/** Samples by class: entry `i` is of those labelled `actual[i]` and predicted `predicted[i]`. */
export interface Pairs {
  actual: Int32Array;
  predicted: Int32Array;
  n: Float64Array;
  /** Rows of all, those without label or prediction among them. */
  rows: number;
  missing: number;
}

export class Classes {
  readonly keys: Key[] = [];
  private readonly places = new Map<string, number>();

  place(key: Key): number {
    const id = key.length === 1 ? key[0]! : idOf(key);
    let found = this.places.get(id);
    if (found === undefined) {
      found = this.keys.push(key) - 1;
      this.places.set(id, found);
    }
    return found;
  }
}

/** Whether an answer is to the question of this state: of its nested columns and its condition. */
export function answers(result: Result | undefined, options: Options, state: MatrixState): boolean {
  if (!result) return false;
  const wanted = [...sidesOf(options, state).flat(), ...(state.given ? [givenName(state.given)] : [])];
  const has = Object.keys(result.columns).length;
  return wanted.every((name) => name in result.columns) && has === wanted.length + 1;
}

function sidesOf(options: Options, state: MatrixState): [string[], string[]] {
  const nested = dimensionsOf(options, state);
  return [nested.map((at) => `a${at}`), nested.map((at) => `p${at}`)];
}

export function readPairs(result: Result, options: Options, state: MatrixState, classes: Classes): Pairs {
  const sides = sidesOf(options, state).map((names) => names.map((name) => result.columns[name]!));
  const n = result.columns["n"]!;
  const counted = state.given ? result.columns[givenName(state.given)]! : n;
  const [actual, predicted] = [new Int32Array(result.rows), new Int32Array(result.rows)];
  const kept = new Float64Array(result.rows);
  let [rows, missing, at] = [0, 0, 0];
  for (let row = 0; row < result.rows; row++) {
    rows += Number(n[row] ?? 0);
    const here = Number(counted[row] ?? 0);
    const [label, prediction] = sides.map((columns) => columns.map((values) => values[row] as string | null));
    if (here <= 0) continue;
    if (label!.includes(null) || prediction!.includes(null)) missing += here;
    else {
      actual[at] = classes.place(label as string[]);
      predicted[at] = classes.place(prediction as string[]);
      kept[at++] = here;
    }
  }
  const part = { actual: actual.subarray(0, at), predicted: predicted.subarray(0, at) };
  return { ...part, n: kept.subarray(0, at), rows, missing };
}

export function wholeOf(results: Results, options: Options, state: MatrixState): Result | undefined {
  return results[wholeName(options, state)];
}
