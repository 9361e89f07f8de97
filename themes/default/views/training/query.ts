/** What the curves ask: which lines and epochs there are, the best epoch of each run, and a value per point. */
import {
  cast,
  column as columnRef,
  count,
  isIn,
  literal,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { column as valuesOf, objects, scalar } from "../../src/data/result.ts";
import { isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Filter, Results } from "../../src/view.ts";
import { isLessBetter, judgedSplit, orderedSplits, type Line } from "./curves.ts";

/** One table of a training, and the name of its run. */
export interface Run {
  name: string;
  table: Table;
}

/** What the author asked for. */
export interface Options {
  runs: readonly Run[];
  epoch: Column;
  split: Column | null;
  /** The column that names runs in a table of several. */
  run: Column | null;
  metrics: readonly Column[];
  /** Metrics that have a logarithmic axis at first. */
  log: readonly string[];
  /** The metric by which the best epoch is chosen; null for none. */
  best: Column | null;
  /** The split by which it is chosen; null for one that was held back. */
  judged: string | null;
  smoothing: number;
}

/** Runs that are drawn; more lines than that nobody tells apart. */
export const MOST_RUNS = 12;

/** Epochs of a line that are drawn; of more, every second one, or every third, and so on. */
export const MOST_EPOCHS = 400;

const RUN = ":run";
const EPOCH = columnRef(":epoch");

/** The rows of every run below each other, under the columns of the first table, so that its filters fit them all. */
function rows(options: Options, filter: Filter): SelectQuery {
  const parts = options.runs.map((run) => part(options, run));
  const all = parts.length === 1 ? parts[0]! : Query.unionAll(...parts);
  const query = Query.from({ training: all });
  return filter ? query.where(filter) : query;
}

function part(options: Options, { name, table }: Run): SelectQuery {
  const own = new Set(table.columns.map((column) => column.name));
  const columns = options.runs[0]!.table.columns.map((column): [string, ExprNode] => [
    column.name,
    own.has(column.name) ? columnRef(column.name) : sql`NULL`,
  ]);
  const run = runName(options, name);
  const split = options.split
    ? sql`coalesce(CAST(${columnRef(options.split.name)} AS VARCHAR), '')`
    : literal("");
  const epoch = sql`CAST(${columnRef(options.epoch.name)} AS DOUBLE)`;
  const query = rowsOf(table, null).select({
    ...Object.fromEntries(columns),
    [RUN]: run,
    ":split": split,
    ":epoch": epoch,
  });
  return query.where(sql`isfinite(${epoch})`);
}

function runName({ runs, run }: Options, name: string): ExprNode {
  const own = run ? sql`coalesce(CAST(${columnRef(run.name)} AS VARCHAR), '')` : null;
  if (runs.length === 1) return own ?? literal("");
  return own ? sql`${literal(`${name} `)} || ${own}` : literal(name);
}

export function extentQuery(options: Options): Query {
  return rows(options, null).select({
    rows: cast(count(), "INTEGER"),
    low: sql`min(${EPOCH})`,
    high: sql`max(${EPOCH})`,
    epochs: sql`CAST(count(DISTINCT ${EPOCH}) AS INTEGER)`,
  });
}

export function linesQuery(options: Options): Query {
  return rows(options, null)
    .select({ run: columnRef(RUN), split: columnRef(":split") })
    .groupby(columnRef(RUN), columnRef(":split"))
    .orderby("run", "split");
}

export function passingQuery(options: Options, filter: Filter): Query {
  return rows(options, filter).select({ rows: cast(count(), "INTEGER") });
}

/** The lines that are drawn, and of how many runs. */
export function readLines(results: Results): {
  lines: Line[];
  runs: string[];
  splits: string[];
  all: number;
} {
  const found = objects(results["lines"]!) as unknown as Line[];
  const all = [...new Set(found.map((line) => line.run))];
  const runs = all.slice(0, MOST_RUNS);
  const splits = orderedSplits([...new Set(found.map((line) => line.split))]);
  const lines = runs.flatMap((run) =>
    splits
      .filter((split) => found.some((line) => line.run === run && line.split === split))
      .map((split) => ({ run, split })),
  );
  return { lines, runs, splits, all: all.length };
}

export function judgedOf(options: Options, results: Results): string {
  return options.judged ?? judgedSplit(readLines(results).splits);
}

/** The epoch of each run at which the metric was best; of equal ones the first. */
export function bestQuery(options: Options, results: Results): Query | null {
  if (!options.best) return null;
  const value = columnRef(options.best.name);
  const direction = isLessBetter(options.best) ? sql`ASC` : sql`DESC`;
  const place = sql`row_number() OVER (PARTITION BY ${columnRef(RUN)} ORDER BY ${value} ${direction}, ${EPOCH})`;
  const placed = rows(options, null)
    .select({ run: columnRef(RUN), epoch: EPOCH, value: sql`CAST(${value} AS DOUBLE)`, place })
    .where(
      sql`isfinite(CAST(${value} AS DOUBLE)) AND ${columnRef(":split")} = ${literal(judgedOf(options, results))}`,
    );
  return Query.from({ placed })
    .select("run", "epoch", "value")
    .where(sql`place = 1`)
    .orderby("run");
}

export interface Best {
  run: string;
  epoch: number;
  value: number;
}

export function readBest(results: Results): Best[] {
  return results["best"] ? (objects(results["best"]) as unknown as Best[]) : [];
}

/** How many epochs stand for one that is drawn. */
export function stepOf(results: Results): number {
  return Math.max(1, Math.ceil(scalar(results["extent"]!, "epochs") / MOST_EPOCHS));
}

export const metricName = (index: number): string => `m${index}`;

/** A value per line, epoch and metric; several rows of one epoch are averaged. */
export function pointsQuery(options: Options, results: Results, filter: Filter): Query {
  const metrics = options.metrics.map((metric, index) => [
    metricName(index),
    sql`avg(CAST(${columnRef(metric.name)} AS DOUBLE))`,
  ]);
  return rows(options, filter)
    .where(drawnEpochs(results), isAmong(RUN, readLines(results).runs))
    .select({ run: columnRef(RUN), split: columnRef(":split"), epoch: EPOCH, ...Object.fromEntries(metrics) })
    .groupby(columnRef(RUN), columnRef(":split"), EPOCH)
    .orderby("run", "split", "epoch");
}

function drawnEpochs(results: Results): ExprNode {
  const step = stepOf(results);
  if (step === 1) return sql`TRUE`;
  const [low, high, epochs] = ["low", "high", "epochs"].map((name) => scalar(results["extent"]!, name)) as [
    number,
    number,
    number,
  ];
  const unit = (high - low) / (epochs - 1);
  const best = [...new Set([high, ...readBest(results).map(({ epoch }) => epoch)])];
  return sql`(CAST(round((${EPOCH} - (${low})) / ${unit}) AS BIGINT) % ${step} = 0 OR ${isIn(
    EPOCH,
    best.map((epoch) => literal(epoch)),
  )})`;
}

/** Points by line, in the order of epochs. */
export interface Point {
  epoch: number;
  /** Values by the number of their metric. */
  values: (number | null)[];
}

export function readPoints(options: Options, answer: Results[string]): Map<string, Point[]> {
  const [run, split, epoch] = ["run", "split", "epoch"].map((name) => valuesOf(answer, name)) as [
    string[],
    string[],
    number[],
  ];
  const metrics = options.metrics.map((_, index) => valuesOf(answer, metricName(index)) as (number | null)[]);
  const found = new Map<string, Point[]>();
  epoch.forEach((at, row) => {
    const key = keyOf({ run: run[row]!, split: split[row]! });
    const values = metrics.map((values) => values[row] ?? null);
    const line = found.get(key) ?? [];
    line.push({ epoch: at, values });
    found.set(key, line);
  });
  return found;
}

/** A line by one text; JSON tells apart whatever the names hold. */
export const keyOf = ({ run, split }: Line): string => JSON.stringify([run, split]);
