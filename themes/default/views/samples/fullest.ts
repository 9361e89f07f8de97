/** Cards of one height need room for the fullest: made of the longest values that the first answer shows. */
import { column as valuesOf } from "../../src/data/result.ts";
import type { Media } from "../../src/page.ts";
import type { Results } from "../../src/view.ts";
import { isMisread, type Drawn, type Tile } from "../../src/cards.ts";
import { tilesOf } from "./queries.ts";

/** Signs of a text where no answer says how long the longest is. */
const LONG = 400;

/** A card that no other is higher than, as far as is known; one for each size of the sheets' images. */
export function fullestTiles(
  results: Results,
  { options, sheets }: Drawn,
  longest = longestOf(tilesOf(results)),
): Tile[] {
  const tiles = tilesOf(results);
  const fullest: Tile = { id: 0, ...longest };
  if (options.cards === "text") fullest.text = "wide ".repeat(signsOf(results) / 5 + 1);
  if (options.prediction && isAnyMisread(results, tiles)) {
    fullest.label ??= "label";
    fullest.prediction ??= fullest.label;
    if (!isMisread(fullest)) fullest.prediction = `${String(fullest.prediction)}.`;
  } else delete fullest.prediction;
  if (options.cards !== "image" || sheets.length === 0) return [fullest];
  return sizesOf(sheets).map((sheet) => ({ ...fullest, sheet, x: 0, y: 0 }));
}

/**
 * Of every value on the cards the one with the most signs. What was longest before stays where nothing is longer: cards
 * keep their height from filter to filter, and it is measured once.
 */
export function longestOf(tiles: readonly Tile[], before: Partial<Tile> = {}): Partial<Tile> {
  const longest: Record<string, unknown> = { ...before };
  const signs = (value: unknown): number => String(value ?? "").length;
  for (const tile of tiles)
    for (const [name, value] of Object.entries(tile))
      if (!(name in longest) || signs(value) > signs(longest[name])) longest[name] = value;
  return longest;
}

function signsOf({ total }: Results): number {
  const signs = total!.columns["signs"] ? valuesOf(total!, "signs")[0] : LONG;
  return Math.min(LONG, typeof signs === "number" ? signs : LONG);
}

function isAnyMisread({ total }: Results, tiles: readonly Tile[]): boolean {
  return tiles.some(isMisread) || total!.columns["misread"]?.[0] === true;
}

/** One sheet of each size of images. */
function sizesOf(sheets: readonly Media[]): number[] {
  const sizes = new Map(
    sheets.map(({ tile_width: width, tile_height: height }, index) => [`${width} ${height}`, index]),
  );
  return [...sizes.values()];
}
