import type { Relation } from "../page.ts";

/** What answers a page's queries, wherever it runs. */
export interface Engine {
  /** Whether it serves this page alone, in the page: tables can be made in it at nobody's cost. */
  readonly isOwn?: boolean;
  /** Whether it answers statements in the order in which they are sent, however many are on their way. */
  readonly isOrdered?: boolean;
  /** Why relations of the page could not be loaded, by name; left out where all are there. */
  readonly missing?: ReadonlyMap<string, string>;
  /** Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. */
  query(sql: string): Promise<Uint8Array[]>;
  /** Loads a relation that the page did not open with; not given where the page's server has it. */
  load?(relation: Relation): Promise<void>;
  /** Tells of its life, from now on; not given by engines that are looked after elsewhere. */
  watch?(watcher: Watcher): void;
}

/** What an engine tells of itself. */
export interface Watcher {
  /** It stopped, and another one has its place: what was answered so far is asked anew. */
  renewed(): void;
  /** It stopped for good. */
  lost(reason: string): void;
}

/** Rejects what was asked of an engine that stopped: not the question is wrong, and the engine answers no other. */
export class EngineDeath extends Error {
  constructor(
    reason: string,
    /** Whether the engine was at this very question. */
    readonly isCause: boolean,
  ) {
    super(reason);
  }
}
