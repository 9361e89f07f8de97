/** Mosaic's way to the database: our own connector, so that nothing is ever fetched from elsewhere. */
import type { Table as ArrowTable } from "@uwdata/flechette";
import { Coordinator, type Connector, type SelectionClause } from "@uwdata/mosaic-core";
import type { FilterExpr, Query } from "@uwdata/mosaic-sql";
import type { Engine } from "./engine.ts";
import { madeBy } from "./made.ts";
import { Narrowed, type Whole } from "./narrowed.ts";
import { EXTRACTION, fromArrow, joined, type Result } from "./result.ts";

/** Between the statements of one `exec`; Mosaic joins them so. */
const SEPARATOR = /;\n(?=CREATE (?:TABLE|SCHEMA|TEMP|VIEW))/;

/** Tables of pre-aggregates that are kept: those of two dozen brushes on a page of many views. */
const MOST_AGGREGATES = 200;

function connector(opened: Promise<Engine>, narrowed: Narrowed): Connector {
  const query = async (request: { type: string; sql: string }): Promise<unknown> => {
    const engine = await opened;
    if (request.type === "exec") {
      for (const statement of request.sql.split(SEPARATOR)) await engine.query(statement);
      return undefined;
    }
    // DuckDB 0.9.1 does not parse the short form.
    return joined(await narrowed.ask(engine, request.sql.replace(/^DESC /, "DESCRIBE ")));
  };
  return { query } as Connector;
}

/**
 * A coordinator of the page's own; what it is asked before the database is open waits. Errors reach the clients
 * (`queryError`), so its logger keeps silent.
 */
export class PageCoordinator extends Coordinator {
  private readonly narrowed: Narrowed;
  private readonly opened: Promise<Engine>;
  /** What answers, when it takes statements in the order they are sent. */
  private ordered: Engine | null = null;
  /** Statements that made the schemas of pre-aggregates; an engine that is started anew makes them anew by itself. */
  private readonly schemas = new Set<string>();
  /** Names of the tables of pre-aggregates, the newest last. */
  private readonly aggregates = new Set<string>();

  constructor(opened: Promise<Engine>) {
    const narrowed = new Narrowed();
    super(connector(opened, narrowed), { logger: null, ipc: EXTRACTION, consolidate: false });
    this.narrowed = narrowed;
    this.opened = opened;
    this.answerExactly();
    opened.then(
      (engine) => (this.ordered = engine.isOrdered ? engine : null),
      () => undefined,
    );
  }

  /**
   * A brush is answered from pre-aggregates by the pixel; a range of bars, or one from a link, says its ends exactly.
   * Mosaic would take the pre-aggregates of an earlier brush of the same view for it.
   */
  private answerExactly(): void {
    const { preaggregator } = this;
    const request = preaggregator.request.bind(preaggregator);
    preaggregator.request = (client, selection, clause) => {
      if (clause && isExact(clause)) preaggregator.clear();
      return request(client, selection, clause);
    };
  }

  /**
   * The statements of a table of pre-aggregates go past the queue, which lets nothing through until they are done: the
   * engine makes it before what reads it, and makes those of all views while the page goes on.
   */
  override exec(...given: Parameters<Coordinator["exec"]>): ReturnType<Coordinator["exec"]> {
    const [statements] = given;
    if (!Array.isArray(statements) || !this.ordered) return super.exec(...given);
    const engine = this.ordered;
    const missing = statements.map(String).filter((statement) => !this.schemas.has(statement));
    for (const statement of missing) if (statement.startsWith("CREATE SCHEMA")) this.schemas.add(statement);
    const made = missing.map((statement) => engine.query(statement));
    if (engine.isOwn) this.keepFew(engine, missing);
    return Promise.all(made) as unknown as ReturnType<Coordinator["exec"]>;
  }

  /** Drops the oldest pre-aggregates beyond so many, but for those of the brush there is. */
  private keepFew(engine: Engine, statements: readonly string[]): void {
    for (const { name } of statements.map(madeBy).filter((made) => made !== null)) {
      if (!name.includes(".")) continue;
      this.aggregates.delete(name);
      this.aggregates.add(name);
    }
    const used = new Set(
      [...this.preaggregator.entries.values()].map((info) =>
        info && "table" in info ? String(info.table) : "",
      ),
    );
    for (const name of [...this.aggregates].slice(0, -MOST_AGGREGATES).filter((each) => !used.has(each))) {
      this.aggregates.delete(name);
      engine.query(`DROP TABLE IF EXISTS ${name}`).catch(() => undefined);
    }
  }

  /** Learns ahead what the first filter needs to know of the page's tables. */
  async prepare(relations: readonly Whole[]): Promise<void> {
    const engine = await this.opened;
    await Promise.all(relations.map((relation) => this.narrowed.prepare(engine, relation)));
  }

  /** The answer to a query that no client asks, as views take it. */
  async answer(...asked: Parameters<Coordinator["query"]>): Promise<Result> {
    return fromArrow((await this.query(...asked)) as ArrowTable);
  }

  /** Keeps no answer of an engine that stopped. */
  forget(): void {
    this.manager.cache().clear();
  }

  /** Tells of a view's query under the page's filter: those of one filter are answered from one look at the rows. */
  offer(query: Query, filter: FilterExpr, relation: Whole): void {
    this.narrowed.offer(query, filter, relation);
  }
}

function isExact({ meta, predicate }: SelectionClause): boolean {
  return predicate !== null && meta?.type === "interval" && !("scales" in meta);
}
