/**
 * The table's live half: draws only the rows in sight, asks for them a window at a time, and lets the reader sort,
 * search, choose columns and select rows, by pointer and by keyboard. Selected rows filter the other views.
 */
import { clausePoints, type SelectionClause } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { objects, scalar } from "../../src/data/result.ts";
import { highlightsOfFilter, joined } from "../../src/highlight.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { FAR, KeptOrder } from "../../src/live/order.ts";
import type { Change } from "../../src/live/page.ts";
import { isPrinting } from "../../src/live/printing.ts";
import { sizeNow, sizeOf } from "../../src/live/resizing.ts";
import { Scroller } from "../../src/live/scroller.ts";
import { RowWindow } from "../../src/live/window.ts";
import { formatCount } from "../../src/markup.ts";
import { drawn, inSight, partOfRow, rowExtent, type RowExtent } from "../../src/scroll.ts";
import { fitting, MOST_SELECTED } from "../../src/selected.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { clauseOf } from "../../src/live/clause.ts";
import { Controls, type Controlled } from "./controls.ts";
import { columnGroup, emptyRow, head, rowHeight, rowId, rowMarkup, widthsOf, type Layout } from "./markup.ts";
import { cutQuery, idsQuery, orderedRows, windowQuery, type Options, type Row } from "./query.ts";
import { conditionsOf } from "./groups.ts";
import { givenWidth, readState, toggled, writeState, type Id, type TableState } from "./state.ts";
import { effective, searchHighlights, shownColumns } from "./view.ts";
import { say } from "../../src/words.ts";
import { messageOf } from "../../src/problem.ts";

/** Rows drawn beyond those in sight, on each side. */
const BESIDE = 8;

class LiveTable implements LiveView, Controlled {
  readonly options: Options;
  /** What the reader changed. */
  state: TableState;
  readonly rows: RowWindow<Row>;
  private readonly scroller: Scroller;
  readonly table: HTMLTableElement;
  private results: Results | null = null;
  private seen: Results[string] | null = null;
  private passing = 0;
  /** The rows stay where they are when the next answer comes. */
  private keepsPlace = false;
  /** Markup as it stands in the page: what says the same is not written again. */
  private drawnHead = "";
  private drawnColumns = "";
  private drawnRows = "";
  /** Widths as drawn; a filter does not change them, and those of groups are the same. */
  private readonly widths: Map<string, number>;
  /** The row that keys act on, and the one that a range begins at. */
  private active = -1;
  private anchor = -1;
  /** The row that the whole is scrolled to, where this is a group, which has a place of its own. */
  private shared = 0;
  private readonly order: KeptOrder;
  private readonly controls: Controls;

  constructor(readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, {});
    this.widths = widthsBy(host.source);
    this.order = new KeptOrder(host);
    this.table = host.body.querySelector<HTMLTableElement>("table.table")!;
    this.rows = new RowWindow(
      (offset, limit) => this.ask(offset, limit),
      () => this.scroller.schedule(),
      (error) =>
        this.controls.say(say("Rows could not be read: {why}", { why: messageOf(error).slice(0, 200) })),
    );
    this.controls = new Controls(this);
    const scrolled = {
      extent: () => this.results && this.extent(),
      paint: () => this.paintRows(),
      rested: () => this.rested(),
    };
    const frame = host.body.querySelector<HTMLElement>(".table-frame")!;
    this.scroller = new Scroller(frame, scrolled, host.signal);
  }

  /* Drawing */

  async draw(results: Results): Promise<void> {
    const isFirst = this.results === null;
    this.results = results;
    this.passing = scalar(results["passing"]!, "rows");
    const isFresh = results["rows"] !== this.seen;
    if (isFresh) {
      this.seen = results["rows"]!;
      this.rows.reset((objects(this.seen) as Row[]).entries());
      if (!this.keepsPlace || this.state.at >= this.passing) this.toTop();
    }
    if (isFirst) this.becomeGrid();
    this.paint();
    if (isFresh && this.keepsPlace) this.toPlace();
    if (isFresh) this.keepsPlace = false;
    await this.rows.settled();
    this.paintRows();
  }

  foresee(_results: Results, state: ViewState): void {
    const read = readState(this.options, state);
    if (!read.ids.length) return;
    for (const [relation, clause] of this.clauses(read)) this.host.select(clause, relation);
  }

  restore(written: ViewState | null): void {
    const { state: before, host } = this;
    this.state = readState(this.options, written ?? {});
    this.shared = this.state.at;
    if (host.place) this.state = { ...this.state, at: host.place.read() };
    if (before.ids.length || this.state.ids.length)
      for (const [relation, clause] of this.clauses()) this.host.select(clause, relation);
    this.controls.show();
    this.keepsPlace = true;
    if (!this.results) return;
    const asked = (state: TableState): string =>
      JSON.stringify([state.sort, state.search, state.within, state.columns]);
    if (asked(before) !== asked(this.state)) this.host.requery();
    this.paint();
    this.toPlace();
  }

  /** Scrolls to the row that the state names. */
  private toPlace(): void {
    const { first } = inSight(this.scroller.position, this.extent());
    if (first !== this.state.at && this.state.at < this.passing)
      this.scroller.begin(partOfRow(this.state.at, this.extent()));
  }

  /** Where the reader has come to rest goes into the link. */
  private rested(): void {
    if (this.passing > 0) this.setAt(inSight(this.scroller.position, this.extent()).first);
  }

  /** No step of the reader's: going back leads to where the rows were left. */
  private setAt(at: number): void {
    if (at === this.state.at) return;
    this.state = { ...this.state, at };
    if (this.host.place) this.host.place.write(at);
    else this.host.publish(this.written(), null, "adjust");
  }

  private written(): ViewState | null {
    const at = this.host.place ? this.shared : this.state.at;
    const written = writeState({ ...this.state, at });
    return Object.keys(written).length ? written : null;
  }

  private toTop(): void {
    this.scroller.toTop();
    this.setAt(0);
    this.setActive(-1);
    this.anchor = -1;
  }

  /** From now on rows can be walked and selected: what was a table to read is a grid to use. */
  private becomeGrid(): void {
    const { element } = this.scroller;
    element.removeAttribute("tabindex");
    // However few rows a filter leaves, what stands below stays where it is.
    element.style.minHeight = `${element.offsetHeight}px`;
    this.table.tabIndex = 0;
    this.table.setAttribute("role", "grid");
    if (this.options.key) this.table.setAttribute("aria-multiselectable", "true");
  }

  layout(): Layout {
    const state = effective(this.options, writeState(this.state));
    const shown = shownColumns(this.options, state);
    const { options, host } = this;
    const { context, page } = host;
    const filtered = highlightsOfFilter(page.state.filter, context.table);
    const highlights = joined(searchHighlights(options, state), filtered);
    return { options, shown, results: this.results!, state, context, isLive: true, highlights };
  }

  /** Everything: head, rows, the lines around them. */
  paint(): void {
    const layout = this.layout();
    this.paintWidths(layout);
    this.paintHead(layout);
    this.paintRows();
    this.controls.show();
    const total = this.host.context.group?.rows ?? scalar(this.results!["summary"]!, "rows");
    updateFrame(this.host.figure, { rows: this.passing, total, notices: [], data: null });
  }

  private paintHead(layout: Layout): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["sort"];
    const { text } = head(layout);
    if (text === this.drawnHead) return;
    this.table.tHead!.innerHTML = this.drawnHead = text;
    sizeNow(this.table.tHead!);
    if (focused) this.heading(focused)?.focus();
  }

  heading(column: string): HTMLElement | null {
    return this.table.querySelector<HTMLElement>(`[data-sort="${CSS.escape(column)}"]`);
  }

  private paintWidths(layout: Layout): void {
    const { shown } = layout;
    const fresh = widthsOf(layout, objects(this.seen!));
    const widths = shown.map(({ column }, index) => {
      const width = givenWidth(this.state, column.name) ?? this.widths.get(column.name) ?? fresh[index]!;
      this.widths.set(column.name, width);
      return width;
    });
    const { text } = columnGroup(this.options, shown, widths);
    if (text !== this.drawnColumns) {
      this.table.querySelector("colgroup")!.outerHTML = this.drawnColumns = text;
      // The reader's own width may be between the steps.
      for (const column of this.table.querySelectorAll("col"))
        column.style.setProperty("--width", `${column.dataset["width"]}px`);
    }
    this.table.classList.toggle("table-sized", Object.keys(this.state.widths).length > 0);
  }

  /** Takes the widths as they stand on the screen, so that one can change while the others stay. */
  freezeWidths(): void {
    for (const cell of this.table.tHead!.querySelectorAll<HTMLElement>("th[data-column]"))
      this.widths.set(cell.dataset["column"]!, Math.round(cell.getBoundingClientRect().width));
  }

  forgetWidth(column: string): void {
    this.widths.delete(column);
  }

  private extent(): RowExtent {
    const sight = sizeOf(this.scroller.element).height - sizeOf(this.table.tHead!).outerHeight;
    return rowExtent(this.passing, rowHeight(this.options), Math.max(1, sight));
  }

  private paintRows(): void {
    const layout = this.layout();
    const body = this.table.tBodies[0]!;
    this.table.setAttribute("aria-rowcount", String(this.passing + 1));
    if (this.passing === 0) {
      body.innerHTML = this.drawnRows = emptyRow(layout).text;
      this.controls.foot("");
      return;
    }
    const { first, end, above, below } = drawn(this.scroller.position, this.extent(), BESIDE);
    const indexes = Array.from({ length: end - first }, (_, index) => first + index);
    const markup = indexes.map((index) => rowMarkup(layout, this.rows.row(index), index).text).join("");
    if (markup !== this.drawnRows) body.innerHTML = `${SPACE}${(this.drawnRows = markup)}${SPACE}`;
    const spaces = body.querySelectorAll<HTMLElement>(".table-space");
    [above, below].forEach((height, index) => (spaces[index]!.style.height = `${height}px`));
    this.showActive();
    this.rows.want(first, end);
    this.sayPlace();
  }

  /** A sheet has all rows that are drawn. */
  private sayPlace(): void {
    const { position } = this.scroller;
    const { first, end } = isPrinting()
      ? drawn(position, this.extent(), BESIDE)
      : inSight(position, this.extent());
    const { element } = this.scroller;
    const beside = element.scrollWidth > element.clientWidth ? ` · ${say("more columns to the side")}` : "";
    this.controls.foot(
      say("Rows {first}–{end} of {passing}", {
        first: formatCount(first + 1),
        end: formatCount(end),
        passing: formatCount(this.passing),
      }) + beside,
    );
  }

  /* Asking */

  private async ask(offset: number, limit: number): Promise<Row[]> {
    return objects(await this.order.ask(() => this.windowText({ offset, limit })));
  }

  private async windowText(window: { offset: number; limit: number }): Promise<string> {
    const { shown, state } = this.layout();
    const { source } = this.options;
    const filter = this.order.filter();
    if (this.passing <= FAR) return String(windowQuery(source, shown, filter, state, window));
    await this.order.keep(orderedRows(source, filter, state));
    return String(cutQuery(source, shown, state, this.order.name, window));
  }

  /** Ids of the rows from one to another, both included; at most as many as a query can hold. */
  private async idsBetween(from: number, to: number): Promise<Id[]> {
    const { state } = this.layout();
    const [offset, last] = [Math.min(from, to), Math.max(from, to)];
    const window = { offset, limit: Math.min(MOST_SELECTED, last - offset + 1) };
    const ids = idsQuery(this.options.source, this.order.filter(), state, window);
    const found = await this.order.ask(() => Promise.resolve(String(ids)));
    const keys = objects(found).map((row) => row[":id"] as Id | null);
    return [...new Set(keys.filter((key) => key !== null))];
  }

  /* Changing */

  /** Takes on what the reader changed; `asks` says whether other rows or cells are needed for it. */
  change(changed: Partial<TableState>, kind: Change, asks: boolean): void {
    this.state = { ...this.state, ...changed };
    const clauses = "ids" in changed ? this.clauses() : null;
    this.keepsPlace = "columns" in changed;
    this.host.publish(this.written(), clauses, kind);
    if (asks) this.host.requery();
    else if (this.results) this.paint();
  }

  /** What keeps the selected rows in other views, by relation; of groups of samples, these samples. */
  private clauses(state = this.state): Map<string, SelectionClause> {
    const { host, options } = this;
    const { id, table } = options.source;
    if (!id) {
      const conditions = conditionsOf(state.ids.map(String), host.context);
      return new Map(Array.from(conditions, ([name, condition]) => [name, clauseOf(host, condition)]));
    }
    const values = state.ids.length ? state.ids.map((each) => [each]) : null;
    const own = { source: host.source, clients: host.clients() };
    return new Map([[table.relation, clausePoints([columnRef(id.name)], values, own)]]);
  }

  /* Selecting */

  private idOf(index: number): Id | null {
    return (this.rows.row(index)?.[":id"] ?? null) as Id | null;
  }

  /** A row by itself, with `keep` beside the others. */
  pick(index: number, keep: boolean): void {
    const id = this.idOf(index);
    this.setActive(index);
    this.anchor = index;
    if (id !== null && this.options.key) this.select(toggled(this.state.ids, id, keep), 0);
  }

  /** All rows from where the selection began. */
  async pickTo(index: number, keep: boolean): Promise<void> {
    if (!this.options.key) return this.setActive(index);
    if (this.anchor < 0) this.anchor = Math.max(0, this.active);
    this.setActive(index);
    const ids = await this.idsBetween(this.anchor, index);
    const wanted = Math.abs(index - this.anchor) + 1;
    this.select(keep ? [...new Set([...this.state.ids, ...ids])] : ids, wanted);
  }

  async pickAll(): Promise<void> {
    if (!this.options.key || this.passing === 0) return;
    this.select(await this.idsBetween(0, this.passing - 1), this.passing);
  }

  select(ids: readonly Id[], wanted: number): void {
    const kept = fitting(ids);
    this.change({ ids: kept }, "commit", false);
    if (kept.length < wanted)
      this.controls.say(
        say("The first {kept} of {wanted} are selected: more do not fit into a link.", {
          kept: formatCount(kept.length),
          wanted: formatCount(wanted),
        }),
      );
  }

  /** Moves the row that keys act on. */
  step(index: number): number {
    const from =
      this.active < 0 && index !== 0
        ? inSight(this.scroller.position, this.extent()).first - Math.sign(index)
        : this.active;
    return Math.max(0, Math.min(this.passing - 1, from + index));
  }

  get lastRow(): number {
    return this.passing - 1;
  }

  get activeRow(): number {
    return this.active;
  }

  /** Rows of a page, for the keys that turn one. */
  pageSize(): number {
    const { sight, rowHeight: height } = this.extent();
    return Math.max(1, Math.floor(sight / height) - 1);
  }

  setActive(index: number): void {
    this.active = index;
    if (index < 0) {
      this.table.removeAttribute("aria-activedescendant");
      return;
    }
    const { first, end } = inSight(this.scroller.position, this.extent());
    if (index <= first || index >= end - 1) this.scroller.reveal(partOfRow(index, this.extent()));
    this.showActive();
  }

  private showActive(): void {
    this.table.querySelector("tr.table-active")?.classList.remove("table-active");
    const row = this.active < 0 ? null : document.getElementById(rowId(this.host.context, this.active));
    row?.classList.add("table-active");
    if (row) this.table.setAttribute("aria-activedescendant", row.id);
  }
}

const DRAWN_WIDTHS = new WeakMap<object, Map<string, number>>();

/** The drawn widths of a view, which its groups share. */
function widthsBy(view: object): Map<string, number> {
  const widths = DRAWN_WIDTHS.get(view) ?? new Map<string, number>();
  DRAWN_WIDTHS.set(view, widths);
  return widths;
}

const SPACE = '<tr class="table-space" aria-hidden="true"><td></td></tr>';

export const live: LiveFactory = (host) => new LiveTable(host);
