/**
 * The life of a view that has a state of its own: painted when its questions are answered, restored from the link,
 * changed by the reader. What it selects becomes a clause, and what it asks otherwise is asked anew.
 */
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { ExprNode } from "@uwdata/mosaic-sql";
import type { Context, Results, View, ViewState } from "../view.ts";
import { clauseOf } from "./clause.ts";
import type { Host, LiveView } from "./host.ts";
import type { Change } from "./page.ts";
import { Parts } from "./parts.ts";

/** What the state of a kind of view means. */
export interface Meaning<Options, State> {
  view: View<Options>;
  read: (options: Options, written: ViewState) => State;
  /** What the link holds of it; empty for a view as it was built. */
  write: (options: Options, state: State) => ViewState;
  /** What is selected, as a condition; null for nothing. */
  condition: (options: Options, state: State) => ExprNode | null;
  /** The same in other relations, by their names; left out for a view that selects in its own alone. */
  elsewhere?: (options: Options, state: State, context: Context) => ReadonlyMap<string, ExprNode | null>;
  /** The parts of the state that select. */
  selecting: readonly (keyof State)[];
  /** What questions depend on. */
  asking: (state: State) => readonly unknown[];
}

export abstract class StatedView<Options, State extends object> implements LiveView {
  protected readonly options: Options;
  protected readonly parts: Parts;
  protected state: State;
  protected results: Results | null = null;

  constructor(
    protected readonly host: Host,
    private readonly meaning: Meaning<Options, State>,
  ) {
    this.options = host.options as Options;
    this.state = meaning.read(this.options, {});
    this.parts = new Parts(host.body);
  }

  /** Shows the state, if all that it asks is answered. */
  protected abstract paint(): void;

  draw(results: Results): void {
    this.results = results;
    this.paint();
  }

  foresee(_results: Results, written: ViewState): void {
    const read = this.meaning.read(this.options, written);
    if (this.condition(read)) this.tell(read);
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = this.meaning.read(this.options, written ?? {});
    if (this.condition(before) || this.condition(this.state)) this.tell(this.state);
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  protected change(changed: Partial<State>, kind: Change = "commit"): void {
    const before = this.state;
    this.state = { ...before, ...changed };
    const written = this.written();
    const clauses = this.meaning.selecting.some((name) => name in changed) ? this.clauses() : null;
    this.host.publish(Object.keys(written).length ? written : null, clauses, kind);
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  /** The state as the link holds it. */
  protected written(): ViewState {
    return this.meaning.write(this.options, this.state);
  }

  /** Draws the body whole where one of its parts is missing, as where an error stood in its place. */
  protected ensure(part: string, results: Results): void {
    const { host, options } = this;
    if (host.body.querySelector(`[data-part=${part}]`)) return;
    host.body.innerHTML = this.meaning.view.render(options, results, this.written(), host.context).body.text;
    this.parts.forget();
  }

  private condition(state: State): ExprNode | null {
    return this.meaning.condition(this.options, state);
  }

  private tell(state: State): void {
    for (const [relation, clause] of this.clauses(state)) this.host.select(clause, relation);
  }

  /** What is selected, by the relations that it filters. */
  private clauses(state = this.state): ReadonlyMap<string, SelectionClause> {
    const { host, meaning, options } = this;
    const own = [[host.context.table.relation, this.condition(state)]] as const;
    const conditions = [...own, ...(meaning.elsewhere?.(options, state, host.context) ?? [])];
    return new Map(conditions.map(([relation, condition]) => [relation, clauseOf(host, condition)]));
  }

  private isAskedAnew(before: State): boolean {
    const [old, fresh] = [before, this.state].map((state) => this.meaning.asking(state));
    return fresh!.some((value, index) => value !== old![index]);
  }
}
