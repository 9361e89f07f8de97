/**
 * A live page: its database, one cross-filter per relation, and its state, which is the single truth. A view
 * publishes what the reader selected; the page turns it into a clause for the others and into the link.
 */
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { ExprNode } from "@uwdata/mosaic-sql";
import type { PageCoordinator } from "../data/connector.ts";
import { asRelation, onRelation } from "../data/columns.ts";
import { translateFilter } from "../data/expression.ts";
import { groupedRelation } from "../groups.ts";
import { FILTER, NO_TABLE, type Column, type PagePayload, type Table, type ViewRequest } from "../page.ts";
import { ProblemError } from "../problem.ts";
import type { Context, ViewState } from "../view.ts";
import { CrossFilter } from "./crossfilter.ts";
import { digestsOf } from "./digests.ts";
import { findView } from "./registry.ts";
import type { OwnStep } from "./steps.ts";
import {
  EMPTY,
  readLink,
  toldOnce,
  TOO_LONG,
  writeLink,
  type Link,
  type PageState,
  type Places,
} from "./state.ts";
import { say } from "../words.ts";

/**
 * Why a state changed: `drag` replaces the link, `commit` pushes a new one, `adjust` amends the one there is, for what is
 * no step of the reader's, `restore` came from the link.
 */
export type Change = "drag" | "commit" | "adjust" | "restore";

export type Listener = (state: PageState, change: Change) => void;

/** The parts of the window that a page touches; tests hand in their own. */
export interface Address {
  hash: () => string;
  /** While the reader drags; may wait a little. */
  replace: (hash: string) => void;
  /** Corrects the entry as it stands. */
  settle: (hash: string) => void;
  /** Corrects it for what is no step of the reader's; within a drag it waits for the drag's own entry. */
  adjust: (hash: string) => void;
  push: (hash: string) => void;
  /** Writes at once what waits for the reader to rest. */
  flush?: () => void;
  /** Whether it holds a state of any size. */
  isUnlimited?: boolean;
}

/** The condition of a source that lets everything pass. */
const EVERYTHING = "";

export class Page {
  readonly payload: PagePayload;
  readonly coordinator: PageCoordinator;
  state: PageState = EMPTY;
  /** What the link or the filter said that could not be applied. */
  problems: string[] = [];
  /** What keeps the state as it is out of the link; empty when nothing does. */
  linkProblem = "";
  /** Why tables are not in the engine, by relation: their views stay as they were built. */
  missing: ReadonlyMap<string, string> = new Map();
  /** Whether the engine stopped for good: what is drawn stays, and follows nothing any more. */
  isLost = false;
  /** The heading or view that the link points to; kept when the state changes. */
  anchor = "";
  /** Digests of the data that the page showed whose link was followed last; left out where it does not say. */
  linked: string | undefined;
  /** Makes a step of what no link holds, undone and redone among the page's; before the page follows steps, none. */
  own: (step: OwnStep) => void = () => undefined;
  private readonly address: Address;
  private readonly selections = new Map<string, CrossFilter>();
  private readonly listeners = new Set<Listener>();
  /** Identity of the filter's clause; Mosaic replaces clauses by source. */
  private readonly filterSource = {};
  /** What each source lets pass of each relation; a selection itself says it only once all have heard. */
  private readonly standing = new WeakMap<object, Map<string, string>>();
  /** What changed of each relation while a whole state is taken on, to be said when all of it is known. */
  private gathered: Map<string, SelectionClause[]> | null = null;

  constructor(payload: PagePayload, coordinator: PageCoordinator, address: Address) {
    this.payload = payload;
    this.coordinator = coordinator;
    this.address = address;
    for (const relation of payload.relations) this.selections.set(relation.name, new CrossFilter());
  }

  /** The table a view shows; views of the whole page get the first. */
  tableOf(name: string | null): Table {
    const table = name === null ? Object.values(this.payload.tables)[0] : this.payload.tables[name];
    if (!table && name === null) return NO_TABLE;
    if (!table) throw new Error(`the page has no table "${String(name)}"`);
    return onRelation(table, this.payload.tables);
  }

  /** What a view is told of this page. */
  context(request: ViewRequest): Context {
    const { views, tables } = this.payload;
    // Readers may rename charts.
    const figures = views.map((each) => ({
      id: each.id,
      view: each.view,
      get title(): string {
        return each.title ?? each.id;
      },
    }));
    const table = this.tableOf(request.table);
    return { request, table: { ...table, member: request.member ?? table.member }, tables, figures };
  }

  selection(relation: string): CrossFilter {
    return this.selections.get(relation)!;
  }

  /** Says to all that show a relation what a source lets pass of it from now on. */
  select(relation: string, clause: SelectionClause): void {
    const standing = this.standing.get(clause.source) ?? new Map<string, string>();
    const [before, now] = [standing.get(relation) ?? EVERYTHING, condition(clause)];
    this.standing.set(clause.source, standing.set(relation, now));
    if (!this.gathered) return void this.selection(relation).update(clause);
    if (before !== now) this.gathered.set(relation, [...(this.gathered.get(relation) ?? []), clause]);
  }

  /** Takes on a state of several sources: what lies between the one before and this is neither asked nor drawn. */
  private atOnce(
    takeOn: () => void,
    update = (selection: CrossFilter, clauses: SelectionClause[]): void => selection.updateAll(clauses),
  ): void {
    const gathered = (this.gathered = new Map<string, SelectionClause[]>());
    try {
      takeOn();
    } finally {
      this.gathered = null;
      for (const [relation, clauses] of gathered) update(this.selection(relation), clauses);
    }
  }

  /** Takes on what a link selects in views that have asked nothing yet. */
  foresee(takeOn: () => void): void {
    this.atOnce(takeOn, (selection, clauses) => selection.begin(clauses));
  }

  /** Whether that is what the source lets pass already. */
  stands(relation: string, clause: SelectionClause): boolean {
    return (this.standing.get(clause.source)?.get(relation) ?? EVERYTHING) === condition(clause);
  }

  /** Whether the link shows less than everything, or otherwise than it was built. */
  isFiltered(): boolean {
    return this.state.filter !== "" || Object.keys(this.state.views).length > 0;
  }

  /** Resolves when every selection made so far has reached every query. */
  async answered(): Promise<void> {
    await Promise.all([...this.selections.values()].map((selection) => selection.pending("value")));
  }

  /** Whether all that it shows is as it was built. */
  isAsBuilt(): boolean {
    const { group, whole } = this.state;
    return !this.isFiltered() && group === undefined && whole !== false;
  }

  /** The column that splits a relation's views, or null. */
  groupOf(relation: string): Column | null {
    const { group } = this.state;
    if (group === undefined || groupedRelation(this.payload.tables, group) !== relation) return null;
    return this.relationTable(relation).columns.find((column) => column.name === group)!;
  }

  /** Splits every view of the column's relation by its values; null takes the groups back. */
  setGroup(column: string | null): void {
    const { group: _previous, places: _places, ...state } = this.state;
    this.setState(column === null ? state : { ...state, group: column }, "commit");
  }

  /** Shows or hides what is filtered out, in grey behind what passes. */
  setWhole(isShown: boolean): void {
    const { whole: _previous, ...state } = this.state;
    this.setState(isShown ? state : { ...state, whole: false }, "commit");
  }

  /** Draws a view across all of the page's columns, or opens its data table; or takes that back. */
  setListed(list: "full" | "tables", id: string, isIn: boolean, change: Change = "commit"): void {
    const { [list]: before = [], ...state } = this.state;
    if (before.includes(id) === isIn) return;
    const ids = isIn ? [...before, id].sort() : before.filter((each) => each !== id);
    this.setState(ids.length ? { ...state, [list]: ids } : state, change);
  }

  isListed(list: "full" | "tables", id: string): boolean {
    return this.state[list]?.includes(id) ?? false;
  }

  /** The row or card that a group of a view is scrolled to. */
  placeOf(id: string, group: string): number {
    const places = this.state.places ?? {};
    const groups = Object.hasOwn(places, id) ? places[id]! : {};
    return Object.hasOwn(groups, group) ? groups[group]! : 0;
  }

  /** Each group is scrolled by itself. It is no step of the reader's: going back leads to where the rows were left. */
  setPlace(id: string, group: string, at: number): void {
    if (at === this.placeOf(id, group)) return;
    const { places = {}, ...state } = this.state;
    const { [id]: own = {}, ...others } = places;
    const { [group]: _before, ...rest } = own;
    const groups = at > 0 ? { ...rest, [group]: at } : rest;
    const next = Object.keys(groups).length ? { ...others, [id]: groups } : others;
    this.setState(Object.keys(next).length ? { ...state, places: next } : state, "adjust");
  }

  /** Calls back at every change, until the signal. */
  listen(listener: Listener, signal?: AbortSignal): void {
    this.listeners.add(listener);
    signal?.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
  }

  /** A view's selection: into the state, the link and, as a clause for each relation, to the other views. */
  publish(
    id: string,
    value: ViewState | null,
    clauses: ReadonlyMap<string, SelectionClause>,
    change: Change,
  ): void {
    const { [id]: _previous, ...others } = this.state.views;
    this.setState({ ...this.state, views: value ? { ...others, [id]: value } : others }, change);
    for (const [relation, clause] of clauses) this.select(relation, clause);
  }

  /** Applies a filter expression to every relation that has its columns; throws where none has. */
  setFilter(text: string, change: Change): void {
    // Leaving the field says again what Enter has said: rows that are asked anew would be shown from the first on.
    if (change === "commit" && text.trim() === this.state.filter) return;
    this.applyFilter(text);
    this.setState({ ...this.state, filter: text.trim() }, change);
  }

  /** Whether the page's filter reaches a relation: one of columns that it does not have leaves it alone. */
  filters(relation: string): boolean {
    return this.state.filter !== "" && !attempt(this.state.filter, this.relationTable(relation)).error;
  }

  private applyFilter(text: string): void {
    const tables = this.payload.relations.map((relation) => this.relationTable(relation.name));
    const translated = tables.map((table) => ({ table, ...attempt(text, table) }));
    if (translated.length && translated.every((each) => each.error)) throw translated[0]!.error!;
    for (const { table, predicate } of translated) {
      const clause = { source: this.filterSource, fields: [], value: text, predicate: predicate ?? null };
      this.select(table.relation, clause);
    }
  }

  private relationTable(relation: string): Table {
    const tables = Object.values(this.payload.tables);
    const first = tables.find((table) => table.relation === relation)!;
    return asRelation(onRelation(first, this.payload.tables));
  }

  /** Takes on what the link says. The views restore themselves from the state; the filter is applied here. */
  restore(link: Link = readLink(this.address.hash())): void {
    this.anchor = link.anchor;
    this.linked = link.data;
    this.problems = [...link.problems];
    const read = Object.entries(link.state.views).map(([id, state]) => [id, this.accept(id, state)] as const);
    const views = Object.fromEntries(read.filter(([, state]) => Object.keys(state).length > 0));
    this.state = { filter: "", ...this.acceptOwn(link.state), views };
    this.atOnce(() => this.restoreFilter(link.state.filter));
    this.problems = toldOnce(this.problems);
  }

  /** The filter of a link, or none where it does not fit. */
  private restoreFilter(text: string): void {
    try {
      this.setFilter(text, "restore");
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.problems.push(say("The link's filter was not applied: {message}", { message: error.said }));
      this.setFilter("", "restore");
    }
  }

  /** What the link says of the page as a whole, but for the filter. */
  private acceptOwn({ group, whole, full, tables, places }: PageState): Omit<PageState, "filter" | "views"> {
    const isKnown = group !== undefined && groupedRelation(this.payload.tables, group) !== null;
    if (group !== undefined && !isKnown)
      this.problems.push(
        say('The link groups by "{group}", and no view of this page can be split by that.', {
          group: group.slice(0, 60),
        }),
      );
    return {
      ...(isKnown ? { group } : {}),
      ...(whole === false ? { whole } : {}),
      ...this.acceptListed("full", full),
      ...this.acceptListed("tables", tables),
      ...(isKnown && places ? this.acceptPlaces(places) : {}),
    };
  }

  /** The places in views of this page; which groups they have is known only with their answers. */
  private acceptPlaces(places: Places): Partial<PageState> {
    const known = Object.entries(places).filter(([id]) => this.payload.views.some((view) => view.id === id));
    const unknown = Object.keys(places).find((id) => !known.some(([each]) => each === id));
    if (unknown !== undefined) this.problems.push(unknownView(unknown));
    return known.length ? { places: Object.fromEntries(known) } : {};
  }

  /** The ids that are of views of this page. */
  private acceptListed(list: "full" | "tables", ids: readonly string[] = []): Partial<PageState> {
    const known = ids.filter((id) => this.payload.views.some((view) => view.id === id));
    const [unknown] = ids.filter((id) => !known.includes(id));
    if (unknown !== undefined) this.problems.push(unknownView(unknown));
    return known.length ? { [list]: known.sort() } : {};
  }

  /** The part of a view's state that the view can take on; what is left out becomes a problem. */
  private accept(id: string, written: ViewState): ViewState {
    const request = this.payload.views.find((each) => each.id === id);
    const view = request && findView(request.view);
    if (!view) {
      this.problems.push(unknownView(id));
      return {};
    }
    const context = this.context(request);
    const kept = view.accept?.(view.parse(context), written, context) ?? {};
    if (JSON.stringify(kept) !== JSON.stringify(written))
      this.problems.push(
        say('The link\'s state of "{id}" does not fit this view and was left out, whole or in part.', { id }),
      );
    return kept;
  }

  /** A link within the page was followed: its anchor joins the state in the address. */
  follow(): void {
    this.anchor = readLink(this.address.hash()).anchor;
    this.address.settle(this.written().hash);
  }

  /** The link to a place of the page as it is now, with the data that it shows. */
  link(anchor = this.anchor): { hash: string; isTooLong: boolean } {
    return writeLink(anchor, this.state, digestsOf(this.payload.data));
  }

  /** What stands in the address: of a page as it was built, nothing but the anchor. */
  private written(): { hash: string; isTooLong: boolean } {
    const isEmpty = this.isAsBuilt() && !this.state.full && !this.state.tables;
    return isEmpty ? writeLink(this.anchor, this.state) : this.link();
  }

  /** Writes the state into the address, where it waits for the reader to rest. */
  flush(): void {
    this.address.flush?.();
  }

  /** Back to the unfiltered whole; how wide views are, and which data tables are open, stays. */
  reset(): void {
    const { full, tables } = this.state;
    this.atOnce(() => {
      this.applyFilter("");
      this.setState({ ...EMPTY, ...(full ? { full } : {}), ...(tables ? { tables } : {}) }, "commit");
      this.tell("restore");
    });
  }

  /** Removes the filter, or one view's selection; the view sees it in the state and clears its clause. */
  clear(id: string): void {
    if (id === FILTER) this.applyFilter("");
    const { [id]: _removed, ...views } = this.state.views;
    this.setState({ ...this.state, filter: id === FILTER ? "" : this.state.filter, views }, "commit");
    this.tell("restore");
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(this.state, change);
  }

  private setState(state: PageState, change: Change): void {
    this.state = state;
    const { hash, isTooLong } = this.written();
    this.linkProblem = isTooLong && !this.address.isUnlimited ? TOO_LONG : "";
    if (change === "drag") this.address.replace(hash);
    if (change === "commit") this.address.push(hash);
    if (change === "adjust") this.address.adjust(hash);
    this.tell(change);
  }
}

function unknownView(id: string): string {
  return say('The link speaks of a view "{id}" that this page does not have.', { id: id.slice(0, 60) });
}

function attempt(text: string, table: Table): { predicate?: ExprNode; error?: ProblemError } {
  if (!text.trim()) return {};
  try {
    return { predicate: translateFilter(text, table) };
  } catch (error) {
    if (error instanceof ProblemError) return { error };
    throw error;
  }
}

function condition({ predicate }: SelectionClause): string {
  return predicate ? String(predicate) : EVERYTHING;
}
