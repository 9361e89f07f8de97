import { kindOf } from "./data/columns.ts";
import { formatCount } from "./markup.ts";
import type { Column } from "./page.ts";
import { say } from "./words.ts";

/** What a view's state selects, by column: a range in words, or values. */
export interface Selected {
  column: string;
  range?: readonly [string, string];
  values?: readonly unknown[];
}

/** One active selection: which view made it, what it says, and how it is written. */
export interface Chip {
  id: string;
  text: string;
  title?: string;
}

/** All of it as a sentence, for those who hear the page: `1,204 of 12,000 images · label is cat`. */
export function sentence(rows: number, total: number, noun: string, chips: readonly Chip[]): string {
  const counted =
    rows === total
      ? formatCount(total)
      : say("{rows} of {total}", { rows: formatCount(rows), total: formatCount(total) });
  return [`${counted} ${noun}`, ...chips.map((chip) => chip.text)].join(" · ");
}

/** Characters that the selected ids may take in a query, whose length is bounded. */
const MOST_WRITTEN = 20_000;

/** Rows of one selection; what of them fits into a query is fewer for long ids. */
export const MOST_SELECTED = 5000;

/** As many of the ids as one query can hold. */
export function fitting<Id extends string | number>(ids: readonly Id[]): Id[] {
  let written = 0;
  const end = ids.findIndex((id) => (written += String(id).length + 4) > MOST_WRITTEN);
  return end < 0 ? [...ids] : ids.slice(0, end);
}

export type Id = string | number;

/** Whether a value is one of the id's kind; the database stops at a text among numbers. */
export function isId(column: Column, value: unknown): value is Id {
  return kindOf(column) === "text" ? typeof value === "string" : Number.isFinite(value);
}

/** One click selects one; one that adds or removes keeps the others. */
export function toggled(ids: readonly Id[], id: Id, keep: boolean): Id[] {
  if (ids.includes(id)) return keep ? ids.filter((each) => each !== id) : ids.length > 1 ? [id] : [];
  return keep ? [...ids, id] : [id];
}
