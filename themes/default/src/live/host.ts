/** What the live half of a view is given, and what it must do. */
import type { MosaicClient, SelectionClause } from "@uwdata/mosaic-core";
import type { ExprNode } from "@uwdata/mosaic-sql";
import type { Context, Drawing, Results, ViewState } from "../view.ts";
import type { Change, Page } from "./page.ts";

export interface ScrollPlace {
  read(): number;
  write(at: number): void;
}

export interface Host {
  page: Page;
  context: Context;
  options: unknown;
  /** What `updateFrame` is told of: the figure, or the part of it that shows one group. */
  figure: HTMLElement;
  /** The part of the figure that the view draws into. */
  body: HTMLElement;
  /** Aborted when the drawing is gone for good, with its group: what it has beyond its body must end then. */
  signal: AbortSignal;
  /** Mosaic's identity of this view's clauses, and the clients that a clause of its own must not filter. */
  source: object;
  /** That of one of several selections in a view, by its name; all drawings of the view share it. */
  sourceOf(name: string): object;
  clients: () => Set<MosaicClient>;
  /** Publishes what the reader selected: in the relation of the view's own table, or in others. */
  publish(
    value: ViewState | null,
    clause: SelectionClause | ReadonlyMap<string, SelectionClause> | null,
    change: Change,
  ): void;
  /**
   * Sets or, with a null predicate, clears a clause of this view without touching the state: for a relation, or that of
   * the view's own table. Of several drawings of one view one speaks.
   */
  select(clause: SelectionClause, relation?: string): void;
  /** Tells the other views' pre-aggregation that a selection here is near. */
  activate(clause: SelectionClause): void;
  /**
   * Asks the queries anew, for a view whose own state is part of them: by the state in the link, or by a state that
   * says more than the link does, such as the window that a drawing of this size shows.
   */
  requery(state?: ViewState): void;
  /** Says by which state queries are asked when a filter changes, where that is not the link's; asks nothing now. */
  follow(state: ViewState): void;
  /** The condition of the group that this drawing is of, or null: for what a view asks besides its named queries. */
  condition: ExprNode | null;
  /** Whether what is filtered out is shown behind what passes; drawn anew when it changes. */
  showsWhole(): boolean;
  /** The row or card that the group of this drawing is scrolled to, as the link says it; null where it is of no group. */
  place: ScrollPlace | null;
}

export interface LiveView {
  /** Makes ready, unseen, what a first drawing of these answers needs; only while the engine starts. */
  prepare?(results: Results): Promise<void>;
  /**
   * Says what a link's state selects, from the answers that no filter is part of: it comes before the page's first
   * questions, so that these are asked and drawn once, for all that the link says.
   */
  foresee?(results: Results, state: ViewState): void;
  /** Draws a complete set of answers. Called again whenever an answer changed. */
  draw(results: Results): void | Promise<void>;
  /** Takes on a state that came from the link, or null for none. */
  restore(state: ViewState | null): void;
  /** The drawing for a place, where more is shown than link and answers tell; null where they tell all. */
  drawnFor?(context: Context): Drawing | null;
}

export type LiveFactory = (host: Host) => LiveView;
