/** The addresses that a window of sharing gives: with the page's state, and with which data it shows. */
import { DIGITS } from "../live/digests.ts";
import type { Cited } from "./citation.ts";

/** What a live page says of its own link. */
export interface Linked {
  hash: string;
  isTooLong: boolean;
}

/** Of a page that is not live: the address as it stands, with the data's digests, which its own link may lack. */
export function staticLink(hash: string, { data }: Pick<Cited, "data">, anchor?: string): Linked {
  const [before, state = ""] = hash.replace(/^#/, "").split("~", 2);
  const digests = [...new Set(data.map(({ digest }) => digest.slice(0, DIGITS)))].sort().join(".");
  const parts = [
    ...state.split("&").filter((part) => part && !part.startsWith(".data=")),
    ...(digests ? [`.data=${digests}`] : []),
  ];
  const text = parts.join("&");
  const place = anchor ?? before ?? "";
  return { hash: place || text ? `#${place}${text ? `~${text}` : ""}` : "", isTooLong: false };
}

/** Where the page is: on the web, if it is known where and the page was opened from a disk. */
export function shownAt(location: Pick<Location, "protocol" | "href">, { url }: Pick<Cited, "url">): string {
  const here = location.href.replace(/#.*$/s, "");
  return location.protocol === "file:" && url ? url : here;
}
