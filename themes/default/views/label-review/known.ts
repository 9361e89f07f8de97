/** What the table says of samples that are decided of, whether or not the list shows them. */
import type { Sample } from "../../src/corrections/fit.ts";
import { kindOf } from "../../src/data/columns.ts";
import { rowsAmong } from "../../src/live/among.ts";
import type { Host } from "../../src/live/host.ts";
import type { Column } from "../../src/page.ts";
import type { Id } from "../../src/selected.ts";
import type { Options } from "./options.ts";
import { samplesQuery, tilesQuery, type Item } from "./queries.ts";

export class Known {
  /** By ids; null for those that the table does not have. */
  readonly samples = new Map<Id, Sample | null>();
  /** What is drawn of those that somebody decided differently. */
  readonly tiles = new Map<Id, Item>();
  /** Ids whose answer is awaited. */
  private readonly asked = new Set<string>();

  constructor(
    private readonly host: Pick<Host, "page" | "context">,
    private readonly options: Options,
  ) {}

  /** Takes what the list says of samples, which then need not be asked. */
  note(items: readonly Item[]): void {
    for (const { id, label, prediction, rank } of items)
      this.samples.set(id, { id, label, prediction, rank: rank ?? null });
  }

  /** Asks of samples, and what is drawn of some; says whether something came of it. */
  async find(ids: Iterable<Id>, drawn: readonly Id[]): Promise<boolean> {
    const { page, context } = this.host;
    const { table } = context;
    const samples = this.fresh("sample", [...ids], this.samples);
    const tiles = this.fresh("tile", drawn, this.tiles);
    if (samples.length + tiles.length === 0) return false;
    for (const row of await rowsAmong(page, samples, (some) => samplesQuery(this.options, table, some)))
      this.samples.set(row["id"] as Id, row as unknown as Sample);
    for (const id of samples) if (!this.samples.has(id)) this.samples.set(id, null);
    for (const row of await rowsAmong(page, tiles, (some) => tilesQuery(this.options, table, some)))
      this.tiles.set(row["id"] as Id, row as unknown as Item);
    return true;
  }

  /** The samples of a patch by their ids as text, whatever type the patch gives those. */
  async byText(ids: readonly Id[]): Promise<ReadonlyMap<string, Sample>> {
    const { id: column } = this.options.card;
    const own = [...new Set(ids.map((id) => idFor(column, id)).filter((id) => id !== null))];
    const { page, context } = this.host;
    const { table } = context;
    const rows = await rowsAmong(page, own, (some) => samplesQuery(this.options, table, some));
    return new Map(rows.map((row) => [String(row["id"]), row as unknown as Sample]));
  }

  private fresh(kind: string, ids: readonly Id[], known: ReadonlyMap<Id, unknown>): Id[] {
    const found = ids.filter((id) => !known.has(id) && !this.asked.has(`${kind} ${id}`));
    for (const id of found) this.asked.add(`${kind} ${id}`);
    return found;
  }
}

/** An id as the table's column has it; null for one that it cannot have. */
export function idFor(column: Column, id: Id): Id | null {
  if (kindOf(column) === "text") return String(id);
  return String(Number(id)) === String(id) ? Number(id) : null;
}
