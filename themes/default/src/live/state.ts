/**
 * The whole state of a page in its link: `#anchor~filter=…&group=…&whole=off&view-id=…`. Values of views are JSON in
 * percent-encoding, keys their ids, so a link survives a new build as long as the views keep their ids.
 */
import { FILTER, GROUP, WHOLE } from "../page.ts";
import type { ViewState } from "../view.ts";

export interface PageState {
  /** The toolbar's filter expression; empty for none. */
  filter: string;
  /** The column whose values split every view of its relation; left out for none. */
  group?: string;
  /** Whether the unfiltered whole stays in grey; left out where it does. */
  whole?: false;
  /** What the reader changed, by view. */
  views: Readonly<Record<string, ViewState>>;
}

/** What `whole` is in a link where it is not shown. */
const OFF = "off";

export const EMPTY: PageState = { filter: "", views: {} };

export interface Link {
  anchor: string;
  state: PageState;
  /** What could not be read, for the reader. */
  problems: string[];
}

/** Longest state in a link, in characters; every browser takes it in the address. */
const LONGEST = 200_000;

export const TOO_LONG = "What is selected is too much for a link.";

export function readLink(hash: string): Link {
  const text = hash.replace(/^#/, "");
  const at = text.indexOf("~");
  if (at < 0) return { anchor: decode(text) ?? "", state: EMPTY, problems: [] };
  const anchor = decode(text.slice(0, at)) ?? "";
  const written = text.slice(at + 1);
  if (written.length > LONGEST)
    return { anchor, state: EMPTY, problems: ["The link's state is too long to read."] };
  return { anchor, ...readState(written) };
}

function readState(written: string): { state: PageState; problems: string[] } {
  const problems: string[] = [];
  const views = new Map<string, ViewState>();
  const own: Omit<PageState, "views"> = { filter: "" };
  for (const pair of written.split("&").filter(Boolean)) {
    const at = pair.indexOf("=");
    const key = decode(pair.slice(0, Math.max(0, at))) ?? "";
    const text = decode(pair.slice(at + 1));
    if (at < 1 || text === null) problems.push(`The link's part "${pair.slice(0, 60)}" could not be read.`);
    else if (!readOwn(key, text, own)) readView(key, text, views, problems);
  }
  return { state: { ...own, views: Object.fromEntries(views) }, problems };
}

/** Takes in what is the page's own; false for what is a view's. */
function readOwn(key: string, text: string, own: Omit<PageState, "views">): boolean {
  if (key === FILTER) own.filter = text;
  else if (key === GROUP && text) own.group = text;
  else if (key === WHOLE && text === OFF) own.whole = false;
  else return false;
  return true;
}

function readView(key: string, text: string, views: Map<string, ViewState>, problems: string[]): void {
  const value = parseObject(text);
  if (value) views.set(key, value);
  else problems.push(`The link's state of "${key.slice(0, 60)}" could not be read.`);
}

function parseObject(text: string): ViewState | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ViewState) : null;
  } catch {
    return null;
  }
}

/** Percent-decoding that says null for what is malformed. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The link of a state; without the state where it is too long, and then `isTooLong` says so. */
export function writeLink(anchor: string, state: PageState): { hash: string; isTooLong: boolean } {
  const pairs = [
    ...(state.filter ? [`${FILTER}=${encode(state.filter)}`] : []),
    ...(state.group ? [`${GROUP}=${encode(state.group)}`] : []),
    ...(state.whole === false ? [`${WHOLE}=${OFF}`] : []),
    ...Object.entries(state.views)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, value]) => `${encode(id)}=${encode(JSON.stringify(value))}`),
  ];
  const text = pairs.join("&");
  const isTooLong = text.length > LONGEST;
  const written = text && !isTooLong ? `~${text}` : "";
  return { hash: anchor || written ? `#${encode(anchor)}${written}` : "", isTooLong };
}

/** Leaves readable what a fragment may hold; the rest, and the signs of this format, are encoded. */
function encode(text: string): string {
  // Half of a surrogate pair, which a link may smuggle in as an escape of JSON, has no place in an address.
  const whole = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return encodeURIComponent(whole).replace(/~/g, "%7E").replace(/%3A/g, ":").replace(/%2C/g, ",");
}
