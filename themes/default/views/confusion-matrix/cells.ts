/** The cells as shapes: one by one while few, as strokes of one colour where many. */
import { html, trusted, type Markup } from "../../src/markup.ts";
import type { Sight } from "./layout.ts";
import { isHidden } from "./matrix.ts";
import type { Model } from "./model.ts";
import { endOf, inCell, inkOn, level, stepOf, valueOf } from "./shade.ts";
import type { Rect, Shape, Text } from "../../src/shapes.ts";
import { markName } from "./state.ts";

/** So many cells are elements of their own in a static drawing. */
export const MOST_CELLS = 1000;
/** Px from which a cell has room for its number, for a gap around it, and for the outline of the diagonal. */
export const ROOMY = { number: 20, gap: 6, outline: 7 };
const SMALL_TEXT = 11;

/** A cell that is seen: what it holds of the whole and of what passes, and how strongly it is drawn. */
export interface Cell {
  row: number;
  column: number;
  whole: number;
  n: number;
  value: number | null;
  /** 0 to 1 along the scale. */
  level: number;
}

/** Cells of the whole that are seen. */
export function* cellsIn(model: Model, sight: Sight): Generator<Cell> {
  const { whole } = model;
  const [[left, right], [top, bottom]] = [sight.range("x"), sight.range("y")];
  const end = endOf(model);
  const seen = (right - left) * (bottom - top);
  if (seen < whole.cells.size) {
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) {
        const n = whole.cells.get(row * whole.size + column);
        if (n) yield* cellAt(model, row, column, n, end);
      }
    return;
  }
  for (const [at, n] of whole.cells) {
    const [row, column] = [Math.floor(at / whole.size), at % whole.size];
    if (row >= top && row < bottom && column >= left && column < right)
      yield* cellAt(model, row, column, n, end);
  }
}

function* cellAt(model: Model, row: number, column: number, whole: number, end: number): Generator<Cell> {
  if (isHidden(model.axis, row, column) || (model.look.errors && row === column)) return;
  const n = model.passing.cells.get(row * model.passing.size + column) ?? 0;
  const value = n ? valueOf(model.passing, row, column, model.look.normalize) : 0;
  yield { row, column, whole, n, value, level: level(value ?? 0, model, end) };
}

/** The side of a square within its cell: its area goes with the value. */
export function sideOf(at: number): number {
  return at > 0 ? Math.max(0.16, Math.sqrt(at)) : 0;
}

export function boxOf(cell: { row: number; column: number }, sight: Sight, share = 1): Omit<Rect, "kind"> {
  const { scale } = sight;
  const gap = scale >= ROOMY.gap ? 1 : 0;
  const side = (scale - gap) * share;
  const inset = (scale - side) / 2;
  return { x: sight.x(cell.column) + inset, y: sight.y(cell.row) + inset, width: side, height: side };
}

/** Cells one by one, the whole in grey behind what passes. */
export function cellShapes(model: Model, sight: Sight, showsWhole = true): Shape[] {
  const shapes: Shape[] = [];
  const isSized = model.look.encoding === "size";
  const end = endOf(model);
  for (const cell of cellsIn(model, sight)) {
    if (model.isFiltered && showsWhole) shapes.push(greyShape(cell, model, sight, end, isSized));
    if (cell.n > 0) shapes.push(...colouredShapes(cell, model, sight, isSized));
  }
  return shapes;
}

function greyShape(cell: Cell, model: Model, sight: Sight, end: number, isSized: boolean): Rect {
  const value = valueOf(model.whole, cell.row, cell.column, model.look.normalize) ?? 0;
  const share = isSized ? sideOf(level(value, model, end)) : 1;
  return { kind: "rect", ...boxOf(cell, sight, share), fill: "chart-grey" };
}

function colouredShapes(cell: Cell, model: Model, sight: Sight, isSized: boolean): Shape[] {
  const { entries } = model.axis;
  const step = stepOf(cell.level);
  const data = {
    actual: markName(entries[cell.row]!.mark),
    predicted: markName(entries[cell.column]!.mark),
    n: cell.n,
  };
  const share = isSized ? sideOf(cell.level) : 1;
  const fill = isSized ? "chart-1" : `ramp-${step}`;
  const rect: Rect = { kind: "rect", ...boxOf(cell, sight, share), fill, data };
  return isSized ? [rect] : [rect, ...numberIn(cell, model, sight, step)];
}

function numberIn(cell: Cell, { look }: Model, sight: Sight, step: number): Text[] {
  if (sight.scale < ROOMY.number) return [];
  const text = inCell(cell.value, look.normalize, sight.scale - 4, SMALL_TEXT);
  if (!text) return [];
  const [x, y] = [sight.x(cell.column) + sight.scale / 2, sight.y(cell.row) + sight.scale / 2 + 4];
  return [{ kind: "text", x, y, text, size: SMALL_TEXT, anchor: "middle", fill: inkOn(step), weight: 550 }];
}

/** What is right has an outline, whatever its colour; where cells are small, one line goes through all of them. */
export function diagonalShapes(model: Model, sight: Sight): Shape[] {
  const { layout, scale } = sight;
  const stroke = "chart-title";
  if (scale < ROOMY.outline) return throughAll(sight, stroke);
  const [from, to] = [
    Math.max(sight.range("x")[0], sight.range("y")[0]),
    Math.min(sight.range("x")[1], sight.range("y")[1]),
  ];
  const shapes: Shape[] = [];
  const end = endOf(model);
  for (let at = from; at < to; at++) {
    if (model.axis.entries[at]!.node === null) continue;
    const { x, y, width, height } = boxOf({ row: at, column: at }, sight);
    const isInside = x >= layout.left - scale && y >= layout.top - scale;
    if (!isInside) continue;
    shapes.push({
      ...{ kind: "rect", x: x + 1.5, y: y + 1.5, width: width - 3, height: height - 3 },
      ...{ stroke: outlineOn(model, at, end), line: 1.25, opacity: model.look.errors ? 0.4 : 0.9 },
    });
  }
  return shapes;
}

function outlineOn(model: Model, at: number, end: number): string {
  const { look, passing } = model;
  const value = valueOf(passing, at, at, look.normalize) ?? 0;
  const isDeep = inkOn(stepOf(level(value, model, end))) === "page-background";
  return isDeep && !look.errors && look.encoding === "color" ? "page-background" : "chart-title";
}

function throughAll(sight: Sight, stroke: string): Shape[] {
  const { left, top, side } = sight.layout;
  const [low, high] = [
    Math.max(sight.window[0], sight.window[2]),
    Math.min(sight.window[1], sight.window[3]),
  ];
  if (low >= high) return [];
  const at = (place: number): [number, number] => [
    Math.min(left + side, sight.x(place)),
    Math.min(top + side, sight.y(place)),
  ];
  return [{ kind: "line", from: at(low), to: at(high), stroke, line: 1, opacity: 0.4 }];
}

/** At most so many blocks along a side of a static drawing of many cells. */
const BLOCKS = 140;
const SHADES = 16;

/**
 * Many cells at once: a row of neighbours of one shade is one stroke, and all of a shade are one path. Where cells are
 * finer than can be printed, neighbours share a block, which has the shade of the strongest.
 */
export function strokes(model: Model, sight: Sight): { markup: Markup; together: number } {
  const { size } = model.whole;
  const together = Math.ceil(size / BLOCKS);
  const across = Math.ceil(size / together);
  const blocks = new Float32Array(across * across);
  for (const { row, column, n, level: at } of cellsIn(model, sight)) {
    if (n === 0) continue;
    const block = Math.floor(row / together) * across + Math.floor(column / together);
    blocks[block] = Math.max(blocks[block]!, 0.01 + at);
  }
  const { layout } = sight;
  const scale = Number((layout.side / (size / together)).toPrecision(6));
  const paths = [...runs(blocks, across)].map(
    ([shade, run]) => html`<path stroke="var(--ramp-${shade})" d="${run.join("")}" />`,
  );
  const markup = html`<g
    transform="translate(${layout.left},${layout.top}) scale(${scale})"
    shape-rendering="crispEdges"
    fill="none"
    data-together="${together}"
  >
    ${paths}
  </g>`;
  return { markup: trusted(markup.text), together };
}

function runs(blocks: Float32Array, across: number): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const shadeAt = (at: number): number =>
    blocks[at]! > 0 ? stepOf(Math.round((blocks[at]! - 0.01) * SHADES) / SHADES) : -1;
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across;) {
      const shade = shadeAt(row * across + column);
      let end = column + 1;
      while (end < across && shadeAt(row * across + end) === shade) end++;
      if (shade >= 0 && !found.has(shade)) found.set(shade, []);
      found.get(shade)?.push(`M${column},${row + 0.5}h${end - column}`);
      column = end;
    }
  }
  return found;
}
