/** What a reader does to a table: keys, clicks, the search field, the list of columns, the edges of the head. */
import { formatCount } from "../../src/markup.ts";
import { copyText } from "../../src/live/clipboard.ts";
import type { Host } from "../../src/live/host.ts";
import type { Change } from "../../src/live/page.ts";
import { chooserItems, type Layout } from "./markup.ts";
import type { Options } from "./query.ts";
import { readState, sortedBy, WIDTHS, type Id, type SortKey, type TableState } from "./state.ts";
import { say, sayCount } from "../../src/words.ts";

/** A rest in typing after which is searched, in ms. */
const TYPING = 200;

/** Change of a width by one key, in px. */
const WIDTH_STEP = 16;

/** How long "Copied" is shown, in ms. */
const SAID = 1500;

/** The table that is controlled. */
export interface Controlled {
  readonly host: Host;
  readonly options: Options;
  readonly state: TableState;
  readonly table: HTMLTableElement;
  /** Number of the last row, and of the row that keys act on; -1 where there is none. */
  readonly lastRow: number;
  readonly activeRow: number;
  layout(): Layout;
  /** Takes on a change; `asks` says whether other rows or cells are needed for it. */
  change(changed: Partial<TableState>, kind: Change, asks: boolean): void;
  /** Selects a row, or all from where the selection began; `keep` leaves what is selected. */
  pick(index: number, keep: boolean): void;
  pickTo(index: number, keep: boolean): Promise<void>;
  pickAll(): Promise<void>;
  select(ids: readonly Id[], wanted: number): void;
  /** The row so many rows from the active one, and how many a page has. */
  step(by: number): number;
  pageSize(): number;
  setActive(index: number): void;
  heading(column: string): HTMLElement | null;
  freezeWidths(): void;
  forgetWidth(column: string): void;
}

export class Controls {
  private readonly body: HTMLElement;
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly table: Controlled) {
    this.body = table.host.body;
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("change", (event) => this.changed(event.target as HTMLElement));
    this.body.addEventListener("input", (event) => this.typed(event.target as HTMLElement));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("pointerdown", (event) => this.resizing(event));
    this.body.addEventListener("dblclick", (event) => this.fit(event.target as Element));
    const leave = ({ target }: Event): void => {
      if (!this.find(".table-chooser")?.contains(target as Node)) this.closeChooser();
    };
    document.addEventListener("pointerdown", leave, { signal: table.host.signal });
  }

  private find<E extends HTMLElement>(selector: string): E | null {
    return this.body.querySelector<E>(selector);
  }

  /** Says in one line what was done; screen readers say it aloud. */
  say(text: string): void {
    this.find(".table-status")!.textContent = text;
  }

  /** Where the reader is, below the rows. */
  foot(text: string): void {
    this.find(".table-foot")!.textContent = text || "\u00a0";
  }

  /** Brings fields, buttons and the list of columns to the state. */
  show(): void {
    const { state } = this.table;
    const input = this.find<HTMLInputElement>("input[name=search]");
    if (input && document.activeElement !== input) input.value = state.search;
    const select = this.find<HTMLSelectElement>("select[name=within]");
    if (select) select.value = state.within;
    const { length } = state.ids;
    for (const name of ["copy", "clear"]) this.find(`[data-action=${name}]`)!.hidden = length === 0;
    const n = { n: formatCount(length) };
    this.find(".table-copy")!.textContent = this.table.options.source.id
      ? sayCount(length, "Copy {n} id", "Copy {n} ids", n)
      : sayCount(length, "Copy {n} filter", "Copy {n} filters", n);
    this.say(length ? say("{n} selected", { n: formatCount(length) }) : "");
    this.showChooser();
  }

  private showChooser(): void {
    const list = this.find(".table-chooser ul")!;
    const focused = document.activeElement as HTMLElement | null;
    const column = focused?.closest<HTMLElement>("li[data-column]")?.dataset["column"];
    const move = focused?.dataset["move"];
    const shown = this.shown();
    if (list.dataset["shown"] === shown.join("\n")) return;
    list.dataset["shown"] = shown.join("\n");
    const { options } = this.table;
    const columns = shown.map((name) => options.candidates.find((each) => each.column.name === name)!);
    list.innerHTML = chooserItems(options, columns).text;
    if (column === undefined || !list.contains(document.activeElement ?? list))
      this.refocus(list, column, move);
  }

  private refocus(list: HTMLElement, column: string | undefined, move: string | undefined): void {
    if (column === undefined) return;
    const item = list.querySelector(`li[data-column="${CSS.escape(column)}"]`);
    const button =
      move === undefined ? null : item?.querySelector<HTMLElement>(`[data-move="${move}"]:enabled`);
    (button ?? item?.querySelector<HTMLElement>("input"))?.focus();
  }

  private shown(): string[] {
    return [...(this.table.state.columns ?? this.table.options.columns.map(({ column }) => column.name))];
  }

  /* Clicks */

  private clicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const action = target.closest<HTMLElement>("[data-action]")?.dataset["action"];
    if (action) return this.act(action);
    const sort = target.closest<HTMLElement>("[data-sort]")?.dataset["sort"];
    if (sort !== undefined) return this.sort(sort, event.shiftKey);
    const move = target.closest<HTMLElement>("[data-move]");
    if (move)
      return this.move(move.closest<HTMLElement>("li")!.dataset["column"]!, Number(move.dataset["move"]));
    const row = target.closest<HTMLElement>("tr[data-row]")?.dataset["row"];
    if (row !== undefined && (hasKeys(event) || !hasMarkedText())) this.pick(Number(row), event);
  }

  private pick(row: number, event: MouseEvent | KeyboardEvent): void {
    const keep = event.ctrlKey || event.metaKey;
    if (event.shiftKey || keep) getSelection()?.removeAllRanges();
    if (event.shiftKey) void this.table.pickTo(row, keep);
    else this.table.pick(row, keep);
  }

  private act(action: string): void {
    if (action === "reset") this.table.host.page.reset();
    if (action === "clear") this.table.select([], 0);
    if (action === "clear-search") this.search("");
    if (action === "columns") this.table.change({ columns: null, widths: {} }, "commit", true);
    if (action === "copy") void this.copy();
  }

  private async copy(): Promise<void> {
    const button = this.find(".table-copy")!;
    const before = button.textContent;
    const isCopied = await copyText(this.table.state.ids.join("\n"));
    button.textContent = isCopied ? say("Copied") : say("Copying is not allowed here");
    setTimeout(() => (button.textContent = before), SAID);
  }

  private sort(column: string, keep: boolean): void {
    const { sort } = this.table.layout().state;
    const next = sortedBy(sort, column, keep);
    this.table.change({ sort: next }, "commit", true);
    this.say(
      next.length
        ? say("Sorted by {columns}", { columns: next.map(inWords).join(`${say(", then")} `) })
        : say("In the order of the table"),
    );
  }

  /* Columns */

  private move(column: string, step: number): void {
    const names = this.shown();
    const at = names.indexOf(column);
    names.splice(at, 1);
    names.splice(at + step, 0, column);
    this.table.change({ columns: names }, "commit", false);
  }

  private changed(target: HTMLElement): void {
    if (target.matches("input[name=search], select[name=within]")) return this.commitSearch();
    const column = target.closest<HTMLElement>("li[data-column]")?.dataset["column"];
    if (column === undefined) return;
    const names = this.shown();
    const next = names.includes(column) ? names.filter((name) => name !== column) : [...names, column];
    this.table.change({ columns: next }, "commit", next.length > names.length);
  }

  private closeChooser(): void {
    this.find<HTMLDetailsElement>(".table-chooser")?.removeAttribute("open");
  }

  /* Searching */

  private typed(target: HTMLElement): void {
    if (!target.matches("input[name=search]")) return;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.table.change(this.sought(), "drag", true), TYPING);
  }

  private commitSearch(): void {
    clearTimeout(this.typing);
    this.table.change(this.sought(), "commit", true);
  }

  private sought(): { search: string; within: string } {
    const search = this.find<HTMLInputElement>("input[name=search]")!.value;
    const within = this.find<HTMLSelectElement>("select[name=within]")?.value ?? "";
    // Read as from a link, so that one and the same search is asked for.
    const read = readState(this.table.options, { search, within });
    return { search: read.search, within: read.within };
  }

  private search(text: string): void {
    const input = this.find<HTMLInputElement>("input[name=search]")!;
    input.value = text;
    this.commitSearch();
    input.focus();
  }

  /* Keys */

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === "Escape") return this.escape(target);
    const column = target.closest<HTMLElement>("th[data-column]")?.dataset["column"];
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (column !== undefined && event.altKey && way) {
      event.preventDefault();
      return this.widen(column, way * WIDTH_STEP);
    }
    if (target === this.table.table) this.walk(event);
  }

  private escape(target: HTMLElement): void {
    if (target.closest(".table-chooser")) {
      this.closeChooser();
      this.find(".table-chooser summary")?.focus();
    } else if (target === this.table.table && this.table.state.ids.length) this.table.select([], 0);
  }

  /** The row that a key leads to; undefined for other keys. */
  private rowFor(key: string): number | undefined {
    const { table } = this;
    const page = table.pageSize();
    const steps: Record<string, () => number> = {
      ArrowDown: () => table.step(1),
      ArrowUp: () => table.step(-1),
      PageDown: () => table.step(page),
      PageUp: () => table.step(-page),
      Home: () => 0,
      End: () => table.lastRow,
    };
    return steps[key]?.();
  }

  private walk(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    const { table } = this;
    const target = this.rowFor(event.key);
    if (target !== undefined && table.lastRow >= 0) {
      if (event.shiftKey) void table.pickTo(target, false);
      else table.setActive(target);
    } else if (event.key === " " || event.key === "Enter") {
      if (table.activeRow >= 0) table.pick(table.activeRow, event.key === " ");
    } else if (isCommand && event.key === "a") void table.pickAll();
    else return;
    event.preventDefault();
  }

  /* Widths */

  private resizing(event: PointerEvent): void {
    const handle = (event.target as Element).closest<HTMLElement>(".table-resize");
    if (!handle) return;
    event.preventDefault();
    const cell = handle.closest<HTMLElement>("th")!;
    const column = cell.dataset["column"]!;
    const width = cell.getBoundingClientRect().width;
    this.table.freezeWidths();
    const widthAt = (moved: PointerEvent): number => bounded(width + moved.clientX - event.clientX);
    const follow = (moved: PointerEvent): void => this.setWidth(column, widthAt(moved), "drag");
    const stop = (moved: PointerEvent): void => {
      removeEventListener("pointermove", follow);
      this.setWidth(column, widthAt(moved), "commit");
    };
    addEventListener("pointermove", follow);
    addEventListener("pointerup", stop, { once: true });
  }

  private setWidth(column: string, width: number, kind: "drag" | "commit"): void {
    this.table.change({ widths: { ...this.table.state.widths, [column]: width } }, kind, false);
  }

  private widen(column: string, by: number): void {
    const cell = this.table.heading(column)!.closest("th")!;
    this.table.freezeWidths();
    this.setWidth(column, bounded(cell.getBoundingClientRect().width + by), "commit");
  }

  /** Back to the width that the column's values ask for. */
  private fit(target: Element): void {
    const column = target.closest(".table-resize")?.closest<HTMLElement>("th")?.dataset["column"];
    if (column === undefined) return;
    const { [column]: _dropped, ...widths } = this.table.state.widths;
    this.table.forgetWidth(column);
    this.table.change({ widths }, "commit", false);
  }
}

function bounded(width: number): number {
  return Math.round(Math.min(WIDTHS[1], Math.max(WIDTHS[0], width)));
}

function inWords({ column, direction }: SortKey): string {
  return `${column}, ${direction}`;
}

/** With keys held, browsers mark text (Shift) or the cell (Control, in Firefox) on the way. */
function hasKeys({ shiftKey, ctrlKey, metaKey }: MouseEvent): boolean {
  return shiftKey || ctrlKey || metaKey;
}

/** Text that was just marked is to be copied; the click is the end of it. */
function hasMarkedText(): boolean {
  return getSelection()?.isCollapsed === false;
}
