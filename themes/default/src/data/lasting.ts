/**
 * An engine that outlives its death. DuckDB-WASM may trap, most of all where memory is short, and from then on answers
 * nothing: another one is started with the page's tables, and what was asked meanwhile is asked of it. Tables that were
 * made on the way are made again when a statement reads them, so that whoever made one finds it in either engine.
 */
import { EngineDeath, type Engine, type Watcher } from "./engine.ts";
import type { Relation } from "../page.ts";
import { madeBy } from "./made.ts";

/** Restarts within so many ms; an engine that stops more often is not going to last. */
const MOST_RESTARTS = 2;
const WITHIN = 60_000;

/** A question at which engines stopped so often is put to no other. */
const MOST_STOPPED = 2;

const IF_MISSING = /^CREATE [A-Z ]*IF NOT EXISTS /;

export class Lasting implements Engine {
  readonly isOwn = true;
  readonly isOrdered = true;
  private opened: Promise<Engine> | null = null;
  /** What is in the engine beside the page's tables, by name; the statements that make it outlive the engine. */
  private present = new Set<string>();
  private readonly statements = new Map<string, string>();
  private stops: number[] = [];
  /** Whether there has been an engine with tables in it. */
  isOpened = false;
  private reason = "";
  private readonly watchers: Watcher[] = [];

  /** `open` gives an engine with the page's tables in it, and with those that `fill` added to an earlier one. */
  constructor(
    private readonly open: () => Promise<Engine>,
    private readonly fill: (engine: Engine, relation: Relation) => Promise<void> = () => Promise.resolve(),
    private readonly now: () => number = () => performance.now(),
    readonly missing: ReadonlyMap<string, string> = new Map(),
  ) {}

  watch(watcher: Watcher): void {
    this.watchers.push(watcher);
  }

  /** Starts the engine. Rejects when it or a table cannot be loaded. */
  async start(): Promise<void> {
    await this.through(async () => []);
  }

  async load(relation: Relation): Promise<void> {
    await this.through((engine) => this.fill(engine, relation).then(() => []));
  }

  query(sql: string): Promise<Uint8Array[]> {
    return this.through((engine) => this.ask(engine, sql));
  }

  /** Does a task in this engine, or in the one after it. */
  private async through(task: (engine: Engine) => Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    for (let stopped = 0; ;) {
      const opened = (this.opened ??= this.open());
      try {
        const engine = await opened;
        this.isOpened = true;
        return await task(engine);
      } catch (error) {
        if (!(error instanceof EngineDeath)) throw error;
        if (opened === this.opened) this.renew(error.message);
        if (error.isCause && ++stopped === MOST_STOPPED) {
          // The question is at fault if the next engine lives; rejects when none does.
          await this.query("SELECT 1");
          throw new Error(error.message, { cause: error });
        }
        if (this.reason) throw new Error(this.reason, { cause: error });
      }
    }
  }

  private async ask(engine: Engine, sql: string): Promise<Uint8Array[]> {
    const { present } = this;
    const made = madeBy(sql);
    if (made?.isDropped) return this.drop(engine, sql, made.name);
    if (made && present.has(made.name) && IF_MISSING.test(sql)) return [];
    const needed = this.neededBy(sql, made?.name);
    // One after the other as they are sent: a worker keeps their order.
    const remade = needed.map((name) => engine.query(this.statements.get(name)!));
    needed.forEach((name) => present.add(name));
    const [found] = await Promise.all([engine.query(sql), ...remade]);
    if (made) {
      this.statements.set(made.name, sql);
      present.add(made.name);
    }
    return found!;
  }

  /** What a statement reads, and what that was made of, that died with an engine; in the order of making. */
  private neededBy(sql: string, own = ""): string[] {
    const names = [...this.statements.keys()];
    const read = names.filter((name) => name !== own && !this.present.has(name) && sql.includes(name));
    const below = read.flatMap((name) => [...this.neededBy(this.statements.get(name)!, name), name]);
    return [...new Set(below)];
  }

  private async drop(engine: Engine, sql: string, name: string): Promise<Uint8Array[]> {
    const isGone = this.statements.delete(name) && !this.present.delete(name);
    return isGone ? [] : engine.query(sql);
  }

  private renew(reason: string): void {
    const now = this.now();
    this.stops = [...this.stops.filter((stop) => now - stop < WITHIN), now];
    if (this.stops.length > MOST_RESTARTS) {
      this.lose(`the database stopped ${this.stops.length} times within a minute: ${reason}`);
      return;
    }
    this.present = new Set();
    const opened = this.open();
    this.opened = opened;
    opened.then(
      () => this.watchers.forEach((watcher) => watcher.renewed()),
      (error: Error) => error instanceof EngineDeath || this.lose(error.message),
    );
  }

  /** From now on nothing is answered. */
  private lose(reason: string): void {
    this.reason = reason;
    const lost = Promise.reject<Engine>(new Error(reason));
    lost.catch(() => undefined);
    this.opened = lost;
    this.watchers.forEach((watcher) => watcher.lost(reason));
  }
}
