/** What stands around the cells: the axes' names, labels of rows and columns, bands of open nodes, measures. */
import { textWidth } from "../../src/vega/widths.ts";
import { LABEL, LINE, MARK, type Layout, type MeasureColumn, type Sight } from "./layout.ts";
import type { Measured } from "../../src/shares.ts";
import { formatMeasure, isCount, measureAll, titleOfMeasure } from "./measures.ts";
import type { Band, Entry } from "./matrix.ts";
import type { Model } from "./model.ts";
import { fitted, type Shape, type Text } from "../../src/shapes.ts";

/** Names of the two axes. */
export interface Titles {
  actual: string;
  predicted: string;
}

export function margins(model: Model, sight: Sight, titles: Titles): Shape[] {
  return [
    ...titleShapes(sight.layout, titles),
    ...labels(model, sight, "y"),
    ...labels(model, sight, "x"),
    ...model.axis.bands.flatMap((band) => [...bandShapes(band, sight, "y"), ...bandShapes(band, sight, "x")]),
    ...sight.layout.measures.flatMap((column) => measureShapes(model, sight, column)),
  ];
}

/** Each along its axis; both in one line where the labels are short. */
function titleShapes({ left, top, side, width }: Layout, titles: Titles): Shape[] {
  const style = { kind: "text", size: LABEL, fill: "chart-title", weight: 550 } as const;
  const [down, across] = [`${titles.actual} ↓`, `${titles.predicted} →`];
  const isRoomy = textWidth(down, LABEL, 550) <= left - 8;
  if (!isRoomy) {
    const both = `${down}   ${across}`;
    return [{ ...style, x: 0, y: 12, text: fitted(both, width, LABEL), full: both, anchor: "start" }];
  }
  const room = Math.max(side, width - left);
  return [
    { ...style, x: left, y: 12, text: fitted(across, room, LABEL), full: titles.predicted, anchor: "start" },
    { ...style, x: left - 8, y: top - 13, text: down, anchor: "end" },
  ];
}

function labels(model: Model, sight: Sight, axis: "x" | "y"): Shape[] {
  const [from, to] = sight.range(axis);
  const step = Math.max(1, Math.ceil(LINE / sight.scale));
  const shapes: Shape[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    const middle = (axis === "x" ? sight.x(at) : sight.y(at)) + sight.scale / 2;
    const start = axis === "x" ? sight.layout.left : sight.layout.top;
    if (middle < start || middle > start + sight.layout.side) continue;
    shapes.push(...label(model.axis.entries[at]!, sight, axis, middle));
  }
  return shapes;
}

/** ▸ before the name says that there is more below. */
function label(entry: Entry, { layout, scale }: Sight, axis: "x" | "y", middle: number): Text[] {
  const isDown = axis === "x" && layout.isTurned;
  const room = axis === "y" ? layout.label - 8 : isDown ? layout.header - 8 : scale - 2;
  const text = fitted(entry.name, room - (entry.isClosed ? MARK : 0), LABEL);
  const written = entry.isClosed ? `▸ ${text}` : text;
  const style = {
    kind: "text" as const,
    text: written,
    full: entry.name,
    size: LABEL,
    fill: entry.node ? "chart-text" : "page-muted",
  };
  if (axis === "y") return [{ ...style, x: layout.left - 8, y: middle + 4, anchor: "end" }];
  if (isDown) return [{ ...style, x: middle + 4, y: layout.top - 6, anchor: "start", isTurned: true }];
  return [{ ...style, x: middle, y: layout.top - 6, anchor: "middle" }];
}

/** Where a band is, along its axis and across; null where nothing of it is seen. */
export function bandBox(
  band: Band,
  sight: Sight,
  axis: "x" | "y",
): { from: number; to: number; at: number } | null {
  const { layout } = sight;
  const start = axis === "x" ? layout.left : layout.top;
  const place = (cell: number): number => (axis === "x" ? sight.x(cell) : sight.y(cell));
  const [from, to] = [Math.max(start, place(band.from)), Math.min(start + layout.side, place(band.to))];
  if (to - from < 2) return null;
  const outer = axis === "y" ? 0 : 22;
  return { from, to, at: outer + band.level * layout.band };
}

/** ▾ says that it is open; the name comes first where there is room for one of both only. */
function bandName(name: string, room: number): string {
  const [whole, alone] = [`▾ ${name}`, name].map((text) => textWidth(text, 11, 550) <= room);
  if (whole) return `▾ ${name}`;
  return alone ? name : fitted(name, room, 11) || "▾";
}

function bandShapes(band: Band, sight: Sight, axis: "x" | "y"): Shape[] {
  const box = bandBox(band, sight, axis);
  if (!box) return [];
  const { from, to, at } = box;
  const inner = at + sight.layout.band - 4;
  const name = bandName(band.node.name, to - from - 4);
  const ends = [from + 1.5, to - 1.5] as const;
  const line = { kind: "line", stroke: "chart-axis", line: 1 } as const;
  const text = { kind: "text", text: name, full: band.node.name, size: 11, fill: "chart-title" } as const;
  if (axis === "y")
    return [
      { ...line, from: [inner, ends[0]], to: [inner, ends[1]] },
      { ...text, x: inner - 4, y: (from + to) / 2, anchor: "middle", isTurned: true, weight: 550 },
    ];
  return [
    { ...line, from: [ends[0], inner], to: [ends[1], inner] },
    { ...text, x: (from + to) / 2, y: inner - 4, anchor: "middle", weight: 550 },
  ];
}

const BAR = 36;

/** A bar from zero with its interval as a line, and the number. */
function measureShapes(model: Model, sight: Sight, column: MeasureColumn): Shape[] {
  const { layout, scale } = sight;
  const text = fitted(titleOfMeasure(column.name), column.width, 11);
  const title = { kind: "text", x: column.x, y: layout.top - 6, text, size: 11 } as const;
  const shapes: Shape[] = [{ ...title, anchor: "start", fill: "chart-title" }];
  const [from, to] = sight.range("y");
  const step = Math.max(1, Math.ceil(3 / scale));
  const all = measureAll(model.passing, column.name, model.look.hits);
  const end = isCount(column.name) ? mostIn(model, all) : 1;
  for (let row = Math.ceil(from / step) * step; row < to; row += step) {
    const y = sight.y(row) + scale / 2;
    const isSeen = y >= layout.top && y <= layout.top + layout.side;
    if (isSeen && model.axis.entries[row]!.node)
      shapes.push(...measured(all[row]!, column, { y, height: scale * step, end }));
  }
  return shapes;
}

function measured(
  found: Measured,
  column: MeasureColumn,
  place: { y: number; height: number; end: number },
): Shape[] {
  const { y, end } = place;
  const isRoomy = place.height >= LINE - 1;
  const shapes: Shape[] = isRoomy ? [number(column, y, formatMeasure(column.name, found))] : [];
  // On a phone there is room for the number alone.
  if (found.value === null || !(end > 0) || (isRoomy && column.width < BAR + 30)) return shapes;
  const height = Math.max(1, Math.min(8, place.height - 1));
  const bar = Math.min(BAR, column.width - 2);
  const width = (bar * found.value) / end;
  shapes.push({
    ...{ kind: "rect", x: column.x, y: y - height / 2, width, height },
    ...{ fill: "chart-1", opacity: 0.5 },
  });
  if (!found.interval || height < 5) return shapes;
  const [low, high] = found.interval.map((share) => column.x + bar * share) as [number, number];
  return [...shapes, { kind: "line", stroke: "chart-title", line: 1.5, from: [low, y], to: [high, y] }];
}

function mostIn({ axis }: Model, all: readonly Measured[]): number {
  return all.reduce((most, { value }, row) => Math.max(most, axis.entries[row]!.node ? (value ?? 0) : 0), 0);
}

function number({ x, width }: MeasureColumn, y: number, text: string): Text {
  const room = Math.max(textWidth(text, 11), width);
  return { kind: "text", x: x + room, y: y + 4, text, size: 11, anchor: "end", fill: "chart-text" };
}
