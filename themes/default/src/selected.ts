/** What a view's state selects, by column: a range in words, or values. */
export interface Selected {
  column: string;
  range?: readonly [string, string];
  values?: readonly unknown[];
}
