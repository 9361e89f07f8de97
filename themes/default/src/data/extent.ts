/** What is asked of a column's numbers so that they can be written alike below each other, and how it is read. */
import { max, min, sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { Column } from "../page.ts";
import type { Range } from "../values.ts";
import { scalar, type Result } from "./result.ts";

/** The number; null where it has no place on an axis. */
export function finite(value: ExprNode): ExprNode {
  const number = sql`CAST(${value} AS DOUBLE)`;
  return sql`(CASE WHEN isfinite(${number}) THEN ${number} END)`;
}

/** The least and the greatest finite value of a column, and, of floats, whether all are whole; under names that end in `key`. */
export function extentOf({ type }: Column, value: ExprNode, key: string | number): [string, ExprNode][] {
  const number = finite(value);
  const ends: [string, ExprNode][] = [
    [`low ${key}`, min(number)],
    [`high ${key}`, max(number)],
  ];
  if (!type.startsWith("float")) return ends;
  return [...ends, [`whole ${key}`, min(sql`CAST(${number} = trunc(${number}) AS INTEGER)`)]];
}

/** The range out of an answer that holds such an extent; null where the column has no finite value or was not asked of. */
export function rangeIn(answer: Result, key: string | number): Range | null {
  const [low, high, whole] = [`low ${key}`, `high ${key}`, `whole ${key}`] as const;
  if (!(low in answer.columns)) return null;
  const isWhole = whole in answer.columns && scalar(answer, whole) === 1;
  const range = { low: scalar(answer, low), high: scalar(answer, high), isWhole };
  return Number.isFinite(range.low) && Number.isFinite(range.high) ? range : null;
}
