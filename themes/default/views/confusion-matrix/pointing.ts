/** What lies at a place of the drawing. */
import { textWidth } from "../../src/vega/widths.ts";
import { LABEL, MARK, type Sight } from "./layout.ts";
import { bandBox } from "./margins.ts";
import type { Band } from "./matrix.ts";
import type { Model } from "./model.ts";
import type { Spot } from "./painter.ts";
import { fitted } from "../../src/shapes.ts";

export type Hit =
  | { kind: "cell"; spot: Spot }
  | { kind: "row" | "column"; at: number; isMark: boolean }
  | { kind: "band"; side: "row" | "column"; band: Band };

interface Place {
  x: number;
  y: number;
}

export function hitAt(place: Place, model: Model, sight: Sight): Hit | null {
  const { layout, window, scale } = sight;
  const [across, down] = [place.x - layout.left, place.y - layout.top];
  const row = Math.floor(window[2] + down / scale);
  const column = Math.floor(window[0] + across / scale);
  const isSeen = (at: number, from: number): boolean => at >= 0 && at < layout.size && from <= layout.side;
  const [isRow, isColumn] = [down >= 0 && isSeen(row, down), across >= 0 && isSeen(column, across)];
  if (isRow && isColumn) return { kind: "cell", spot: { row, column } };
  // Measures stand in their row too.
  if (isRow) return inRow(place, model, sight, row);
  return isColumn && down < 0 ? inColumn(place, model, sight, column) : null;
}

function inRow(place: Place, model: Model, sight: Sight, at: number): Hit {
  const { layout } = sight;
  const band = place.x < layout.left - layout.label ? bandAt(place, model, sight, "y") : null;
  if (band) return { kind: "band", side: "row", band };
  return { kind: "row", at, isMark: isOnMark(place, model, sight, at) };
}

function inColumn(place: Place, model: Model, sight: Sight, at: number): Hit {
  const { layout } = sight;
  const band = place.y < layout.top - layout.header ? bandAt(place, model, sight, "x") : null;
  if (band) return { kind: "band", side: "column", band };
  return { kind: "column", at, isMark: isOnColumnMark(place, model, sight, at) };
}

function bandAt(place: Place, model: Model, sight: Sight, axis: "x" | "y"): Band | null {
  const [along, across] = axis === "y" ? [place.y, place.x] : [place.x, place.y];
  return (
    model.axis.bands.find((band) => {
      const box = bandBox(band, sight, axis);
      return (
        box && along >= box.from && along <= box.to && across >= box.at && across < box.at + sight.layout.band
      );
    }) ?? null
  );
}

/** Whether the place is on the ▸ of a closed node. */
function isOnMark({ x }: Place, { axis }: Model, { layout }: Sight, row: number): boolean {
  const entry = axis.entries[row]!;
  if (!entry.isClosed || x >= layout.left) return false;
  const text = fitted(entry.name, layout.label - 8 - MARK, LABEL);
  return x < layout.left - 8 - textWidth(text, LABEL) + 2;
}

function isOnColumnMark({ x, y }: Place, { axis }: Model, sight: Sight, column: number): boolean {
  const entry = axis.entries[column]!;
  if (!entry.isClosed) return false;
  if (sight.layout.isTurned) return y > sight.layout.top - 6 - MARK;
  return x < sight.x(column) + sight.scale / 2 - textWidth(entry.name, LABEL) / 2 + 2;
}
