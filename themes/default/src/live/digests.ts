/**
 * Which data a page showed, as its link says it: the first digits of the SHA-256 of each of its tables, as the page's
 * footer shows them, with points between. They stand in no order, so that tables may come and go.
 */
import type { PageData } from "../page.ts";

/** Digits of one table's. */
export const DIGITS = 6;

/** More tables than any page shows; a link may say anything. */
const MOST = 200;

const FORM = new RegExp(`^[0-9a-f]{${DIGITS}}(\\.[0-9a-f]{${DIGITS}})*$`);

export function isDigests(text: string): boolean {
  return text.length < MOST * (DIGITS + 1) && FORM.test(text);
}

/** Those of the data that the page shows; empty where it shows none, or does not say. */
export function digestsOf(data: PageData | undefined): string {
  const all = Object.values(data?.digests ?? {}).map((digest) => digest.slice(0, DIGITS));
  return [...new Set(all)].sort().join(".");
}

/** How the data of a link differ from the page's. */
export interface Difference {
  /** Tables of the page whose data the link does not name. */
  tables: readonly string[];
  /** Digests of the link that are of none of the page's tables. */
  digests: readonly string[];
}

/** Null where a link was made for the data that the page shows, or does not say. */
export function differenceOf(data: PageData | undefined, linked: string | undefined): Difference | null {
  if (!data || !linked) return null;
  const before = new Set(linked.split("."));
  const now = new Set(digestsOf(data).split("."));
  const tables = Object.entries(data.digests).filter(([, digest]) => !before.has(digest.slice(0, DIGITS)));
  const digests = [...before].filter((digest) => !now.has(digest));
  return tables.length || digests.length ? { tables: tables.map(([name]) => name), digests } : null;
}
