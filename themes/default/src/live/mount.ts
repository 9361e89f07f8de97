/**
 * Brings one figure to life: asks the view's unfiltered queries stage by stage, connects a Mosaic client for each
 * filtered one, and draws whenever a set of answers is complete.
 */
import { MosaicClient, type Coordinator, type Selection, type SelectionClause } from "@uwdata/mosaic-core";
import type { Table as ArrowTable } from "@uwdata/flechette";
import { fromArrow, type Result } from "../data/result.ts";
import { counts, dataTable, notices } from "../figure.ts";
import { readAnswers } from "../answers.ts";
import { html } from "../markup.ts";
import type { ViewRequest } from "../page.ts";
import type { Context, Drawing, Filter, NamedQuery, Results, View, ViewState } from "../view.ts";
import type { Host, LiveView } from "./host.ts";
import type { Page } from "./page.ts";
import { liveOf } from "./registry.ts";

/** One filtered query of a view, asked again whenever another view's selection changes. */
class QueryClient extends MosaicClient {
  constructor(
    selection: Selection,
    private readonly named: () => NamedQuery,
    private readonly answered: (result: Result) => void,
    private readonly failed: (error: Error) => void,
    private isAnswered: boolean,
  ) {
    super(selection);
  }

  /** Leaves out the first question when the page keeps its answer. */
  override requestQuery(query?: Parameters<MosaicClient["requestQuery"]>[0]): Promise<unknown> | null {
    if (!this.isAnswered) return super.requestQuery(query);
    this.isAnswered = false;
    return null;
  }

  override query(filter?: Filter): ReturnType<NamedQuery["sql"]> {
    const present = Array.isArray(filter) && filter.length === 0 ? null : filter;
    return this.named().sql(present);
  }

  override queryResult(data: unknown): this {
    this.answered(fromArrow(data as ArrowTable));
    return this;
  }

  override queryError(error: Error): this {
    this.failed(error);
    return this;
  }
}

/** How long work may take before the figure shows that it is busy, in ms. */
const PATIENCE = 300;

/** What leaves a view: its drawing, and the filter that its rows passed. */
export interface Shown {
  drawing: Drawing;
  filter: Filter;
}

export class LiveFigure {
  readonly figure: HTMLElement;
  readonly page: Page;
  readonly context: Context;
  private readonly view: View<unknown>;
  private readonly options: unknown;
  private readonly source = {};
  private readonly clients = new Map<string, QueryClient>();
  private readonly live: LiveView | null;
  private results: Record<string, Result> = {};
  /** False until every query has its first answer: before, there is nothing whole to draw. */
  private isConnected = false;
  /** True once the view draws live; until an answer changes or the reader comes near, the build's drawing says the same. */
  private isDrawn = false;
  private started: Promise<void> | null = null;
  private drawing: Promise<void> = Promise.resolve();
  /** What the view itself asked anew. */
  private asking: Promise<unknown> = Promise.resolve();
  /** The state that the queries follow, where the view gave one of its own. */
  private asked: ViewState | null = null;
  private scheduled: Promise<void> | null = null;

  constructor(page: Page, figure: HTMLElement, request: ViewRequest, view: View<unknown>) {
    this.page = page;
    this.figure = figure;
    this.view = view;
    this.context = page.context(request);
    this.options = view.parse(this.context);
    this.live = liveOf(view.name)?.(this.host()) ?? null;
    page.listen((state, change) => {
      if (change === "restore") this.live?.restore(state.views[request.id] ?? null);
    });
  }

  /** Readies the first drawing from the answers that the page keeps, while the engine cannot answer yet. */
  async prepare(): Promise<void> {
    const kept = readAnswers(this.figure);
    if (!kept) return;
    this.results = { ...kept };
    if (!this.live?.prepare || !this.isDrawnFirst()) return;
    await this.live.prepare(kept);
  }

  /** Resolves when the figure answers: its queries are connected, and drawn where the build's drawing would not do. */
  start(): Promise<void> {
    return (this.started ??= this.connectAll());
  }

  private async connectAll(): Promise<void> {
    await this.askUnfiltered();
    const named = Object.entries(this.named()).filter(([, query]) => query.filtered);
    await Promise.all(named.map(([name]) => this.connect(name)));
    this.live?.restore(this.page.state.views[this.context.request.id] ?? null);
    this.isConnected = true;
    if (this.isDrawnFirst() || this.page.isFiltered()) await this.schedule();
    this.figure.dataset["state"] = "live";
  }

  /** Far below or above, a figure can come to life after the others. */
  isInSight(): boolean {
    const { top, bottom } = this.figure.getBoundingClientRect();
    return top < innerHeight * 1.25 && bottom > -innerHeight * 0.25;
  }

  /** The reader is about to use it. */
  private isDrawnFirst(): boolean {
    return this.figure.matches(":hover, :focus-within");
  }

  private get coordinator(): Coordinator {
    return this.page.coordinator;
  }

  private state(): ViewState {
    return this.asked ?? this.page.state.views[this.context.request.id] ?? {};
  }

  private named(): Record<string, NamedQuery> {
    return this.view.queries(this.options, this.results, this.context, this.state());
  }

  private async askUnfiltered(): Promise<void> {
    for (;;) {
      const open = Object.entries(this.named()).filter(
        ([name, query]) => !query.filtered && !(name in this.results),
      );
      if (open.length === 0) return;
      const answers = await Promise.all(open.map(([, query]) => this.coordinator.query(query.sql(null))));
      open.forEach(([name], index) => (this.results[name] = fromArrow(answers[index] as ArrowTable)));
    }
  }

  private async connect(name: string): Promise<void> {
    const answered = (result: Result): void => {
      this.results[name] = result;
      void this.schedule();
    };
    const selection = this.page.selection(this.context.table.relation);
    const client = new QueryClient(
      selection,
      () => this.named()[name]!,
      answered,
      (error) => this.fail(error),
      name in this.results && !this.page.isFiltered(),
    );
    this.clients.set(name, client);
    this.coordinator.connect(client);
    await client.pending;
  }

  /** A new state may name new unfiltered queries; they come first, for the filtered ones depend on them. */
  private async requery(state: ViewState | null): Promise<void> {
    this.asked = state;
    try {
      await this.askUnfiltered();
      await Promise.all([...this.clients.values()].map((client) => client.requestQuery()));
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Resolves when what has been answered so far is drawn, by the live view. */
  async idle(): Promise<void> {
    await this.start();
    await this.asking;
    await Promise.all([...this.clients.values()].map((client) => client.pending));
    await (this.isDrawn ? this.drawing : this.schedule());
  }

  /** What the view shows as it stands, drawn anew for a place of so many columns. */
  async shown(columns: number): Promise<Shown> {
    await this.idle();
    const { view, options, results, context } = this;
    const request = { ...context.request, width: columns };
    const [client] = this.clients.values();
    const filter = this.page.selection(context.table.relation).predicate(client!) as Filter;
    const isNone = Array.isArray(filter) && filter.length === 0;
    return {
      drawing: view.render(options, results, this.state(), { ...context, request }),
      filter: isNone ? null : filter,
    };
  }

  /** Draws the newest answers when the drawing under way, if any, is done. */
  private schedule(): Promise<void> {
    if (!this.isConnected) return this.drawing;
    this.scheduled ??= this.drawing.then(() => {
      this.scheduled = null;
      return this.draw();
    });
    return (this.drawing = this.scheduled);
  }

  private async draw(): Promise<void> {
    const named = this.named();
    if (!Object.keys(named).every((name) => name in this.results)) return;
    this.isDrawn = true;
    const busy = setTimeout(() => this.figure.setAttribute("data-busy", ""), PATIENCE);
    try {
      await this.redraw(this.results);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(busy);
      this.figure.removeAttribute("data-busy");
    }
  }

  private async redraw(results: Results): Promise<void> {
    if (this.live) await this.live.draw(results);
  }

  /** A sentence in the figure's place, with the details folded; the rest of the page goes on. */
  private fail(error: Error): void {
    this.figure.dataset["state"] = "error";
    const body = this.figure.querySelector(".view-body")!;
    body.innerHTML = html`<div class="view-error" role="alert">
      <p>This view could not be drawn. Reset the filters, or reload the page.</p>
      <details>
        <summary>Details</summary>
        <pre>${error.message.slice(0, 2000)}</pre>
      </details>
    </div>`.text;
  }

  private host(): Host {
    const { page, context, options, figure, source } = this;
    return {
      page,
      context,
      options,
      figure,
      source,
      body: figure.querySelector<HTMLElement>(".view-body")!,
      clients: () => new Set(this.clients.values()),
      publish: (value, clause, change) =>
        page.publish(context.request.id, context.table.relation, value, clause, change),
      select: (clause) => page.selection(context.table.relation).update(clause),
      activate: (clause: SelectionClause) => page.selection(context.table.relation).activate(clause),
      requery: (state) => void (this.asking = this.requery(state ?? null)),
    };
  }
}

/** Counts, notices and the data table around a drawing; the same markup as at build. */
export function updateFrame(
  figure: HTMLElement,
  drawing: { rows: number; total: number; notices: string[]; data: Parameters<typeof dataTable>[0]["data"] },
): void {
  updateCounts(figure, drawing.rows, drawing.total);
  const table = figure.querySelector<HTMLDetailsElement>(":scope > .view-data");
  updateNotices(figure, table, drawing.notices);
  if (table) updateData(table, drawing);
}

function updateCounts(figure: HTMLElement, rows: number, total: number): void {
  if (figure.dataset["rows"] === String(rows) && figure.dataset["total"] === String(total)) return;
  figure.dataset["rows"] = String(rows);
  figure.dataset["total"] = String(total);
  const count = figure.querySelector(".view-count");
  if (count) count.innerHTML = counts(rows, total).text;
}

/** Left as they are when they say the same: while brushing they hardly ever change. */
function updateNotices(figure: HTMLElement, before: HTMLElement | null, texts: string[]): void {
  const shown = [...figure.querySelectorAll(":scope > .view-notice")];
  if (shown.map((notice) => notice.textContent).join("\n") === texts.join("\n")) return;
  shown.forEach((notice) => notice.remove());
  before?.insertAdjacentHTML("beforebegin", notices(texts).text);
}

/** A folded table is written when it is opened: while brushing nobody reads it. */
function updateData(details: HTMLDetailsElement, drawing: Parameters<typeof updateFrame>[1]): void {
  const write = (): void => {
    const fresh = document.createElement("template");
    fresh.innerHTML = dataTable({ ...drawing, body: html``, description: "" })?.text ?? "";
    const content = fresh.content.querySelector("details");
    if (content) details.replaceChildren(...content.childNodes);
  };
  if (details.open) write();
  details.ontoggle = () => details.open && write();
}
