/**
 * The rows that are in memory: those near the reader. What is missing is asked for, one window at a time, and of what
 * was wanted meanwhile only the last.
 */

/** Rows of one question, at least and at most. */
const STEP = 50;
const MOST_ASKED = 200;

/** Rows kept; beyond, those far from the reader go. */
const MOST_KEPT = 2000;

export class RowWindow<Row> {
  private rows = new Map<number, Row>();
  private wanted = { first: 0, end: 0 };
  private asking: Promise<void> | null = null;
  /** What was wanted when a question failed: it is not asked again by itself. */
  private refused = "";
  /** Where the table was seen to end: a filter may leave fewer rows than the last count said. */
  private end = Infinity;
  /** Counts the resets: an answer from before one is of other rows. */
  private generation = 0;

  constructor(
    private readonly ask: (offset: number, limit: number) => Promise<Row[]>,
    private readonly changed: () => void,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Forgets all rows but those given, by their numbers. */
  reset(first: Iterable<readonly [number, Row]>): void {
    this.generation++;
    this.rows = new Map(first);
    this.wanted = { first: 0, end: 0 };
    this.refused = "";
    this.end = Infinity;
  }

  row(index: number): Row | null {
    return this.rows.get(index) ?? null;
  }

  /** The number of a row that is in memory; -1 where none is as asked. */
  find(isWanted: (row: Row) => boolean): number {
    for (const [index, row] of this.rows) if (isWanted(row)) return index;
    return -1;
  }

  /** Sees to it that these rows come, if they are still wanted when their turn comes. */
  want(first: number, end: number): void {
    this.wanted = { first, end };
    if (this.refused === `${first} ${end}`) return;
    if (this.missing()) this.asking ??= this.load().finally(() => (this.asking = null));
  }

  /** Whether something that is wanted is not there yet. */
  isAsking(): boolean {
    return this.asking !== null;
  }

  /** Resolves when all that is wanted is there. */
  async settled(): Promise<void> {
    await this.asking;
  }

  private async load(): Promise<void> {
    for (let window = this.missing(); window; window = this.missing()) {
      const { generation } = this;
      try {
        const found = await this.ask(window.offset, window.limit);
        if (generation !== this.generation) continue;
        if (found.length < window.limit) this.end = Math.min(this.end, window.offset + found.length);
        found.forEach((row, index) => this.rows.set(window!.offset + index, row));
        this.prune();
        this.changed();
      } catch (error) {
        if (generation !== this.generation) continue;
        this.refused = `${this.wanted.first} ${this.wanted.end}`;
        this.failed(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
  }

  private missing(): { offset: number; limit: number } | null {
    const { first } = this.wanted;
    const end = Math.min(this.wanted.end, this.end);
    let offset = first;
    while (offset < end && this.rows.has(offset)) offset++;
    if (offset >= end) return null;
    // Going up, the rows above are those that come next.
    const isUpwards = this.rows.has(end - 1);
    const limit = Math.min(MOST_ASKED, Math.max(STEP, end - offset));
    return isUpwards ? { offset: Math.max(0, Math.min(offset, end - limit)), limit } : { offset, limit };
  }

  private prune(): void {
    if (this.rows.size <= MOST_KEPT) return;
    const middle = (this.wanted.first + this.wanted.end) / 2;
    for (const index of this.rows.keys()) {
      if (Math.abs(index - middle) > MOST_KEPT / 2) this.rows.delete(index);
    }
  }
}
