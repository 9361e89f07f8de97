/**
 * One drawing of a view: its queries, connected to the page's cross-filter, and the live view that draws their
 * answers. A figure has one, or one for each group where the page is split.
 */
import { MosaicClient, type Selection } from "@uwdata/mosaic-core";
import type { ExprNode, FilterExpr, Query } from "@uwdata/mosaic-sql";
import type { Table as ArrowTable } from "@uwdata/flechette";
import type { PageCoordinator } from "../data/connector.ts";
import { fromArrow, type Result } from "../data/result.ts";
import { html } from "../markup.ts";
import type { Context, Filter, NamedQuery, Results, View, ViewState } from "../view.ts";
import type { Host, LiveView } from "./host.ts";
import type { Page } from "./page.ts";
import { updateFrame } from "./frame.ts";
import { liveOf } from "./registry.ts";
import { say } from "../words.ts";
import { messageOf } from "../problem.ts";

/** One filtered query of a view, asked again whenever another view's selection changes. */
class QueryClient extends MosaicClient {
  /** Questions that have no answer yet. */
  private open = 0;

  constructor(
    selection: Selection,
    private readonly named: () => NamedQuery,
    /** Hears of every query that is filtered. */
    private readonly offer: (query: Query, filter: FilterExpr) => void,
    private readonly answered: (result: Result) => void,
    private readonly failed: (error: Error) => void,
    private readonly condition: ExprNode | null,
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

  override get filterStable(): boolean {
    return !this.named().isFine;
  }

  override query(filter?: Filter): ReturnType<NamedQuery["sql"]> {
    const all = joined(filter, this.condition);
    const query = this.named().sql(all);
    if (all) this.offer(query, all);
    return query;
  }

  get isOpen(): boolean {
    return this.open > 0;
  }

  override queryPending(): this {
    this.open++;
    return this;
  }

  override queryResult(data: unknown): this {
    this.open--;
    this.answered(fromArrow(data as ArrowTable));
    return this;
  }

  override queryError(error: Error): this {
    this.open--;
    this.failed(error);
    return this;
  }
}

/** The page's filter and the group's condition, as views take them: null for neither. */
function joined(filter: Filter, condition: ExprNode | null): Filter {
  const present = Array.isArray(filter) ? filter : filter ? [filter] : [];
  const all = condition ? [...present, condition] : present;
  return all.length ? (all as Filter) : null;
}

/** What one panel of a figure has of its own. */
export interface PartPlace {
  context: Context;
  /** What is drawn into, and what the frame is told of. */
  figure: HTMLElement;
  body: HTMLElement;
  /** The group's condition; null for all rows. */
  condition: ExprNode | null;
  /** Resolves when those that are drawn on one scale have all been answered. */
  answered?: () => Promise<unknown>;
}

/** What a panel is given by its figure. */
export interface Place extends PartPlace {
  page: Page;
  view: View<unknown>;
  options: unknown;
  /** Every client of the figure: what is selected in one of its panels filters none of them. Clauses hold this very set. */
  clients: Set<MosaicClient>;
  host: (panel: Panel) => Host;
}

/** How long work may take before the figure shows that it is busy, in ms. */
const PATIENCE = 300;

export class Panel {
  private readonly clients = new Map<string, QueryClient>();
  readonly place: Place;
  live: LiveView | null = null;
  results: Record<string, Result> = {};
  /** What each unfiltered answer was asked of. */
  private readonly askedOf = new Map<string, string | undefined>();
  /** False until every query has its first answer: before, there is nothing whole to draw. */
  private isConnected = false;
  /** True once the view draws live; until an answer changes or the reader comes near, the build's drawing says the same. */
  private isDrawn = false;
  /** The state that the queries follow, where the view gave one of its own. */
  private given: ViewState | null = null;
  private asked: Promise<void> = Promise.resolve();
  private drawing: Promise<void> = Promise.resolve();
  private scheduled: Promise<void> | null = null;
  private readonly life = new AbortController();
  /** What is said in the drawing's place while it cannot be drawn. */
  private readonly problem = document.createElement("div");
  /** Whether it could not even be asked what it must know first, and has not answered since. */
  isUnanswered = false;

  constructor(place: Place) {
    this.place = place;
    this.problem.className = "view-error";
    this.problem.setAttribute("role", "alert");
    if (!this.waitsForMarkup()) this.enliven();
  }

  /** A group's place is empty, and some views go on with what stands in it. */
  private waitsForMarkup(): boolean {
    return this.place.condition !== null && this.place.view.keepsMarkup === true;
  }

  private enliven(): void {
    this.live = liveOf(this.place.view.name)?.(this.place.host(this)) ?? null;
  }

  state(): ViewState {
    const { page, context } = this.place;
    return this.given ?? page.state.views[context.request.id] ?? {};
  }

  /** Whether the view asks the page's tables for anything. */
  isAsking(): boolean {
    return Object.keys(this.named()).length > 0;
  }

  /** Takes on answers that the page keeps, which were asked before any reader changed anything. */
  keep(answers: Results): void {
    const { view, options, context } = this.place;
    this.results = { ...answers };
    for (const [name, { of }] of Object.entries(view.queries(options, answers, context, {})))
      this.askedOf.set(name, of);
  }

  /** Asks what does not depend on filters, stage by stage. */
  async askUnfiltered(): Promise<void> {
    for (;;) {
      const open = Object.entries(this.named()).filter(
        ([name, query]) => !query.filtered && !(name in this.results && this.askedOf.get(name) === query.of),
      );
      if (open.length === 0) return;
      const answers = await Promise.all(
        open.map(([, query]) => this.coordinator.answer(query.sql(joined(null, this.conditionOf(query))))),
      );
      open.forEach(([name, { of }], index) => {
        this.results[name] = answers[index]!;
        this.askedOf.set(name, of);
      });
    }
  }

  /** Connects the filtered queries; resolves when each has an answer. */
  async connect(): Promise<void> {
    const named = Object.entries(this.named()).filter(([, query]) => query.filtered);
    await Promise.all(named.map(([name]) => this.connectQuery(name)));
    if (this.waitsForMarkup() && !this.live) {
      const { view, options, context, body } = this.place;
      body.innerHTML = view.render(options, this.results, this.state(), context).body.text;
      this.enliven();
    }
    this.isConnected = true;
  }

  /** From now on it is asked nothing; what it drew stays. */
  disconnect(): void {
    for (const client of this.clients.values()) {
      this.coordinator.disconnect(client);
      this.place.clients.delete(client);
    }
    this.clients.clear();
    this.isConnected = false;
  }

  /** Gone for good, with all that its view has beyond its body. */
  end(): void {
    this.disconnect();
    this.life.abort();
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.life.signal;
  }

  private async connectQuery(name: string): Promise<void> {
    const { page, context } = this.place;
    const answered = (result: Result): void => {
      this.results[name] = result;
      // Answers to one filter are drawn together: each by itself would be drawn beside older ones.
      if (![...this.clients.values()].some((each) => each.isOpen)) void this.schedule();
    };
    const isKept = name in this.results && page.isAsBuilt() && !this.isDrawn;
    const relation = this.named()[name]!.relation ?? context.table.relation;
    const { rows } = page.payload.relations.find((each) => each.name === relation)!;
    const client = new QueryClient(
      page.selection(relation),
      () => this.named()[name]!,
      (query, filter) => this.coordinator.offer(query, filter, { name: relation, rows }),
      answered,
      (error) => this.fail(error),
      this.conditionOf(this.named()[name]!),
      isKept,
    );
    this.clients.set(name, client);
    this.place.clients.add(client);
    this.coordinator.connect(client);
    await client.pending;
  }

  /** The group is one of rows of the view's own relation; other data has no part in it. */
  private conditionOf({ relation }: NamedQuery): ExprNode | null {
    const { condition, context } = this.place;
    return relation === undefined || relation === context.table.relation ? condition : null;
  }

  private get coordinator(): PageCoordinator {
    return this.place.page.coordinator;
  }

  private named(): Record<string, NamedQuery> {
    const { view, options, context } = this.place;
    return view.queries(options, this.results, context, this.state());
  }

  /** Asks anew, for a state that is part of the queries: that of the link, or one that the view gives. */
  requery(state: ViewState | null): void {
    this.given = state;
    this.asked = this.askAgain().catch((error: unknown) =>
      this.fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** What is asked from now on is asked for a state that the view gives. */
  follow(state: ViewState): void {
    this.given = state;
  }

  /** The answers under a filter, asked for this once; for a panel that is not connected. */
  async answers(filter: Filter): Promise<Results> {
    await this.askUnfiltered();
    const asked = Object.entries(this.named()).filter(([, query]) => query.filtered);
    const found = await Promise.all(asked.map(([, query]) => this.coordinator.answer(query.sql(filter))));
    const answered = asked.map(([name], index) => [name, found[index]!] as const);
    return { ...this.results, ...Object.fromEntries(answered) };
  }

  /** A new state may name new unfiltered queries; they come first, for the filtered ones depend on them. */
  private async askAgain(): Promise<void> {
    await this.askUnfiltered();
    await Promise.all([...this.clients.values()].map((client) => client.requestQuery()));
  }

  /** Resolves when every filtered query asked so far has its answer. */
  async answered(): Promise<void> {
    await this.asked;
    await Promise.all([...this.clients.values()].map((client) => client.pending));
  }

  /** Resolves when what has been asked and answered so far is drawn, by the live view. */
  async idle(): Promise<void> {
    await this.answered();
    await (this.isDrawn ? this.drawing : this.schedule());
  }

  /** Draws the newest answers when the drawing under way, if any, is done. */
  schedule(): Promise<void> {
    if (!this.isConnected) return this.drawing;
    this.scheduled ??= this.drawing.then(() => {
      this.scheduled = null;
      return this.draw();
    });
    return (this.drawing = this.scheduled);
  }

  private async draw(): Promise<void> {
    await this.place.answered?.();
    if (!this.isConnected || !this.hasFiltered()) return;
    this.isDrawn = true;
    const figure = this.place.figure.closest(".view") ?? this.place.figure;
    const busy = setTimeout(() => figure.setAttribute("data-busy", ""), PATIENCE);
    try {
      // What passes may raise questions that no filter is part of: of the sample that has become the first, for one.
      await this.askUnfiltered();
      if (!this.hasFiltered()) return;
      this.isUnanswered = false;
      this.mend();
      await this.redraw(this.results);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(busy);
      figure.removeAttribute("data-busy");
    }
  }

  private hasFiltered(): boolean {
    return Object.entries(this.named()).every(([name, { filtered }]) => !filtered || name in this.results);
  }

  /** A view without a live half is drawn as it was at build. */
  private async redraw(results: Results): Promise<void> {
    if (this.live) return this.live.draw(results);
    if (!this.clients.size) return;
    const { view, options, context, body, figure } = this.place;
    const drawing = view.render(options, results, this.state(), context);
    body.innerHTML = drawing.body.text;
    updateFrame(figure, drawing);
  }

  /** A sentence in the drawing's place, with the details folded; the rest of the page goes on, unless all of it is lost. */
  fail(error: Error): void {
    const { figure, body, page } = this.place;
    if (page.isLost) return;
    this.isUnanswered = !this.isConnected;
    figure.closest<HTMLElement>(".view")!.dataset["state"] = "error";
    this.problem.innerHTML = html`<p>
        ${say("This view could not be drawn. Reset the filters, or reload the page.")}
      </p>
      <button type="button">${say("Reset the filters")}</button>
      <details>
        <summary>${say("Details")}</summary>
        <pre>${messageOf(error).slice(0, 2000)}</pre>
      </details>`.text;
    this.problem.querySelector("button")!.addEventListener("click", () => page.reset());
    body.hidden = true;
    body.before(this.problem);
  }

  /** What can be drawn again takes its place back, before it is drawn: out of sight nothing has a size. */
  private mend(): void {
    if (!this.problem.isConnected) return;
    const { figure, body } = this.place;
    const hadFocus = this.problem.contains(document.activeElement);
    this.problem.remove();
    body.hidden = false;
    figure.closest<HTMLElement>(".view")!.dataset["state"] = "live";
    if (hadFocus) body.querySelector<HTMLElement>("[tabindex='0'], button, input, select")?.focus();
  }
}
