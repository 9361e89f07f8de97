/** What answers a page's queries, wherever it runs. */
export interface Engine {
  /** Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. */
  query(sql: string): Promise<Uint8Array[]>;
}
