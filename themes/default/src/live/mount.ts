/**
 * Brings one figure to life: one panel where the page is whole, and one for each group where the reader split it. The
 * panels of a figure are one view: they share its state, and none is filtered by what is selected in another.
 */
import type { MosaicClient, SelectionClause } from "@uwdata/mosaic-core";
import { readAnswers } from "../answers.ts";
import { html, type Markup } from "../markup.ts";
import type { Column, ViewRequest } from "../page.ts";
import type { Context, Drawing, Filter, Listing, Membership, View, ViewState } from "../view.ts";
import { say } from "../words.ts";
import { Grouping } from "./grouping.ts";
import type { Host, ScrollPlace } from "./host.ts";
import type { Change, Page } from "./page.ts";
import { Panel, type PartPlace, type Place } from "./panel.ts";

export { updateFrame } from "./frame.ts";

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
  private readonly sources = new Map<string, object>();
  private readonly clients = new Set<MosaicClient>();
  private readonly whole: Panel;
  /** The groups that are shown, or are being made. */
  private grouping: Grouping | null = null;
  private shownWhole: boolean;
  /** Taken out of the page for now: nothing is asked, and nothing is heard. */
  private isParked = false;
  /** While one panel's selection is shown in the others, these say nothing. */
  private isFollowing = false;
  private started: Promise<void> | null = null;
  private isEnded = false;
  private grouped: Promise<void> = Promise.resolve();

  constructor(page: Page, figure: HTMLElement, request: ViewRequest, view: View<unknown>) {
    this.page = page;
    this.figure = figure;
    this.view = view;
    this.context = page.context(request);
    this.options = view.parse(this.context);
    this.shownWhole = page.state.whole !== false;
    const body = figure.querySelector<HTMLElement>(".view-body")!;
    this.whole = new Panel({ ...this.common(), context: this.context, figure, body, condition: null });
    page.listen((_state, change) => this.changed(change), this.signal);
    this.followTable();
    this.showWidth();
    this.showTable();
  }

  /** The folded data table; none where there are no data. */
  private table(): HTMLDetailsElement | null {
    return this.figure.querySelector<HTMLDetailsElement>(":scope > .view-data");
  }

  /** One that was opened before the page was live is as if opened now. Looking at numbers is no step of its own. */
  private followTable(): void {
    const { page, context } = this;
    const table = this.table();
    const take = (): void =>
      page.setListed("tables", context.request.id, this.table()?.open ?? false, "adjust");
    if (table?.open) take();
    table?.addEventListener("toggle", take, { signal: this.signal });
  }

  private showWidth(): void {
    this.figure.toggleAttribute("data-full", this.page.isListed("full", this.context.request.id));
  }

  /** Opens or closes the data table as a link or a step says; one that was just opened tells so only later. */
  private showTable(): void {
    const [table, isOpen] = [this.table(), this.page.isListed("tables", this.context.request.id)];
    if (table && table.open !== isOpen) table.open = isOpen;
  }

  /** Readies the first drawing from the answers that the page keeps, while the engine cannot answer yet. */
  async prepare(): Promise<void> {
    const kept = readAnswers(this.figure);
    if (!kept || this.column()) return;
    this.whole.keep(kept);
    if (!this.whole.live?.prepare || !this.isDrawnFirst()) return;
    await this.whole.live.prepare(kept);
  }

  /** Whether a link selects in it what it can say before any figure asks what passes. */
  private isForeseen(): boolean {
    const isThere = !this.isParked && !this.page.missing.has(this.context.table.relation);
    return isThere && this.state() !== null && this.whole.live?.foresee !== undefined;
  }

  /** Asks what it must know to say so. */
  async learn(): Promise<void> {
    try {
      if (this.isForeseen()) await this.whole.askUnfiltered();
    } catch (error) {
      this.fail(error, null);
    }
  }

  /** What a link says of one figure is no reason to leave the others still. */
  foresee(): void {
    try {
      if (this.isForeseen() && !this.whole.isUnanswered)
        this.whole.live!.foresee!(this.whole.results, this.state()!);
    } catch (error) {
      this.fail(error, null);
    }
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.whole.signal;
  }

  /** Resolves when the figure answers: its queries are connected, and drawn where the build's drawing would not do. */
  start(): Promise<void> {
    return (this.started ??= this.begin().catch((error: unknown) => this.fail(error, null)));
  }

  private async begin(): Promise<void> {
    if (this.page.missing.has(this.context.table.relation)) return this.leave();
    await (this.column() ? this.regroup() : this.connectWhole());
    this.figure.dataset["state"] = "live";
  }

  /** Its table is not there: the drawing of the build stays, and what could be done with it is over. */
  private leave(): void {
    this.isEnded = true;
    this.whole.end();
    const body = this.figure.querySelector<HTMLElement>(":scope > .view-body")!;
    // A copy hears nothing of what the live view would do.
    const still = body.cloneNode(true) as HTMLElement;
    for (const control of still.querySelectorAll<HTMLButtonElement>("button, input, select, textarea"))
      control.disabled = true;
    body.replaceWith(still);
    still.insertAdjacentHTML("afterend", leftMarkup(this.context.table.name).text);
    this.figure.dataset["state"] = "error";
  }

  private async connectWhole(): Promise<void> {
    await this.whole.askUnfiltered();
    await this.whole.connect();
    this.whole.live?.restore(this.state());
    if (this.isDrawnFirst() || !this.page.isAsBuilt()) await this.whole.schedule();
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

  private state(): ViewState | null {
    return this.page.state.views[this.context.request.id] ?? null;
  }

  /** The column that splits this figure, or null. */
  private column(): Column | null {
    const isOne = this.view.bare === true || this.view.groups === false;
    // A chart of rows of its own has none that a group of the page's could hold.
    return isOne || !this.whole.isAsking() ? null : this.page.groupOf(this.context.table.relation);
  }

  private panels(): readonly Panel[] {
    return this.grouping?.panels ?? [this.whole];
  }

  /** Resolves when what has been answered so far is drawn, by the live view. */
  async idle(): Promise<void> {
    await this.start();
    await this.grouped;
    await Promise.all(this.panels().map((panel) => panel.idle()));
  }

  /** What the view shows as it stands, drawn anew for a place of so many columns; the whole where the page is split. */
  async shown(columns: number): Promise<Shown> {
    await this.idle();
    const { view, options, context, whole } = this;
    const request = { ...context.request, width: columns };
    const [client] = this.clients;
    // Also where the view itself was the last to select, which is no filter of its own.
    const found = this.page.selection(context.table.relation).predicate(client!, true) as Filter;
    const filter = Array.isArray(found) && found.length === 0 ? null : found;
    const place = { ...context, request };
    const own = whole.live?.drawnFor?.(place);
    if (own) return { drawing: own, filter };
    const results = this.grouping ? await whole.answers(filter) : whole.results;
    return { drawing: view.render(options, results, whole.state(), place), filter };
  }

  /** The rows that the view lists as it stands; null where its drawing holds its numbers. */
  listing(): Listing | null {
    return this.view.listing?.(this.options, this.whole.state(), this.context) ?? null;
  }

  /** Takes the figure out of the page, with what was selected in it. */
  park(): void {
    this.isParked = true;
    this.grouping?.end();
    this.grouping = null;
    this.whole.disconnect();
    this.figure.remove();
    if (!this.state()) return;
    this.page.publish(this.context.request.id, null, new Map(), "adjust");
    this.release();
  }

  /** Puts it back, as the page is now; resolves when it is drawn. */
  unpark(): Promise<void> {
    this.isParked = false;
    this.shownWhole = this.page.state.whole !== false;
    this.started = this.regroup().then(() => void (this.figure.dataset["state"] = "live"));
    return this.started;
  }

  /** Gone for good: it asks nothing more, and what was selected in it filters nothing. What it drew stays. */
  end(): void {
    this.isEnded = true;
    this.grouping?.end();
    this.whole.end();
    this.release();
  }

  /** Nothing is selected in it any more, neither rows of its own relation nor of another. */
  private release(): void {
    for (const source of [this.source, ...this.sources.values()])
      for (const { name } of this.page.payload.relations)
        this.select({ source, clients: this.clients, fields: [], value: null, predicate: null }, name);
  }

  private sourceOf(name: string): object {
    const source = this.sources.get(name) ?? {};
    this.sources.set(name, source);
    return source;
  }

  private changed(change: Change): void {
    if (this.isEnded || this.isParked) return;
    this.showWidth();
    if (this.started && this.isToBeAsked()) void this.regroup();
    if (change === "restore") this.showRestored();
    const showsWhole = this.page.state.whole !== false;
    if (showsWhole === this.shownWhole) return;
    this.shownWhole = showsWhole;
    for (const panel of this.panels()) void panel.schedule();
  }

  /** The page is split otherwise than the figure is, or what it must know first could not be answered. */
  private isToBeAsked(): boolean {
    const isOther = this.column()?.name !== this.grouping?.column.name;
    return isOther || this.panels().some((panel) => panel.isUnanswered);
  }

  private showRestored(): void {
    this.showTable();
    this.restore(this.panels());
  }

  /** The first panel speaks for the figure; the others only show. */
  private restore(panels: readonly Panel[]): void {
    for (const panel of panels) panel.live?.restore(this.state());
  }

  /** The others show what was selected in one. */
  private follow(leader: Panel): void {
    this.isFollowing = true;
    try {
      this.restore(this.panels().filter((panel) => panel !== leader));
    } finally {
      this.isFollowing = false;
    }
  }

  /** Splits the figure as the page says, one change after another. */
  private regroup(): Promise<void> {
    const column = this.column();
    this.grouping?.end();
    this.grouping = null;
    this.whole.disconnect();
    const next = column ? new Grouping(this.page, this.figure, this.context, column) : null;
    this.grouping = next;
    const done = this.grouped.then(() => (next ? this.split(next) : this.join()));
    return (this.grouped = done.catch((error: unknown) => this.fail(error, next)));
  }

  /** The whole takes the place of groups that could not be drawn, with what went wrong. */
  private fail(error: unknown, failed: Grouping | null): void {
    failed?.end();
    this.whole.fail(error instanceof Error ? error : new Error(String(error)));
  }

  private async join(): Promise<void> {
    if (this.grouping) return;
    await this.connectWhole();
    await this.whole.schedule();
  }

  private async split(grouping: Grouping): Promise<void> {
    await grouping.open((part) => new Panel({ ...this.common(), ...part }));
    if (grouping.isEnded) return;
    this.restore(grouping.panels);
    for (const panel of grouping.panels) await panel.schedule();
    grouping.opened();
  }

  private common(): Omit<Place, keyof PartPlace> {
    const { page, view, options, clients } = this;
    return { page, view, options, clients, host: (panel) => this.host(panel) };
  }

  private placeOf({ key }: Membership): ScrollPlace {
    const { page, context } = this;
    const { id } = context.request;
    return { read: () => page.placeOf(id, key), write: (at) => page.setPlace(id, key, at) };
  }

  /**
   * What stands is not said again: of a step back only the view in which it was made has other rows, and no view is asked
   * for what passes between.
   */
  private select(clause: SelectionClause, relation: string): void {
    if (!this.page.stands(relation, clause)) this.page.select(relation, clause);
  }

  private host(panel: Panel): Host {
    const { page, options, source, clients } = this;
    const { context, figure, body, condition } = panel.place;
    const { id } = context.request;
    const selection = page.selection(context.table.relation);
    const speaks = (): boolean => !this.isFollowing && this.panels()[0] === panel;
    return {
      page,
      context,
      options,
      figure,
      source,
      sourceOf: (name) => this.sourceOf(name),
      body,
      signal: panel.signal,
      clients: () => clients,
      publish: (value, clause, change) => {
        if (this.isFollowing) return;
        page.publish(id, value, asClauses(context.table.relation, clause), change);
        if (this.grouping) this.follow(panel);
      },
      select: (clause, relation = context.table.relation) => {
        if (speaks()) this.select(clause, relation);
      },
      activate: (clause: SelectionClause) => selection.activate(clause),
      requery: (state) => panel.requery(state ?? null),
      follow: (state) => panel.follow(state),
      condition,
      showsWhole: () => page.state.whole !== false,
      place: context.group ? this.placeOf(context.group) : null,
    };
  }
}

function leftMarkup(table: string): Markup {
  return html`<p class="view-notice view-error">
    ${say(
      "The table {table} could not be loaded: this view shows all of it, as when the page was built, and follows no filter. Reload the page; where that does not help, a file of the site is missing or damaged.",
      { table },
    )}
  </p>`;
}

function asClauses(
  relation: string,
  clause: Parameters<Host["publish"]>[1],
): ReadonlyMap<string, SelectionClause> {
  if (clause === null) return new Map();
  return clause instanceof Map ? clause : new Map([[relation, clause as SelectionClause]]);
}
