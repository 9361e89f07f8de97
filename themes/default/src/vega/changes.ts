/**
 * From the rows that a chart draws to the next ones with the least work: a mark whose row only changes its measures is
 * kept and moved, where a new row would have its element taken out of the page and another one put in.
 */
import { changeset, truthy } from "vega";
import type { Row } from "./compose.ts";

type Changes = ReturnType<typeof changeset>;

/**
 * The changes that make `drawn` show what `next` says, and `drawn` say it too. Rows are the same where their `keys`
 * are; where rows have no keys, or share them, all are new. The rows in `drawn` are Vega's own and change in place.
 */
export function changesTo(drawn: Row[], next: readonly Row[], keys: readonly string[] | null): Changes {
  const before = new Map(keys && drawn.map((row) => [keyOf(row, keys), row]));
  const after = new Map(keys && next.map((row) => [keyOf(row, keys), row]));
  const isKnown = before.size === drawn.length && after.size === next.length;
  const shown = isKnown ? merged(before, after) : { changes: anew(next), rows: next };
  drawn.splice(0, drawn.length, ...shown.rows);
  return shown.changes;
}

function anew(rows: readonly Row[]): Changes {
  return changeset().remove(truthy).insert(rows);
}

function merged(before: Map<string, Row>, after: Map<string, Row>): { changes: Changes; rows: Row[] } {
  const changes = changeset();
  for (const [key, row] of before) if (!after.has(key)) changes.remove(row);
  const rows = [...after].map(([key, row]) => {
    const kept = before.get(key);
    if (kept) modify(changes, kept, row);
    else changes.insert(row);
    return kept ?? row;
  });
  return { changes, rows };
}

function modify(changes: Changes, kept: Row, row: Row): void {
  for (const [field, value] of Object.entries(row)) {
    if (kept[field] !== value) changes.modify(kept, field, value);
  }
}

/** Injective: JSON knows no NaN and no infinities. */
function keyOf(row: Row, keys: readonly string[]): string {
  const said = (value: unknown): string =>
    typeof value === "number" ? String(value) : JSON.stringify(value);
  return keys.map((key) => said(row[key])).join();
}
