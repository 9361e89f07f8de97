/** How a model learned: a curve per run and split in a small chart per metric, with the best epoch marked. */
import { amongWords, findColumn, kindOf, titleOf, withRole } from "../../src/data/columns.ts";
import { scalar } from "../../src/data/result.ts";
import { formatCount, formatFixed, formatNumber, html, type Markup, trusted } from "../../src/markup.ts";
import { checkNames, readNumber, readText, readTexts } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Selected } from "../../src/selected.ts";
import { drawSvg } from "../../src/vega/draw.ts";
import { staticPlaces } from "../../src/vega/size.ts";
import {
  inOrderOf,
  type Context,
  type Drawing,
  type NamedQuery,
  type Results,
  type View,
  type ViewState,
} from "../../src/view.ts";
import { isLessBetter, lineName } from "./curves.ts";
import {
  bestQuery,
  extentQuery,
  judgedOf,
  keyOf,
  linesQuery,
  MOST_RUNS,
  passingQuery,
  pointsQuery,
  readBest,
  readLines,
  readPoints,
  stepOf,
  type Options,
  type Run,
} from "./query.ts";
import { formatShare } from "../../src/values.ts";
import { isShare, specOf, type Panel } from "./spec.ts";
import { noRows } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

const OPTIONS = {
  metrics: "columns to draw, a small chart each; otherwise every column of numbers",
  log: "those of them that have a logarithmic axis at first; otherwise the learning rate",
  smoothing: "weight of what came before in an exponential average, 0 to 0.99; 0 by default",
  best: "the metric by which the best epoch is chosen; the loss by default",
  split: "the split by which it is chosen; otherwise one that was held back",
  runs: "tables to compare, as a list, or by the names that their runs have; otherwise the view's table",
};

/** Smoothing beyond which a curve says nothing of its values. */
export const MOST_SMOOTHING = 0.99;

function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("training", written, Object.keys(OPTIONS));
  const runs = readRuns(context);
  const first = runs[0]!.table;
  const epoch = withRole(first, "epoch") ?? first.columns.find((column) => column.name === "epoch");
  if (!epoch)
    throw new ProblemError(
      `table ${first.name} has no column with the role epoch`,
      "show a table of a training",
      "table",
    );
  const metrics = readMetrics(table, written, epoch);
  const names = metrics.map((metric) => metric.name);
  for (const run of runs) findColumn(run.table, epoch.name, "runs");
  return {
    runs,
    epoch,
    split: withRole(first, "split") ?? first.columns.find((column) => column.name === "split") ?? null,
    run: first.columns.find((column) => column.name === "run" && kindOf(column) === "text") ?? null,
    metrics,
    log: readLog(written, metrics, names),
    best: readBestMetric(written, metrics, names),
    judged: readText(written, "split"),
    smoothing: readNumber(written, "smoothing", 0, [0, MOST_SMOOTHING]),
  };
}

/** A table of its own, or several: by their artifacts' names, or by the author's. */
function readRuns({ table, tables, request }: Context): Run[] {
  const written = request.options["runs"];
  if (written === undefined) return [{ name: "", table }];
  const isList = Array.isArray(written);
  const entries: [string, unknown][] = isList
    ? written.map((name) => [String(name).split("/")[0]!, name])
    : Object.entries((written as object | null) ?? {});
  if (entries.length === 0 || !entries.every(([, name]) => typeof name === "string"))
    throw new ProblemError(
      '"runs" names no tables',
      "write runs: [artifact/training, other/training]",
      "runs",
    );
  return entries.map(([name, of]) => {
    const found = tables[of as string];
    if (!found)
      throw new ProblemError(
        `no artifact has a table "${String(of)}"`,
        nearest(String(of), Object.keys(tables)),
        "runs",
      );
    return { name, table: found };
  });
}

const FIRST = ["loss", "accuracy", "learning_rate"];

/** What an author wants drawn, else every number of the table: those that everybody knows first. */
function readMetrics(table: Table, written: Context["request"]["options"], epoch: Column): Column[] {
  const names = readTexts(written, "metrics");
  const numbers = table.columns.filter((column) => kindOf(column) === "number" && column !== epoch);
  if (!names) {
    if (numbers.length === 0)
      throw new ProblemError(
        `table ${table.name} has no column of numbers beside the epoch`,
        "show another",
        "table",
      );
    const rank = ({ role }: Column): number =>
      FIRST.includes(role ?? "") ? FIRST.indexOf(role!) : FIRST.length;
    return [...numbers].sort((a, b) => rank(a) - rank(b));
  }
  return names.map((name) => {
    const found = findColumn(table, name, "metrics");
    if (kindOf(found) !== "number")
      throw new ProblemError(
        `column "${name}" holds ${found.type}, no numbers`,
        nearest(
          name,
          numbers.map((each) => each.name),
        ),
        "metrics",
      );
    return found;
  });
}

function readLog(
  written: Context["request"]["options"],
  metrics: readonly Column[],
  names: readonly string[],
): string[] {
  const log = readTexts(written, "log");
  const unknown = log?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ProblemError(`"${unknown}" is not drawn`, nearest(unknown, names), "log");
  return log ?? metrics.filter((metric) => metric.role === "learning_rate").map((metric) => metric.name);
}

function readBestMetric(
  written: Context["request"]["options"],
  metrics: readonly Column[],
  names: readonly string[],
): Column | null {
  const name = readText(written, "best");
  if (name !== null && !names.includes(name))
    throw new ProblemError(`"${name}" is not drawn`, nearest(name, names), "best");
  if (name !== null) return metrics.find((metric) => metric.name === name)!;
  const byRole = (role: string): Column | undefined => metrics.find((metric) => metric.role === role);
  return byRole("loss") ?? byRole("accuracy") ?? null;
}

function queries(options: Options, results: Results): Record<string, NamedQuery> {
  const first: Record<string, NamedQuery> = {
    extent: { filtered: false, sql: () => extentQuery(options) },
    lines: { filtered: false, sql: () => linesQuery(options) },
  };
  if (!("extent" in results && "lines" in results)) return first;
  const chosen = bestQuery(options, results);
  if (chosen) first["best"] = { filtered: false, sql: () => chosen };
  if (chosen && !("best" in results)) return first;
  return {
    ...first,
    whole: { filtered: false, sql: () => pointsQuery(options, results, null) },
    passing: { filtered: true, sql: (filter) => passingQuery(options, filter) },
    filtered: { filtered: true, sql: (filter) => pointsQuery(options, results, filter) },
  };
}

/** What a reader changed: epochs that were brushed, smoothing, and the metrics with a logarithmic axis. */
export interface TrainingState {
  epochs: readonly [number, number] | null;
  smoothing: number;
  log: readonly string[];
}

export function readState(options: Options, state: ViewState): TrainingState {
  const { epochs, smoothing, log } = state;
  const isRange =
    Array.isArray(epochs) && epochs.length === 2 && epochs.every(Number.isFinite) && epochs[0] <= epochs[1];
  const isWeight = typeof smoothing === "number" && smoothing >= 0 && smoothing <= MOST_SMOOTHING;
  const names = options.metrics.map((metric) => metric.name);
  return {
    epochs: isRange ? [Number(epochs[0]), Number(epochs[1])] : null,
    smoothing: isWeight ? smoothing : options.smoothing,
    log: Array.isArray(log) ? names.filter((name) => log.includes(name)) : options.log,
  };
}

/** The state as a link holds it: only what is not as the author wrote it. */
export function writeState(options: Options, state: TrainingState): ViewState {
  const names = options.metrics.map((metric) => metric.name);
  const isSame = JSON.stringify([...state.log].sort()) === JSON.stringify([...options.log].sort());
  return {
    ...(state.epochs ? { epochs: state.epochs } : {}),
    ...(state.smoothing === options.smoothing ? {} : { smoothing: state.smoothing }),
    // In the order of the metrics, as it is read again.
    ...(isSame ? {} : { log: names.filter((name) => state.log.includes(name)) }),
  };
}

function accept(options: Options, written: ViewState): ViewState {
  const kept = writeState(options, readState(options, written));
  return inOrderOf(written, kept);
}

function selected(options: Options, state: ViewState): Selected[] {
  const { epochs } = readState(options, state);
  return epochs
    ? [{ column: options.epoch.name, range: [formatNumber(epochs[0]), formatNumber(epochs[1])] }]
    : [];
}

/** Every metric ready to be drawn. */
export function panelsOf(options: Options, results: Results, state: TrainingState): Panel[] {
  const { lines } = readLines(results);
  const [whole, filtered] = ["whole", "filtered"].map((name) => readPoints(options, results[name]!));
  const [low, high] = ["low", "high"].map((name) => scalar(results["extent"]!, name));
  const isFiltered = scalar(results["passing"]!, "rows") < scalar(results["extent"]!, "rows");
  return options.metrics.map((metric, index) => ({
    metric,
    index,
    isLog: state.log.includes(metric.name),
    lines,
    whole: whole!,
    filtered: filtered!,
    isFiltered,
    smoothing: state.smoothing,
    best: readBest(results),
    judged: judgedOf(options, results),
    epochs: [low!, high!],
  }));
}

/** Height of a small chart, and the gap between two, in px. */
const HEIGHT = 220;
const GAP = 24;

/** The narrowest small chart, in px. */
const NARROWEST = 300;

/** The small charts at a width in px, as many beside each other as have room. */
export function panelsMarkup(panels: readonly Panel[], width: number, height: number | null): Markup {
  const most = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  const beside = Math.min(most, panels.length, panels.length === 4 ? 2 : 3);
  const each = Math.floor((width - GAP * (beside - 1)) / beside);
  return html`<div class="training-panels training-${beside}">
    ${panels.map((panel) => panelMarkup(panel, { width: each, height: height ?? HEIGHT }))}
  </div>`;
}

function panelMarkup(panel: Panel, size: { width: number; height: number }): Markup {
  const drawn = specOf(panel, size);
  const { metric, isLog } = panel;
  return html`<div class="training-panel" data-metric="${metric.name}">
    <div class="training-head">
      <h4 class="training-title" title="${metric.description}">
        ${titleOf(metric.name)}${metric.unit ? html` <span class="training-unit">${metric.unit}</span>` : ""}
      </h4>
      <button type="button" class="training-log" data-log="${metric.name}" aria-pressed="${String(isLog)}">
        <span class="visually-hidden">${titleOf(metric.name)}: </span>${say("log scale")}
      </button>
    </div>
    ${
      drawn
        ? html`<div class="training-plot">${trusted(drawSvg(drawn.spec, drawn.data))}</div>`
        : html`<p class="view-empty">
            ${isLog ? say("No value is above 0, as a logarithmic axis needs.") : say("No value.")}
          </p>`
    }
  </div>`;
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = readState(options, written);
  const total = scalar(results["extent"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const panels = panelsOf(options, results, state);
  return {
    body:
      total === 0
        ? html`<p class="view-empty">${noRows(context)}</p>`
        : bodyMarkup(panels, options, results, state, context),
    rows,
    total,
    notices: notices(options, results),
    data: dataTable(options, results),
    description: describe(options, results, rows, total),
  };
}

function bodyMarkup(
  panels: readonly Panel[],
  options: Options,
  results: Results,
  state: TrainingState,
  { request }: Context,
): Markup {
  return html`<div class="training-bar">
      <p class="training-best">${bestSentence(options, results)}</p>
      <div class="training-smoothing">
        <label>
          ${say("Smoothing")}
          <input
            type="range"
            name="smoothing"
            min="0"
            max="${MOST_SMOOTHING}"
            step="0.01"
            value="${state.smoothing}"
        /></label>
        <output>${formatFixed(state.smoothing, 2)}</output>
      </div>
    </div>
    <div class="training-drawings">
      ${staticPlaces(request.width).map(
        ({ width, names }) =>
          html`<div class="${names}">${panelsMarkup(panels, width, request.height)}</div>`,
      )}
    </div>`;
}

/** A metric's value in words: a share in per cent. */
export function formatMetric(value: number | null, metric: Column): string {
  if (value === null || !Number.isFinite(value)) return "–";
  return isShare(metric) ? formatShare(value) : formatNumber(value);
}

/** `Best epoch: 12, with the lowest test loss (0.0893 nats).` */
export function bestSentence(options: Options, results: Results): string {
  const found = readBest(results);
  const { best } = options;
  if (!best || found.length === 0) return "";
  const metric = [judgedOf(options, results), amongWords(titleOf(best.name))].filter(Boolean).join(" ");
  const by = isLessBetter(best) ? say("lowest {metric}", { metric }) : say("highest {metric}", { metric });
  const value = (each: number): string => formatMetric(each, best) + (best.unit ? ` ${best.unit}` : "");
  if (found.length === 1)
    return say("Best epoch: {epoch}, with the {by} ({found}).", {
      epoch: formatCount(found[0]!.epoch),
      by,
      found: value(found[0]!.value),
    });
  const runs = readLines(results).runs;
  const said = found
    .filter(({ run }) => runs.includes(run))
    .map(({ run, epoch, value: at }) => `${run} ${formatCount(epoch)} (${value(at)})`);
  return say("Best epochs by the {by}: {said}.", { by, said: said.join(", ") });
}

export function notices(options: Options, results: Results): string[] {
  const step = stepOf(results);
  const { runs, all } = readLines(results);
  const judged = judgedOf(options, results);
  const lacks =
    options.best !== null && readBest(results).length === 0 && scalar(results["extent"]!, "rows") > 0;
  return [
    ...(step > 1
      ? [
          say("Of {scalar} epochs one in {step} is drawn.", {
            scalar: formatCount(scalar(results["extent"]!, "epochs")),
            step,
          }),
        ]
      : []),
    ...(runs.length < all
      ? [say("The first {most} of {all} runs are drawn.", { most: MOST_RUNS, all: formatCount(all) })]
      : []),
    ...(lacks
      ? [
          say('No epoch has a {best} of the split "{judged}", so none is the best.', {
            best: amongWords(titleOf(options.best!.name)),
            judged,
          }),
        ]
      : []),
  ];
}

/** One row per run, split and epoch that passes. */
export function dataTable(options: Options, results: Results): Drawing["data"] {
  const points = readPoints(options, results["filtered"]!);
  const { lines, runs, splits } = readLines(results);
  const rows = lines.flatMap((line) =>
    (points.get(keyOf(line)) ?? []).map(({ epoch, values }) => ({
      ...line,
      epoch,
      ...Object.fromEntries(values.map((value, index) => [`m${index}`, value])),
    })),
  );
  return {
    columns: [
      ...(runs.length > 1 ? [{ name: "run", title: say("Run") }] : []),
      ...(splits.length > 1 || splits[0] ? [{ name: "split", title: say("Split") }] : []),
      { name: "epoch", title: say("Epoch") },
      ...options.metrics.map((metric, index) => ({ name: `m${index}`, title: titleOf(metric.name) })),
    ],
    rows,
  };
}

export function describe(options: Options, results: Results, rows: number, total: number): string {
  const metrics = options.metrics.map((metric) => amongWords(titleOf(metric.name))).join(", ");
  const lines = readLines(results).lines.map(lineName).filter(Boolean).join(", ");
  return say("Line charts of {metrics} by epoch{more}; {rows} of {total} rows. {bestsentence}", {
    metrics,
    more: lines ? ` ${say("for {lines}", { lines })}` : "",
    rows: formatCount(rows),
    total: formatCount(total),
    bestsentence: bestSentence(options, results),
  });
}

export const view: View<Options> = {
  name: "training",
  summary:
    "How a model learned: curves by epoch, split and run, a small chart per metric, the best epoch marked.",
  options: OPTIONS,
  parse,
  queries,
  render,
  groups: false,
  accept,
  selected,
};
