/** Bars that are shares of samples say how sure they are: a line from the lower to the upper end of Wilson's interval. */
import { wilsonInterval } from "../shares.ts";
import type { Channel, Json } from "./channels.ts";
import { shareOf, trialsName, type Chart } from "./chart.ts";
import type { Row } from "./compose.ts";

/** Columns of drawn rows that hold the two ends. */
export function endsOf({ field }: Channel): [low: string, high: string] {
  return [`${field}_low`, `${field}_high`];
}

/** Gives the rows of shares their intervals, where they are of any. */
export function addIntervals(chart: Chart, rows: readonly Row[]): void {
  const share = shareOf(chart);
  if (!share) return;
  const [low, high] = endsOf(share);
  for (const row of rows) {
    const trials = Number(row[trialsName(share)]);
    const [from, to] = wilsonInterval(Number(row[share.field]) * trials, trials);
    [row[low], row[high]] = trials > 0 ? [from, to] : [null, null];
  }
}

/** The lines, over the bars; null for other charts. */
export function intervalLayer(chart: Chart, encoding: Readonly<Record<string, Json>>): Json | null {
  const share = shareOf(chart);
  if (!share) return null;
  const [low, high] = endsOf(share);
  const dimension = chart.dimensions[0];
  return {
    data: { name: "filtered" },
    mark: { type: "rule", strokeWidth: 2, stroke: "var(--chart-title)", tooltip: null },
    encoding: {
      ...(dimension ? { [dimension.name]: encoding[dimension.name] } : {}),
      [share.name]: { ...encoding[share.name], field: low },
      [`${share.name}2`]: { field: high },
    },
  };
}

/** What the keyboard walks: bars, between the whole behind them and the lines over them. */
export function walkedLayers(chart: Chart): ReadonlySet<string> {
  return new Set(shareOf(chart) ? ["layer_1_marks"] : []);
}
