/**
 * The order of a view's rows, kept in the engine, so that a window far within costs no new sort; and what rows the view
 * shows, for what it asks beside its named queries.
 */
import type { SelectQuery } from "@uwdata/mosaic-sql";
import type { Result } from "../data/result.ts";
import { quoted } from "../data/relations.ts";
import type { Filter } from "../view.ts";
import type { Host } from "./host.ts";

/** Of more rows than this the engine keeps the order. */
export const FAR = 20_000;

/** How long a window may take before the figure shows that it is busy, in ms. */
const PATIENCE = 300;

/** Numbers the orders of a page: the parts of a split figure have one each. */
let orders = 0;

export class KeptOrder {
  readonly name: string;
  /** The order as it was asked for. */
  private kept = "";

  constructor(private readonly host: Host) {
    this.name = `order ${++orders} of ${host.context.request.id}`;
  }

  /** What the other views, the toolbar and the group select. */
  filter(): Filter {
    const { host } = this;
    const [client] = host.clients();
    const found = host.page.selection(host.context.table.relation).predicate(client, true);
    const present = Array.isArray(found) ? found : found ? [found] : [];
    const all = host.condition ? [...present, host.condition] : present;
    return all.length ? (all as Filter) : null;
  }

  /** Keeps the rows of a query in their order, as `name`; nothing is asked where they are kept already. */
  async keep(rows: SelectQuery): Promise<void> {
    const order = String(rows);
    if (order === this.kept) return;
    this.kept = "";
    await this.host.page.coordinator.exec(`CREATE OR REPLACE TEMP TABLE ${quoted(this.name)} AS ${order}`);
    this.kept = order;
  }

  /** Answers a question; the figure shows that it is busy where that takes long. */
  async ask(text: () => Promise<string>): Promise<Result> {
    const figure = this.host.figure.closest(".view") ?? this.host.figure;
    const busy = setTimeout(() => figure.setAttribute("data-busy", ""), PATIENCE);
    try {
      return await this.host.page.coordinator.answer(await text(), { cache: false });
    } finally {
      clearTimeout(busy);
      figure.removeAttribute("data-busy");
    }
  }
}
