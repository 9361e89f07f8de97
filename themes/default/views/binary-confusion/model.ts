/** Answers and state as one thing to draw. */
import type { Context, Results } from "../../src/view.ts";
import {
  areaUnderRoc,
  averagePrecision,
  fourAt,
  measuresAt,
  precisionRecallCurve,
  rocCurve,
  type Four,
  type Line,
  type Point,
  type Scores,
} from "./curves.ts";
import type { Options } from "./options.ts";
import { isStepped, names, readScores, readSpread, thresholdIn, type Spread } from "./queries.ts";
import { positiveOf, thresholdOf, type BinaryState, type CellName } from "./state.ts";
import type { Measured } from "../../src/shares.ts";

export interface Curve {
  whole: readonly Point[] | null;
  passing: readonly Point[] | null;
  summary: Measured;
}

export interface Model {
  positive: string;
  /** As it was chosen, and as it counts. */
  threshold: number;
  spread: Spread;
  isStepped: boolean;
  passing: Scores & { rows: number };
  whole: Four;
  four: Four;
  roc: Curve;
  precisionRecall: Curve;
  lines: readonly Line[];
  picked: readonly CellName[];
  rows: number;
  total: number;
  isFiltered: boolean;
}

export function modelOf(options: Options, results: Results, state: BinaryState, _context: Context): Model {
  const positive = positiveOf(options, state);
  const { spread: spreadName, whole: wholeName } = names(positive);
  const spread = readSpread(results[spreadName]!);
  const [whole, passing] = [results[wholeName]!, results["passing"]!].map((result) =>
    readScores(result, positive, spread),
  ) as [Scores & { rows: number }, Scores & { rows: number }];
  const threshold = thresholdIn(spread, thresholdOf(options, state));
  const four = fourAt(passing, threshold);
  return {
    ...{ positive, threshold, spread, passing, four },
    isStepped: isStepped(spread),
    whole: fourAt(whole, threshold),
    roc: { whole: rocCurve(whole), passing: rocCurve(passing), summary: areaUnderRoc(passing) },
    precisionRecall: {
      whole: precisionRecallCurve(whole),
      passing: precisionRecallCurve(passing),
      summary: averagePrecision(passing),
    },
    lines: measuresAt(four),
    picked: state.cells ?? [],
    rows: passing.rows,
    total: whole.rows,
    isFiltered: passing.rows < whole.rows,
  };
}
