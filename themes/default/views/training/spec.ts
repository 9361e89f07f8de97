/** One metric's curves as a Vega-Lite spec: the whole in grey, what passes in colour, labels at the lines' ends. */
import type { Column } from "../../src/page.ts";
import type { Json } from "../../src/vega/channels.ts";
import type { Row } from "../../src/vega/compose.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { CATEGORIES, categories, config, FONT_SIZE } from "../../src/vega/theme.ts";
import { apart, domainOf, lineName, smoothed, type Line } from "./curves.ts";
import { keyOf, type Best, type Point } from "./query.ts";
import { say } from "../../src/words.ts";

/** One metric, ready to be drawn. */
export interface Panel {
  metric: Column;
  index: number;
  isLog: boolean;
  lines: readonly Line[];
  whole: ReadonlyMap<string, readonly Point[]>;
  filtered: ReadonlyMap<string, readonly Point[]>;
  isFiltered: boolean;
  smoothing: number;
  best: readonly Best[];
  /** The split by which the best epoch was chosen. */
  judged: string;
  /** First and last epoch. */
  epochs: readonly [number, number];
}

export const isShare = (metric: Column): boolean => metric.role === "accuracy";

/** Distinct values that colours stand for: runs where there are several, splits otherwise. */
export function coloured(lines: readonly Line[]): { field: "run" | "split"; values: string[] } {
  const runs = [...new Set(lines.map((line) => line.run))];
  const splits = [...new Set(lines.map((line) => line.split))];
  return runs.length > 1 ? { field: "run", values: runs } : { field: "split", values: splits };
}

/** A point that is drawn: its line, where it is, and what it is beside a point. */
interface Drawn extends Row {
  line: string;
  epoch: number;
  value: number | null;
  raw: number | null;
}

function drawnRows(panel: Panel, points: Panel["whole"]): Drawn[] {
  return panel.lines.flatMap((line) => {
    const own = points.get(keyOf(line)) ?? [];
    const raw = own.map((point) => plotted(point.values[panel.index]!, panel.isLog));
    const values = panel.smoothing > 0 ? smoothed(raw, panel.smoothing) : raw;
    return own.map((point, at) => ({
      ...line,
      line: keyOf(line),
      epoch: point.epoch,
      value: values[at]!,
      raw: raw[at]!,
    }));
  });
}

function plotted(value: number | null, isLog: boolean): number | null {
  return value === null || !Number.isFinite(value) || (isLog && value <= 0) ? null : value;
}

/** The epochs of an axis; a single one lies in the middle. */
export function epochDomain([low, high]: readonly [number, number]): [number, number] {
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

const LABEL = { height: 14, gap: 8, most: 96, narrowest: 24 };

/** Room above and below the plot; the epochs' axis with its title stands below. */
const MARGIN = { top: 10, bottom: 44 };

/** The spec at a size in px, with its rows; null where the metric has no value. */
export function specOf(
  panel: Panel,
  size: { width: number; height: number },
): { spec: Json; data: { whole: Row[]; filtered: Row[] } } | null {
  const whole = drawnRows(panel, panel.whole);
  const numbers = whole.map((row) => row.raw).filter((value): value is number => value !== null);
  const domain = domainOf(numbers, panel.isLog, isShare(panel.metric));
  if (!domain) return null;
  const filtered = drawnRows(panel, panel.filtered);
  const height = size.height - MARGIN.top - MARGIN.bottom;
  const labels = endLabels(panel, filtered, domain, height);
  const marks = bestMarks(panel, filtered);
  const right = labels.reduce(
    (most, label) => Math.max(most, textWidth(label.label, FONT_SIZE)),
    LABEL.narrowest,
  );
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: size.width,
    height: size.height,
    autosize: { type: "fit", contains: "padding" },
    padding: {
      left: 0,
      right: Math.ceil(Math.min(right, LABEL.most)) + LABEL.gap,
      top: MARGIN.top,
      bottom: 4,
    },
    datasets: { whole: [], filtered: [], labels, marks },
    layer: layers(panel, domain),
    config,
  };
  return { spec, data: { whole: panel.isFiltered ? whole : [], filtered } };
}

/** Names at the lines' ends, moved apart where lines end side by side. */
function endLabels(
  panel: Panel,
  rows: readonly Drawn[],
  [low, high]: [number, number],
  height: number,
): (Row & { label: string })[] {
  const ends = panel.lines.flatMap((line) => {
    const own = rows.filter((row) => row.line === keyOf(line) && row.value !== null);
    return own.length ? [{ line, row: own.at(-1)! }] : [];
  });
  const scale = (value: number): number => (panel.isLog ? Math.log(value) : value);
  const place = (value: number): number =>
    height * (1 - (scale(value) - scale(low)) / (scale(high) - scale(low)));
  const places = apart(
    ends.map(({ row }) => place(row.value!)),
    LABEL.height,
    height,
  );
  return ends.flatMap(({ line, row }, index) => {
    const top = places[index]!;
    return top === null ? [] : [{ ...line, epoch: row.epoch, top, label: lineName(line) || "all" }];
  });
}

/** The point of each judged line at its run's best epoch. */
function bestMarks(panel: Panel, rows: readonly Drawn[]): Row[] {
  return panel.best.flatMap(({ run, epoch }) =>
    rows.filter((row) => row["run"] === run && row["split"] === panel.judged && row.epoch === epoch),
  );
}

function layers(panel: Panel, domain: [number, number]): Json[] {
  const { field, values } = coloured(panel.lines);
  const colours = values.map((_, index) => categories[index % CATEGORIES]!);
  const color = { field, type: "nominal", legend: null, scale: { domain: values, range: colours } };
  const x = { field: "epoch", type: "quantitative", ...epochAxis(panel) };
  const y = (name: string): Json => ({ field: name, type: "quantitative", ...valueAxis(panel, domain) });
  const detail = { field: "line", type: "nominal" };
  const dash = field === "run" ? { strokeDash: dashes(panel) } : {};
  const line = (data: string, name: string, mark: Json, more: Json): Json => ({
    data: { name: data },
    mark: { type: "line", ...mark },
    encoding: { x, y: y(name), detail, order: { field: "epoch", type: "quantitative" }, ...more },
  });
  return [
    line("whole", "value", { stroke: "var(--chart-grey)" }, dash),
    ...(panel.smoothing > 0
      ? [line("filtered", "raw", { opacity: 0.25, strokeWidth: 1 }, { color, ...dash })]
      : []),
    line("filtered", "value", { strokeWidth: 2 }, { color, ...dash }),
    ...(lonely(panel)
      ? [
          {
            data: { name: "filtered" },
            mark: { type: "point", filled: true },
            encoding: { x, y: y("value"), color },
          },
        ]
      : []),
    ...bestLayers(panel, x, y("value"), color),
    {
      data: { name: "labels" },
      mark: { type: "text", align: "left", baseline: "middle", dx: LABEL.gap - 2, limit: LABEL.most },
      encoding: {
        x,
        y: { field: "top", type: "quantitative", scale: null },
        text: { field: "label" },
        color,
      },
    },
  ];
}

/** A line of one epoch has no length; it is drawn as a point. */
function lonely({ filtered }: Panel): boolean {
  return [...filtered.values()].some((points) => points.length === 1);
}

function bestLayers(panel: Panel, x: Json, y: Json, color: Json): Json[] {
  const mark = {
    type: "point",
    shape: "diamond",
    filled: true,
    size: 72,
    opacity: 1,
    stroke: "var(--page-background)",
  };
  const data = { name: "marks" };
  const rule = { type: "rule", stroke: "var(--chart-axis)", strokeDash: [2, 3] };
  const isSingle = panel.best.length === 1;
  return [
    ...(isSingle ? [{ data, mark: rule, encoding: { x } }] : []),
    { data, mark, encoding: { x, y, color } },
  ];
}

/** Runs have colours, so the part that was held back is drawn through and the others in dashes. */
function dashes({ lines, judged }: Panel): Json {
  const splits = [...new Set(lines.map((line) => line.split))];
  const patterns = [
    [5, 3],
    [2, 2],
    [8, 2, 2, 2],
  ];
  let next = 0;
  const range = splits.map((split) => (split === judged ? [1, 0] : patterns[next++ % patterns.length]!));
  return { field: "split", type: "nominal", legend: null, scale: { domain: splits, range } };
}

function epochAxis({ epochs }: Panel): Json {
  return {
    scale: { domain: epochDomain(epochs), nice: false, zero: false },
    axis: { title: say("Epoch"), tickMinStep: 1, format: ",d" },
  };
}

function valueAxis({ metric, isLog }: Panel, domain: [number, number]): Json {
  const format = isShare(metric) ? { format: ".0%" } : isLog ? { format: ".0e" } : {};
  return {
    scale: { domain, nice: false, zero: false, ...(isLog ? { type: "log" } : {}) },
    axis: { title: null, ...format },
  };
}
