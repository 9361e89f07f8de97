/** Cards of one height need room for the fullest: made of the longest values that the first answer shows. */
import { column as valuesOf } from "../../src/data/result.ts";
import type { Media } from "../../src/page.ts";
import type { Results } from "../../src/view.ts";
import { EXCERPT, MOST_BREAKS, isMisread, type Drawn, type Tile } from "../../src/cards.ts";
import { tilesOf } from "./queries.ts";

/** A card that no other is higher than, as far as is known; one for each size of the sheets' images. */
export function fullestTiles(
  results: Results,
  { options, sheets }: Drawn,
  longest = longestOf(tilesOf(results)),
): Tile[] {
  const tiles = tilesOf(results);
  const fullest: Tile = { id: 0, ...longest };
  if (options.cards === "text") fullest.text = fullestText(results);
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

/** Breaks first, then the wide signs, then others: as many of each as any text on a card has. */
function fullestText({ total }: Results): string {
  const most = (name: string, otherwise: number): number => {
    const value = total!.columns[name] ? valuesOf(total!, name)[0] : null;
    return typeof value === "number" ? value : otherwise;
  };
  const [breaks, wide, signs] = [most("breaks", 0), most("wide", 0), most("signs", EXCERPT)];
  const others = "wide ".repeat(Math.max(0, signs - wide) / 5 + 1);
  return "w\n".repeat(Math.min(breaks, MOST_BREAKS)) + "\u5bbd".repeat(wide) + others;
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
