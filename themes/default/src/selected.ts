/** What a view's state selects, by column: a range in words, or values. */
export interface Selected {
  column: string;
  range?: readonly [string, string];
  values?: readonly unknown[];
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
