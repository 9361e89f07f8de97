/** What is known of a page's earlier data: a small file of the site, fetched only where a link speaks of such data. */
import { fetchBytes } from "./relations.ts";

/** A number that tells of one column: the share of rows where it is true, or its mean. */
export interface KeptNumber {
  column: string;
  measure: "share" | "mean";
  value: number;
}

/** A table as one run left it. */
export interface KeptTable {
  /** First digits of its SHA-256. */
  digest: string;
  /** Day of the run that was the first to see it. */
  date: string;
  rows: number;
  numbers: readonly KeptNumber[];
}

/** By table, the newest last. */
export type DataHistory = Readonly<Record<string, readonly KeptTable[]>>;

/** Nothing where nothing is known. */
export async function loadHistory(url: string | undefined): Promise<DataHistory> {
  if (url === undefined) return {};
  const bytes = await fetchBytes(new URL(url, document.baseURI).href);
  return (JSON.parse(new TextDecoder().decode(bytes)) as { tables: DataHistory }).tables;
}
