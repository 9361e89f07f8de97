/** What answers a page's queries, wherever it runs. */
export interface Engine {
  /** Whether it serves this page alone, in the page: tables can be made in it at nobody's cost. */
  readonly isOwn?: boolean;
  /** Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. */
  query(sql: string): Promise<Uint8Array[]>;
}
