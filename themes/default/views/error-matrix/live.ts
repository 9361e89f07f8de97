/** The live half of the error matrix: selects cells, walks them by key, aligns them; decided samples leave it. */
import { correctionsOf, type Corrections } from "../../src/corrections/corrections.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import { rowsAmong } from "../../src/live/among.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { siteOf } from "../../src/live/site.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import type { Id } from "../../src/selected.ts";
import type { Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { conditionOf, membersQuery, type Cell } from "./queries.ts";
import { isSame, readState, writeState, type ErrorMatrixState } from "./state.ts";
import { framedOf, partsOf, shownOf, view } from "./view.ts";

const MEANING: Meaning<Options, ErrorMatrixState> = {
  ...{ view, read: readState, write: writeState },
  condition: (options, { cells }) => conditionOf(options, cells),
  selecting: ["cells"],
  asking: () => [],
};

class LiveErrorMatrix extends StatedView<Options, ErrorMatrixState> {
  private readonly corrections: Corrections;
  /** While what was decided elsewhere waits to be drawn. */
  private isBehind = false;
  /** Whether decided samples are in the group of this drawing, where it is of one; without those nobody asked of yet. */
  private readonly members = new Map<Id, boolean>();

  constructor(host: Host) {
    super(host, MEANING);
    this.corrections = correctionsOf(siteOf(host.page.payload), host.context.table.name);
    this.corrections.listen(() => this.follow(), host.signal);
    host.body.addEventListener("click", (event) => this.clicked(event));
    host.body.addEventListener("keydown", (event) => this.pressed(event));
  }

  override draw(results: Results): void {
    super.draw(results);
    if (this.unknown().length) void this.repaint();
  }

  /** Draws what was decided after the frame that shows it where it was: whoever decides by key waits for no matrix. */
  private follow(): void {
    if (this.isBehind) return;
    this.isBehind = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.isBehind = false;
        if (!this.host.signal.aborted) void this.repaint();
      }),
    );
  }

  /** Draws what is decided, of the own group alone where the page is split. */
  private async repaint(): Promise<void> {
    const { host, options, members } = this;
    const { table } = host.context;
    const ids = this.unknown();
    const rows = await rowsAmong(host.page, ids, (some) =>
      membersQuery(options, table, host.condition!, some),
    );
    for (const id of ids) members.set(id, false);
    for (const { id } of rows) members.set(id as Id, true);
    if (!host.signal.aborted) this.paint();
  }

  private unknown(): Id[] {
    if (!this.host.condition) return [];
    return [...this.corrections.decisions.keys()].filter((id) => !this.members.has(id));
  }

  private decided(): Decision[] {
    const all = [...this.corrections.decisions.values()];
    return this.host.condition ? all.filter(({ id }) => this.members.get(id)) : all;
  }

  protected paint(): void {
    const { results, host, options } = this;
    if (!results || !["total", "count", "whole", "passing", "shown"].every((name) => name in results)) return;
    this.ensure("rows", results);
    const scene = shownOf(options, results, this.written(), host.context, this.decided());
    this.parts.show(partsOf(scene));
    updateFrame(host.figure, framedOf(scene));
  }

  private clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    const { cell, aligned } = button?.dataset ?? {};
    if (aligned !== undefined) this.change({ isAligned: aligned === "yes" });
    if (cell !== undefined)
      this.toggle(JSON.parse(cell) as Cell, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  private toggle(cell: Cell, keep: boolean): void {
    const { cells } = this.state;
    const others = cells.filter((each) => !isSame(each, cell));
    const isChosen = others.length < cells.length;
    if (keep) return this.change({ cells: isChosen ? others : [...cells, cell] });
    this.change({ cells: isChosen && others.length === 0 ? [] : [cell] });
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === "Escape" && this.state.cells.length) {
      event.preventDefault();
      return this.change({ cells: [] });
    }
    if (!target.matches(".errors-cell") || event.altKey) return;
    const to = this.neighbour(target, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  /** The cell beside one, in its row; or the one at the same place of the next row. */
  private neighbour(from: HTMLElement, key: string): HTMLElement | null {
    const row = from.closest("tr")!;
    const cells = [...row.querySelectorAll<HTMLElement>(".errors-cell")];
    const at = cells.indexOf(from);
    const inRow: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: cells.length - 1,
    };
    if (Object.hasOwn(inRow, key)) return cells[inRow[key]!] ?? null;
    const rows: Record<string, Element | null> = {
      ArrowDown: row.nextElementSibling,
      ArrowUp: row.previousElementSibling,
    };
    const others = [...(rows[key]?.querySelectorAll<HTMLElement>(".errors-cell") ?? [])];
    return others[Math.min(at, others.length - 1)] ?? null;
  }
}

export const live: LiveFactory = (host) => new LiveErrorMatrix(host);
