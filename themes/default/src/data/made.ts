/** Statements that only make what later ones read, or drop it. */

const MAKES =
  /^(CREATE|DROP) (?:[A-Z ]+ )??(?:TABLE|VIEW|SCHEMA|MACRO) (?:IF (?:NOT )?EXISTS )?((?:"(?:[^"]|"")+"|[^\s("])+)/i;

export interface Made {
  /** As it is written: a statement that reads it writes it the same. */
  name: string;
  isDropped: boolean;
}

/** What a statement makes or drops; null for one that asks. */
export function madeBy(sql: string): Made | null {
  const found = MAKES.exec(sql);
  return found && { name: found[2]!, isDropped: found[1]!.toUpperCase() === "DROP" };
}

type Query = (sql: string) => Promise<Uint8Array[]>;

/**
 * Questions to an engine elsewhere, which keeps what so many readers made, and gives up the one's that it has not heard of
 * for longest: what a statement misses is made again, and the statement asked once more.
 */
export function remaking(query: Query): Query {
  const statements = new Map<string, string>();
  return async (sql) => {
    const made = madeBy(sql);
    if (made?.isDropped) statements.delete(made.name);
    else if (made) statements.set(made.name, sql);
    if (made) return query(sql);
    return query(sql).catch(async (error: Error) => {
      const read = [...statements].filter(([name]) => sql.includes(name));
      if (!read.length || !MISSING.test(error.message)) throw error;
      for (const [, statement] of read) await query(statement);
      return query(sql);
    });
  };
}

const MISSING = /does not exist/;
