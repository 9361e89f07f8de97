/** Where the selected marks are among the rows and columns that are shown. */
import type { Model } from "./model.ts";
import type { Spot } from "./painter.ts";
import { markId, type Mark, type MatrixState } from "./state.ts";
import { idOf } from "./tree.ts";

/** A mark that is open is all of its rows; one inside a closed node, or out of sight, has no place. */
export function selectedSpots(model: Model, { cells = [], rows = [], columns = [] }: MatrixState): Spot[] {
  const places = (mark: Mark): number[] => placesOf(model, mark);
  return [
    ...cells.flatMap(([actual, predicted]) =>
      places(actual).flatMap((row) => places(predicted).map((column) => ({ row, column }))),
    ),
    ...rows.flatMap((mark) => places(mark).map((row) => ({ row, column: -1 }))),
    ...columns.flatMap((mark) => places(mark).map((column) => ({ row: -1, column }))),
  ];
}

function placesOf({ axis }: Model, mark: Mark): number[] {
  const id = markId(mark);
  const at = axis.entries.findIndex((entry) => markId(entry.mark) === id);
  if (at >= 0) return [at];
  const band = "not" in mark ? undefined : axis.bands.find(({ node }) => node.id === idOf(mark));
  return band ? Array.from({ length: band.to - band.from }, (_, index) => band.from + index) : [];
}
