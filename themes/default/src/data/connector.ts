/** Mosaic's way to the database: our own connector, so that nothing is ever fetched from elsewhere. */
import { Coordinator, type Connector } from "@uwdata/mosaic-core";
import type { Engine } from "./engine.ts";
import { EXTRACTION, joined } from "./result.ts";

/** Between the statements of one `exec`; Mosaic joins them so. */
const SEPARATOR = /;\n(?=CREATE (?:TABLE|SCHEMA|TEMP|VIEW))/;

function connector(opened: Promise<Engine>): Connector {
  const query = async (request: { type: string; sql: string }): Promise<unknown> => {
    const database = await opened;
    if (request.type === "exec") {
      for (const statement of request.sql.split(SEPARATOR)) await database.query(statement);
      return undefined;
    }
    // DuckDB 0.9.1 does not parse the short form.
    return joined(await database.query(request.sql.replace(/^DESC /, "DESCRIBE ")));
  };
  return { query } as Connector;
}

/** A coordinator of the page's own; what it is asked before the database is open waits. Errors reach the clients (`queryError`), so its logger keeps silent. */
export function coordinate(database: Promise<Engine>): Coordinator {
  return new Coordinator(connector(database), { logger: null, ipc: EXTRACTION, consolidate: false });
}
