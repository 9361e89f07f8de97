/**
 * The plot as SVG. Marks are written once, in whole units of the extent and as one path per look, and both static
 * widths show them: a dot is a line without length (`m3,4h0`), a row of equal cells one stroke. 20,000 points take
 * less than a tenth of what one element each takes.
 */
import { labelOf } from "../../src/data/columns.ts";
import { html, trusted, type Markup } from "../../src/markup.ts";
import type { Bounds } from "./bounds.ts";
import { nameOfCode, stepOf, variableOfCode, type Colouring } from "./colouring.ts";
import { densityOf, paintOf } from "./density.ts";
import { labelsOf } from "./labels.ts";
import type { Options } from "./options.ts";
import type { Place } from "../../src/vega/size.ts";
import {
  frameOf,
  heightOf,
  homeWindow,
  opacityFor,
  Projection,
  sizeFor,
  ticksOf,
  type Frame,
} from "./plot.ts";
import type { Cells, Facts, Marks, Points } from "./queries.ts";

/** Units across the extent in which dots are placed; about half a px. */
const UNITS = 1024;

/** Steps of the ramp in a static drawing: neighbours share a path. */
const STEPS = 16;

export interface Drawn {
  facts: Facts;
  marks: Marks;
}

/** The whole table at each width. */
export function drawings(
  options: Options,
  drawn: Drawn,
  request: { id: string; height: number | null },
  places: readonly Place[],
): Markup {
  const id = `${request.id}-marks`;
  const paths = marksMarkup(options, drawn);
  const frame = (width: number): Frame => frameOf(options, width, heightOf(request.height, width));
  const marks = (at: number): Markup =>
    at === 0 ? html`<g id="${id}">${paths}</g>` : html`<use href="#${id}" />`;
  return html`${places.map(
    ({ width, names }, at) =>
      html`<div class="${names}">${drawing(options, drawn, frame(width), marks(at))}</div>`,
  )}`;
}

function drawing(options: Options, drawn: Drawn, frame: Frame, marks: Markup): Markup {
  const { extent } = drawn.facts;
  const projection = new Projection(homeWindow(extent, frame, options.isEqual), frame);
  const { width, height } = frame;
  return html`<svg
    class="chart scatter-drawing"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    aria-hidden="true"
    focusable="false"
  >
    ${axesMarkup(options, projection)}
    <g transform="${placing(drawn.marks, extent, projection)}">${marks}</g>
    ${labelsMarkup(options, drawn, projection, null)}
  </svg>`;
}

/** Puts units of dots, or cells of the lattice, where they belong. */
function placing(marks: Marks, extent: Bounds, projection: Projection): string {
  const [x, y, width, height] =
    marks.kind === "points"
      ? [extent[0], extent[2], (extent[1] - extent[0]) / UNITS, (extent[3] - extent[2]) / UNITS]
      : [marks.lattice.left, marks.lattice.bottom, marks.lattice.width, marks.lattice.height];
  const place = `translate(${rounded(projection.x(x))},${rounded(projection.y(y))})`;
  return `${place} scale(${precise(width * projection.perX)},${precise(-height * projection.perY)})`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function precise(value: number): number {
  return Number(value.toPrecision(6));
}

function marksMarkup(options: Options, { facts, marks }: Drawn): Markup {
  return marks.kind === "points" ? dots(options, marks, facts) : cells(marks, facts.colouring);
}

/** Dots of one look, ordered by place so that steps from one to the next are short; none is drawn twice. */
function dots(options: Options, points: Points, { extent, colouring }: Facts): Markup {
  const groups = new Map<string, Set<number>>();
  for (let index = 0; index < points.n; index++) {
    const look = variableOf(points.code[index]!, colouring);
    const place =
      unit(points.y[index]!, extent[2], extent[3]) * (UNITS + 1) +
      unit(points.x[index]!, extent[0], extent[1]);
    if (!groups.has(look)) groups.set(look, new Set());
    groups.get(look)!.add(place);
  }
  const size = sizeFor(options, points.n);
  const opacity = opacityFor(options, points.n);
  return html`${[...groups].map(
    ([look, places]) =>
      html`<path
        stroke="var(--${look})"
        stroke-width="${size}"
        stroke-linecap="round"
        stroke-opacity="${opacity}"
        vector-effect="non-scaling-stroke"
        d="${dotPath([...places].sort((a, b) => a - b))}"
      />`,
  )}`;
}

function unit(value: number, low: number, high: number): number {
  return Math.round(((value - low) / (high - low)) * UNITS);
}

function dotPath(places: readonly number[]): string {
  let [beforeX, beforeY] = [0, 0];
  return places
    .map((place) => {
      const [x, y] = [place % (UNITS + 1), Math.floor(place / (UNITS + 1))];
      const step = `m${x - beforeX},${y - beforeY}h0`;
      [beforeX, beforeY] = [x, y];
      return step;
    })
    .join("");
}

/** The colour of a point, as a variable without its dashes. */
export function variableOf(code: number, colouring: Colouring): string {
  if (colouring.kind === "plain") return "chart-1";
  if (colouring.kind === "categories") return variableOfCode(code);
  const step = stepOf(colouring, code);
  if (step === null) return "chart-grey";
  return `ramp-${Math.min(63, Math.round(step / (64 / STEPS)) * (64 / STEPS))}`;
}

function cells(marks: Cells, colouring: Colouring): Markup {
  const { shades, most } = densityOf(marks, colouring, null);
  const groups = new Map<string, string[]>();
  const sorted = [...shades].sort((a, b) => a.row - b.row || a.column - b.column);
  for (let at = 0; at < sorted.length;) {
    const { column, row } = sorted[at]!;
    const look = lookOf(sorted[at]!, most, colouring);
    let end = at + 1;
    while (isNext(sorted[end], row, column + end - at) && lookOf(sorted[end]!, most, colouring) === look)
      end++;
    if (!groups.has(look)) groups.set(look, []);
    groups.get(look)!.push(`M${column},${row + 0.5}h${end - at}`);
    at = end;
  }
  const paths = [...groups].map(([look, runs]) => html`<path ${trusted(look)} d="${runs.join("")}" />`);
  return html`<g shape-rendering="crispEdges">${paths}</g>`;
}

function isNext(shade: { row: number; column: number } | undefined, row: number, column: number): boolean {
  return shade?.row === row && shade.column === column;
}

/** Attributes of a stroke as wide as a row of cells; made of our own words and numbers. */
function lookOf(shade: Parameters<typeof paintOf>[0], most: number, colouring: Colouring): string {
  const { variable, opacity } = paintOf(shade, most, colouring);
  return `stroke="var(--${variable})" stroke-opacity="${Number(opacity.toFixed(2))}"`;
}

/** Names of the categories where they crowd. */
export function labelsMarkup(
  options: Options,
  { facts, marks }: Drawn,
  projection: Projection,
  picked: ReadonlySet<number> | null,
): Markup | null {
  const { colouring } = facts;
  const isCurrent = colouring.kind === "categories" && marks.color === colouring.column.name;
  if (!options.labels || !isCurrent) return null;
  const labels = labelsOf(marks, colouring, projection, picked);
  return html`<g class="scatter-labels">
    ${labels.map(
      ({ text, x, y, code }) =>
        html`<text x="${rounded(x)}" y="${rounded(y)}" data-code="${code}"
          >${text === "" ? nameOfCode(colouring, code) : text}</text
        >`,
    )}
  </g>`;
}

/** Ticks, their texts and titles; nothing where coordinates mean nothing by themselves. */
export function axesMarkup(options: Options, projection: Projection): Markup | null {
  if (!options.axes) return null;
  const { left, right, top, bottom, height } = projection.frame;
  return html`<g class="scatter-axes">
    ${ticksOf(options.x, "x", projection).map(
      ({ at, text }) =>
        html`<path d="M${rounded(at)},${bottom}v4" /><text x="${rounded(at)}" y="${bottom + 18}"
            >${text}</text
          >`,
    )}
    ${ticksOf(options.y, "y", projection).map(
      ({ at, text }) =>
        html`<path class="scatter-grid" d="M${left},${rounded(at)}H${right}" /><text
            class="scatter-up"
            x="${left - 8}"
            y="${rounded(at + 4)}"
            >${text}</text
          >`,
    )}
    <path d="M${left},${bottom}H${right}" />
    <text class="scatter-axis-title" x="${right}" y="${height - 6}" text-anchor="end"
      >${labelOf(options.x)}</text
    >
    <text class="scatter-axis-title" x="0" y="${top - 12}" text-anchor="start">${labelOf(options.y)}</text>
  </g>`;
}
