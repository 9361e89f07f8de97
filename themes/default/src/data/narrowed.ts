/**
 * One filter asked by many views. The engine would look at every row anew for each of them; where few rows pass, they are
 * copied once into a table of their own, in their order, which the views' queries read in the place of the relation.
 */
import {
  FromClauseNode,
  isNode,
  isTableRef,
  rewrite,
  SelectQuery,
  TableRefNode,
  walk,
  type FilterExpr,
  type Query,
  type SQLNode,
} from "@uwdata/mosaic-sql";
import type { Relation } from "../page.ts";
import type { Engine } from "./engine.ts";
import { quoted } from "./relations.ts";
import { column, fromBytes, joined, scalar, type Result } from "./result.ts";

/** Queries, and rows of the relation, from which on a copy costs less than it saves. */
const LEAST_QUERIES = 4;
const LEAST_ROWS = 20_000;

/** The largest part of the relation that is copied. */
const MOST_SHARE = 0.25;

/** Of more rows those that pass are counted before: to begin a copy that is too large would take longer. */
const MOST_UNCOUNTED = 200_000;

/** Queries told of and not asked yet: those of a brush are answered from elsewhere, and nobody asks them. */
const MOST_TOLD = 100;

/** A query that names no columns. */
const TAKES_ALL = /SELECT \*|\.\*/;

/** Filters that are remembered: a view that selects is filtered otherwise than those beside it. */
const ROUNDS = 2;

export type Whole = Pick<Relation, "name" | "rows">;

/** A query, and the conditions in it that are the filter: the very nodes, whatever stands beside them. */
interface Offer {
  query: Query;
  filter: readonly SQLNode[];
}

/** The queries of one filter. */
interface Round {
  relation: Whole;
  condition: string;
  table: string;
  offers: Map<string, Offer>;
  /** Whether the table of what passes is there; null before anybody asked. */
  isMade: Promise<boolean> | null;
}

/** An offer of which nothing has been written out yet: writing costs as much as a brush may take. */
interface Told extends Offer {
  relation: Whole;
}

export class Narrowed {
  private rounds: Round[] = [];
  private told: Told[] = [];
  private made = 0;
  private readonly columns = new Map<string, Promise<readonly string[]>>();
  /** Makes room in the engine for the tables of newer filters. */
  private drop: ((table: string) => void) | null = null;

  /** Tells of a query that may be asked next, and of the filter in it. */
  offer(query: Query, filter: FilterExpr, relation: Whole): void {
    const nodes = [filter].flat() as readonly SQLNode[];
    if (relation.rows < LEAST_ROWS || !nodes.every(isNode)) return;
    this.told.push({ query, filter: nodes, relation });
    if (this.told.length > MOST_TOLD) this.told.shift();
  }

  /** Asks ahead which columns a relation has. */
  async prepare(engine: Engine, { name, rows }: Whole): Promise<void> {
    if (engine.isOwn && rows >= LEAST_ROWS) await this.columnsOf(engine, name);
  }

  /** The filter that a query is of, of all that were told of. */
  private roundOf(sql: string): Round | undefined {
    if (this.told.some(({ relation }) => sql.includes(quoted(relation.name)))) {
      for (const each of this.told) this.keep(each);
      this.told = [];
    }
    return this.rounds.find(({ offers }) => offers.has(sql));
  }

  private keep({ query, filter, relation }: Told): void {
    const condition = filter.map((node) => `(${String(node)})`).join(" AND ");
    const isSame = (round: Round): boolean =>
      round.relation.name === relation.name && round.condition === condition;
    const round = this.rounds.find(isSame) ?? this.begin(relation, condition);
    round.offers.set(String(query), { query, filter });
  }

  private begin(relation: Whole, condition: string): Round {
    const table = `passing ${++this.made}`;
    const round: Round = { relation, condition, table, offers: new Map(), isMade: null };
    this.rounds.push(round);
    if (this.rounds.length > ROUNDS) this.end(this.rounds.shift()!);
    return round;
  }

  /** Whoever waits for the table has asked it before it goes. */
  private end({ isMade, table }: Round): void {
    void isMade?.then((isThere) => isThere && this.drop?.(table));
  }

  /** Answers a query as it is written, over fewer rows where that says the same. */
  async ask(engine: Engine, sql: string): Promise<Uint8Array[]> {
    const round = engine.isOwn ? this.roundOf(sql) : undefined;
    if (!round || round.offers.size < LEAST_QUERIES) return engine.query(sql);
    const text = overFewer(round.offers.get(sql)!, round);
    round.isMade ??= this.make(engine, round).catch(() => false);
    if (text === null || !(await round.isMade)) return engine.query(sql);
    // What fails over fewer rows fails over all, and then says so by the names that the view knows.
    return engine.query(text).catch(() => engine.query(sql));
  }

  private async make(engine: Engine, { relation, condition, table, offers }: Round): Promise<boolean> {
    // A table that does not go takes room and does no harm.
    this.drop = (old) => void engine.query(`DROP TABLE ${quoted(old)}`).catch(() => undefined);
    const all = await this.columnsOf(engine, relation.name);
    const texts = [...offers.keys()];
    const takesAll = texts.some((text) => TAKES_ALL.test(text));
    const used = all.filter((name) => takesAll || texts.some((text) => text.includes(quoted(name))));
    const passing = `FROM ${quoted(relation.name)} WHERE ${condition}`;
    const most = Math.floor(relation.rows * MOST_SHARE);
    if (relation.rows > MOST_UNCOUNTED) {
      const counted = await answer(engine, `SELECT (count(*))::INTEGER AS "rows" ${passing}`);
      if (scalar(counted, "rows") > most) return false;
    }
    const columns = (used.length ? used : all.slice(0, 1)).map(quoted).join(", ");
    const copy = `SELECT ${columns} ${passing} LIMIT ${most + 1}`;
    const made = await answer(engine, `CREATE OR REPLACE TEMP TABLE ${quoted(table)} AS ${copy}`);
    const isWhole = scalar(made, "Count") <= most;
    if (!isWhole) this.drop(table);
    return isWhole;
  }

  private columnsOf(engine: Engine, relation: string): Promise<readonly string[]> {
    const known =
      this.columns.get(relation) ??
      answer(engine, `DESCRIBE ${quoted(relation)}`).then(
        (found) => column(found, "column_name") as readonly string[],
      );
    this.columns.set(relation, known);
    return known;
  }
}

async function answer(engine: Engine, sql: string): Promise<Result> {
  return fromBytes(joined(await engine.query(sql)));
}

/** The query with the smaller table wherever it reads what passes; null where that would not say the same. */
function overFewer({ query, filter }: Offer, { relation, table }: Round): string | null {
  const narrowed = new Map<SQLNode, SQLNode>();
  walk(query, (node) => {
    if (node instanceof SelectQuery && isOver(node, relation.name) && isWithin(node, filter))
      narrowed.set(node, narrow(node, filter, relation.name, table));
  });
  const text = narrowed.size ? String(rewrite(query, narrowed)) : null;
  // Numbers of rows are others in another table.
  return text === null || /\browid\b/i.test(text) ? null : text;
}

function isOver({ _from, _sample }: SelectQuery, relation: string): boolean {
  const [from] = _from;
  if (_from.length !== 1 || _sample || !(from instanceof FromClauseNode) || from.sample) return false;
  return isTableRef(from.expr) && from.expr.table.join(".") === relation;
}

function isWithin({ _where }: SelectQuery, filter: readonly SQLNode[]): boolean {
  return filter.every((node) => (_where as readonly SQLNode[]).includes(node));
}

function narrow(
  query: SelectQuery,
  filter: readonly SQLNode[],
  relation: string,
  table: string,
): SelectQuery {
  const { alias } = query._from[0] as FromClauseNode;
  const copy = query.clone();
  copy._from = [new FromClauseNode(new TableRefNode(table), alias || relation)];
  copy._where = query._where.filter((node) => !filter.includes(node));
  return copy;
}
