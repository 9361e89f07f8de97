/** The four cells and the two curves as one SVG: side by side where there is room, else below each other. */
import { formatCount, formatFixed, html, type Markup } from "../../src/markup.ts";
import { fitted, svgOf, tenth, type Text } from "../../src/shapes.ts";
import { formatShare, type Measured } from "../../src/shares.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { thinned, type Point } from "./curves.ts";
import type { Curve, Model } from "./model.ts";
import { cellWords, type CellName } from "./state.ts";
import { say, sayNumber } from "../../src/words.ts";

/** How cells and curves are arranged: each below the other, the curves in a line below the cells, all in one line. */
export const ARRANGEMENTS = ["stacked", "paired", "abreast"] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

/** Narrowest places of an arrangement, in px; styles/binary.css says the same. */
const NARROWEST: Readonly<Record<Arrangement, number>> = { stacked: 0, paired: 430, abreast: 700 };

/** The width of a drawing of the build whose place may be up to half as wide again. */
const PAIRED = 480;

/** The height of the cells where they have a line of their own: with their rows' names beside them, and above. */
const CELLS = { beside: 200, above: 260 };
const GAP = 40;
const HIGHEST = 300;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function arrangementAt(width: number): Arrangement {
  return ARRANGEMENTS.findLast((name) => width >= NARROWEST[name])!;
}

/** The widths drawn at build, each for the places with its arrangement; the widest one also for those beyond it. */
export function drawnWidths({ wide, narrow }: { wide: number; narrow: number }): {
  width: number;
  arrangements: Arrangement[];
}[] {
  const most = ARRANGEMENTS.indexOf(arrangementAt(wide));
  const widths = most === 0 ? [wide] : [narrow, Math.min(PAIRED, wide), wide].slice(0, most + 1);
  return widths.map((width, at) => ({
    width,
    arrangements: ARRANGEMENTS.slice(at, at === most ? undefined : at + 1),
  }));
}

interface Boxes {
  cells: Box;
  roc: Box;
  curve: Box;
  height: number;
}

/** Where the three parts are, `held` together in a height where that is given. */
function boxes(model: Model, width: number, held: number | null): Boxes {
  const arrangement = arrangementAt(width);
  if (arrangement === "abreast") return abreast(model, width, held);
  const cells = cellsBox(model, width);
  return arrangement === "paired" ? paired(width, cells, held) : stacked(width, cells, held);
}

function stacked(width: number, cells: Box, held: number | null): Boxes {
  const below = cells.height + GAP / 2;
  const side = held === null ? Math.min(width, HIGHEST) : atLeast((held - below - GAP / 2) / 2);
  const at = (index: number): Box => ({
    x: 0,
    y: below + index * (side + GAP / 2),
    width: Math.min(width, Math.max(side, HIGHEST)),
    height: side,
  });
  return { cells, roc: at(0), curve: at(1), height: held ?? below + 2 * side + GAP / 2 };
}

function paired(width: number, cells: Box, held: number | null): Boxes {
  const below = cells.height + GAP / 2;
  const each = Math.min(HIGHEST + 60, (width - GAP) / 2);
  const height = held === null ? Math.min(HIGHEST, each) : atLeast(held - below);
  const at = (index: number): Box => ({ x: index * (each + GAP), y: below, width: each, height });
  return { cells, roc: at(0), curve: at(1), height: held ?? below + height };
}

function abreast(model: Model, width: number, held: number | null): Boxes {
  const each = Math.min(HIGHEST + 60, (width - 2 * GAP) / 3);
  const height = atLeast(held ?? Math.min(HIGHEST, Math.max(each, cellsBox(model, each).height)));
  const at = (index: number): Box => ({ x: index * (each + GAP), y: 0, width: each, height });
  return { cells: at(0), roc: at(1), curve: at(2), height };
}

/** No curve is lower than this, in px, whatever height is held. */
function atLeast(height: number): number {
  return Math.max(140, height);
}

function cellsBox(model: Model, width: number): Box {
  const across = Math.min(width, HIGHEST + 60);
  const height = haveRoomBeside(model, across) ? CELLS.beside : CELLS.above;
  return { x: 0, y: 0, width: across, height };
}

/** `held` is the height that the drawing is given, in px; null for as high as it likes. */
export function drawing(model: Model, width: number, isLive: boolean, held: number | null = null): Markup {
  const place = boxes(model, width, held);
  return html`<svg
    class="chart binary-drawing"
    viewBox="0 0 ${width} ${place.height}"
    width="${width}"
    height="${place.height}"
    ${isLive ? "" : html`aria-hidden="true" focusable="false"`}
  >
    ${cells(model, place.cells, isLive)} ${curve(model, model.roc, ROC, place.roc)}
    ${curve(model, model.precisionRecall, PRECISION_RECALL, place.curve)}
  </svg>`;
}

const ROWS: readonly (readonly [CellName, CellName])[] = [
  ["tp", "fn"],
  ["fp", "tn"],
];

/** What the rows of cells are called. */
const rowNames = ({ positive }: Model): string[] =>
  [say("is"), say("is not")].map((word) => `${word} ${positive}`);

/** Room beside the cells for the names of their rows, and what keeps these from the cells. */
const besideRoom = (width: number): number => Math.min(110, width * 0.3);
const APART = 12;

function haveRoomBeside(model: Model, width: number): boolean {
  return rowNames(model).every((name) => textWidth(name, 12) <= besideRoom(width) - APART);
}

/** Lowest place in which the names of rows stand above their cells. */
const LOWEST_ABOVE = 240;

function cells(model: Model, box: Box, isLive: boolean): Markup {
  const isBeside = haveRoomBeside(model, box.width) || box.height < LOWEST_ABOVE;
  const beside = isBeside ? besideRoom(box.width) : 0;
  const width = (box.width - beside) / 2;
  const heads = [model.positive, say("not {positive}", { positive: model.positive })].map((name) =>
    inLines(name, width - 6, 12),
  );
  const head = 26 + 14 * Math.max(...heads.map((lines) => lines.length));
  const above = isBeside ? 0 : 18;
  const height = Math.min(110, (box.height - head - 4) / 2 - above);
  const left = box.x + beside;
  const top = (row: number): number => box.y + head + row * (height + above) + above;
  const cellBox = (row: number, column: number): Box => ({
    x: left + column * width + 1,
    y: top(row) + 1,
    width: width - 2,
    height: height - 2,
  });
  const rowName = (name: string, row: number): Markup =>
    isBeside
      ? nameOf(name, beside - APART, { x: left - 10, y: top(row) + height / 2 + 4, anchor: "end" })
      : nameOf(name, box.width, { x: left, y: top(row) - 5, anchor: "start" });
  return html`<g>
    ${nameOf(say("Predicted"), 2 * width, { x: left + width, y: 12, fill: "chart-title", weight: 550 })}
    ${heads.map((lines, column) =>
      lines.map((line, at) => nameOf(line, width - 6, { x: left + (column + 0.5) * width, y: 32 + 14 * at })),
    )}
    ${rowNames(model).map(rowName)}
    ${ROWS.flatMap((row, at) =>
      row.map((cell, column) => cellMarkup(model, cell, cellBox(at, column), isLive)),
    )}
  </g>`;
}

function nameOf(text: string, room: number, style: Partial<Text>): Markup {
  return svgOf({
    ...{ kind: "text", x: 0, y: 0, text: fitted(text, room, 12), full: text, size: 12 },
    ...{ anchor: "middle", fill: "chart-text" },
    ...style,
  });
}

/** A name in one line, or broken between words in two where it is longer than its room. */
function inLines(text: string, room: number, size: number): string[] {
  const words = text.split(/(?<=[\s-])/);
  if (textWidth(text, size) <= room || words.length < 2) return [text];
  let first = 1;
  while (first < words.length - 1 && textWidth(words.slice(0, first + 1).join(""), size) <= room) first++;
  return [words.slice(0, first).join("").trimEnd(), words.slice(first).join("")];
}

/** Pale steps only, so that one ink can be read on all of them. */
function shadeOf(share: number): string {
  return `ramp-${6 + Math.round(share * 16)}`;
}

function cellMarkup(model: Model, cell: CellName, { x, y, width, height }: Box, isLive: boolean): Markup {
  const { four, whole, isFiltered } = model;
  const n = four[cell];
  const of = cell === "tp" || cell === "fn" ? four.tp + four.fn : four.fp + four.tn;
  const share = of > 0 ? n / of : null;
  const isPicked = model.picked.includes(cell);
  const middle = { kind: "text", x: x + width / 2, anchor: "middle" } as const;
  const words = inLines(cellWords(cell), width - 8, 11);
  const centre = y + height / 2 + (words.length > 1 ? 12 : 5);
  const was = isFiltered ? say(", was {whole}", { whole: formatCount(whole[cell]) }) : "";
  const shown = formatShare(share) + was;
  // What is heard begins with what is seen, in the same order, so that it can be called by its words.
  const said = say("{cellwords}: {n}, {shown} (share of the row)", {
    cellwords: cellWords(cell),
    n: formatCount(n),
    shown,
  });
  const role = isLive
    ? html` role="button" tabindex="0" aria-pressed="${String(isPicked)}" aria-label="${said}"`
    : null;
  return html`<g class="binary-cell" data-cell="${cell}" data-n="${n}" ${role}>
    ${svgOf({ kind: "rect", x, y, width, height, fill: n === 0 ? "page-surface" : shadeOf(share ?? 0) })}
    ${isPicked ? svgOf({ kind: "rect", x: x + 1, y: y + 1, width: width - 2, height: height - 2, stroke: "chart-accent", line: 2.5 }) : null}
    ${words.map((line, at) => svgOf({ ...middle, y: y + (words.length > 1 ? 14 : 18) + 12 * at, text: fitted(line, width - 8, 11), size: 11, fill: "page-text" }))}
    ${svgOf({ ...middle, y: centre - 2, text: formatCount(n), size: 20, fill: "page-text", weight: 550 })}
    ${svgOf({ ...middle, y: centre + 17, text: fitted(shown, width - 8, 12), size: 12, fill: "page-text" })}
  </g>`;
}

interface Axes {
  name: "roc" | "precision-recall";
  title: string;
  summary: string;
  x: string;
  y: string;
  /** What no skill looks like. */
  chance: (model: Model) => readonly [readonly [number, number], readonly [number, number]] | null;
  /** Whether the curve goes straight from point to point. */
  isStraight: boolean;
}

const ROC: Axes = {
  name: "roc",
  title: "ROC",
  summary: "AUC",
  x: say("False positive rate"),
  y: say("True positive rate"),
  chance: () => [
    [0, 0],
    [1, 1],
  ],
  isStraight: true,
};

const PRECISION_RECALL: Axes = {
  name: "precision-recall",
  title: say("Precision and recall"),
  summary: "AP",
  x: say("Recall"),
  y: say("Precision"),
  chance: ({ four: { tp, fp, fn, tn } }) => {
    const n = tp + fp + fn + tn;
    const base = n > 0 ? (tp + fn) / n : 0;
    return n > 0
      ? [
          [0, base],
          [1, base],
        ]
      : null;
  },
  isStraight: false,
};

export function formatRatio({ value, interval }: Measured): string {
  if (value === null) return "–";
  const ends = interval ? ` (${interval.map((end) => formatFixed(end, 3)).join("–")})` : "";
  return formatFixed(value, 3) + ends;
}

/** From the name of the upright axis to the plot's upper edge, along which a good curve runs, in px. */
const ABOVE = 8;

const TICKS = [0, 0.25, 0.5, 0.75, 1];

function curve(model: Model, { whole, passing, summary }: Curve, axes: Axes, box: Box): Markup {
  const plot = {
    left: box.x + 36,
    right: box.x + box.width - 8,
    top: box.y + 30 + ABOVE,
    bottom: box.y + box.height - 36,
  };
  const [width, height] = [plot.right - plot.left, plot.bottom - plot.top];
  const x = (value: number): number => plot.left + value * width;
  const y = (value: number): number => plot.bottom - value * height;
  const path = (points: readonly Point[]): string =>
    pathOf(points, axes.isStraight, x, y, Math.max(width, height));
  const chance = axes.chance(model);
  const at = passing && pointAt(passing, model.threshold);
  const style = { kind: "text", size: 11, fill: "chart-text" } as const;
  const title = titleIn(box.width, axes, `${axes.summary} ${formatRatio(summary)}`);
  return html`<g
    class="binary-curve"
    data-curve="${axes.name}"
    data-box="${[plot.left, plot.top, width, height].map(tenth).join(" ")}"
  >
    <rect
      x="${tenth(plot.left)}"
      y="${tenth(plot.top)}"
      width="${tenth(width)}"
      height="${tenth(height)}"
      fill="transparent"
    />
    ${svgOf({ ...style, size: 12, x: box.x, y: box.y + 12, text: title, anchor: "start", fill: "chart-title", weight: 550 })}
    ${TICKS.map((tick) => [
      svgOf({
        kind: "line",
        from: [plot.left, y(tick)],
        to: [plot.right, y(tick)],
        stroke: "chart-grid",
        line: 1,
      }),
      tick % 0.5 === 0
        ? svgOf({ ...style, x: plot.left - 6, y: y(tick) + 4, text: sayNumber(String(tick)), anchor: "end" })
        : null,
      tick % 0.5 === 0
        ? svgOf({
            ...style,
            x: x(tick),
            y: plot.bottom + 15,
            text: sayNumber(String(tick)),
            anchor: "middle",
          })
        : null,
    ])}
    ${svgOf({ ...style, x: plot.right, y: plot.bottom + 30, text: axes.x, anchor: "end" })}
    ${svgOf({ ...style, x: plot.left, y: plot.top - ABOVE, text: axes.y, anchor: "start", fill: "page-muted" })}
    ${chance ? html`<path d="M${tenth(x(chance[0][0]))},${tenth(y(chance[0][1]))}L${tenth(x(chance[1][0]))},${tenth(y(chance[1][1]))}" fill="none" stroke="var(--chart-axis)" stroke-dasharray="3 3" />` : null}
    ${whole && model.isFiltered ? html`<path d="${path(whole)}" fill="none" stroke="var(--chart-grey)" stroke-width="2.5" data-of="whole" />` : null}
    ${passing ? html`<path d="${path(passing)}" fill="none" stroke="var(--chart-1)" stroke-width="2" stroke-linejoin="round" data-of="passing" />` : svgOf({ ...style, size: 12, x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2, text: fitted(say("No {positive}, or nothing else, among them", { positive: model.positive }), width, 12), anchor: "middle" })}
    ${at ? html`<circle cx="${tenth(x(at.x))}" cy="${tenth(y(at.y))}" r="5" fill="var(--chart-1)" stroke="var(--page-background)" stroke-width="2" />` : null}
  </g>`;
}

/** A narrow curve is called by its measure alone: what its axes say need not be said twice, the number must not be cut. */
function titleIn(room: number, { title }: Axes, measured: string): string {
  const whole = `${title}: ${measured}`;
  return textWidth(whole, 12, 550) <= room ? whole : fitted(measured, room, 12);
}

/** The last point whose samples are all at the threshold or above. */
export function pointAt(points: readonly Point[], threshold: number): Point {
  let found = points[0]!;
  for (const point of points) {
    if (point.threshold !== null && point.threshold < threshold) break;
    found = point;
  }
  return found;
}

function pathOf(
  points: readonly Point[],
  isStraight: boolean,
  x: (value: number) => number,
  y: (value: number) => number,
  px: number,
): string {
  let before: Point | null = null;
  const parts = thinned(points, px).map((point) => {
    const place = `${tenth(x(point.x))},${tenth(y(point.y))}`;
    // Precision holds between two recalls: average precision is the area below these steps.
    const step = before && !isStraight ? `L${tenth(x(before.x))},${tenth(y(point.y))}` : "";
    const part = before ? `${step}L${place}` : `M${place}`;
    before = point;
    return part;
  });
  return parts.join("");
}
