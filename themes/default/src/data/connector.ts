/** Mosaic's way to the database: our own connector, so that nothing is ever fetched from elsewhere. */
import { Coordinator, type Connector } from "@uwdata/mosaic-core";
import type { FilterExpr, Query } from "@uwdata/mosaic-sql";
import type { Relation } from "../page.ts";
import type { Engine } from "./engine.ts";
import { Narrowed } from "./narrowed.ts";
import { EXTRACTION, joined } from "./result.ts";

/** Between the statements of one `exec`; Mosaic joins them so. */
const SEPARATOR = /;\n(?=CREATE (?:TABLE|SCHEMA|TEMP|VIEW))/;

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

  constructor(opened: Promise<Engine>) {
    const narrowed = new Narrowed();
    super(connector(opened, narrowed), { logger: null, ipc: EXTRACTION, consolidate: false });
    this.narrowed = narrowed;
  }

  /** Tells of a view's query under the page's filter: those of one filter are answered from one look at the rows. */
  offer(query: Query, filter: FilterExpr, relation: Pick<Relation, "name" | "rows">): void {
    this.narrowed.offer(query, filter, relation);
  }
}
