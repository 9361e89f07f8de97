/** What a network's figure asks besides its tables: the image of a sample, and what is selected. */
import { column as columnRef, type ExprNode } from "@uwdata/mosaic-sql";
import { networkQueries } from "../../src/architecture/asking.ts";
import type { Sample } from "../../src/architecture/glyphs.ts";
import { withRole } from "../../src/data/columns.ts";
import { scalar } from "../../src/data/result.ts";
import { isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { NamedQuery, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import type { Query } from "@uwdata/mosaic-sql";

export function queries({ network, samples }: Options): Record<string, NamedQuery> {
  const sample: NamedQuery | null = samples && { filtered: false, sql: () => sampleQuery(samples) };
  return { ...networkQueries(network), ...(sample ? { sample } : {}) };
}

function sampleQuery(table: Table): Query {
  const place = (role: string): string => withRole(table, role)!.name;
  const named = Object.fromEntries(["sheet", "x", "y"].map((role) => [role, columnRef(place(role))]));
  return rowsOf(table, null)
    .select(named)
    .orderby(withRole(table, "id")?.name ?? place("sheet"))
    .limit(1);
}

/** The image of the first sample; null where there is none. */
export function sampleIn({ samples }: Options, results: Results): Sample | null {
  const found = results["sample"];
  if (!samples || !found?.rows) return null;
  const [sheet, x, y] = ["sheet", "x", "y"].map((name) => scalar(found, name)) as [number, number, number];
  const media = samples.media[sheet];
  if (!media) return null;
  return {
    href: media.url,
    part: [x, y, media.tile_width, media.tile_height],
    sheet: [media.width, media.height],
  };
}

/** What the reader selected, as a condition; null for nothing. */
export const condition = (ids: readonly string[]): ExprNode | null =>
  ids.length ? isAmong("id", ids) : null;
