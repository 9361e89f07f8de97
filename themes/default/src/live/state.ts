/**
 * The whole state of a page in its link:
 * `#anchor~filter=…&group=…&whole=off&.full=…&.tables=…&.places=…&.data=…&view-id=…`.
 * Values of views are JSON in percent-encoding, keys their ids, so a link survives a new build as long as the views
 * keep their ids. No id has a point, so the keys that begin with one are the page's own whatever an author calls a view.
 */
import { isDigests } from "./digests.ts";
import { FILTER, GROUP, WHOLE } from "../page.ts";
import type { ViewState } from "../view.ts";
import { say } from "../words.ts";

export interface PageState {
  /** The toolbar's filter expression; empty for none. */
  filter: string;
  /** The column whose values split every view of its relation; left out for none. */
  group?: string;
  /** Whether the unfiltered whole stays in grey; left out where it does. */
  whole?: false;
  /** Ids of the views that are drawn across all of the page's columns, and of those whose data tables are open. */
  full?: readonly string[];
  tables?: readonly string[];
  /** Where each group of a view is scrolled to, by the view's id and the group's key; left out where none is. */
  places?: Places;
  /** What the reader changed, by view. */
  views: Readonly<Record<string, ViewState>>;
}

export type Places = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What `whole` is in a link where it is not shown. */
const OFF = "off";

/** Keys of lists of ids, by the part of the state that they are. */
const LISTS = { full: ".full", tables: ".tables" } as const;
type ListName = keyof typeof LISTS;
const LIST_NAMES = Object.keys(LISTS) as ListName[];

const PLACES = ".places";

/** Key of the digests of the data that the page showed when the link was made. */
const DATA = ".data";

export const EMPTY: PageState = { filter: "", views: {} };

export interface Link {
  anchor: string;
  state: PageState;
  /** Digests of the data that its page showed; left out where it does not say. */
  data?: string;
  /** What could not be read, for the reader. */
  problems: string[];
}

/** Longest link, in characters; every browser takes it in the address. */
const LONGEST = 100_000;

/** Beyond any table; a link may say any number. */
const LAST = 1e9;

export const TOO_LONG = say("What is selected is too much for a link.");

export function readLink(hash: string): Link {
  const text = hash.replace(/^#/, "");
  const at = text.indexOf("~");
  const name = at < 0 ? text : text.slice(0, at);
  const anchor = name.length > LONGEST ? "" : (decode(name) ?? "");
  if (text.length > LONGEST)
    return { anchor, state: EMPTY, problems: [say("The link's state is too long to read.")] };
  if (at < 0) return { anchor, state: EMPTY, problems: [] };
  return { anchor, ...readState(text.slice(at + 1)) };
}

/** Sentences about one link that a reader is told. */
const MOST_PROBLEMS = 5;

/** What is told of a link's problems, each once: a link may have been made to have thousands. */
export function toldOnce(problems: readonly string[]): string[] {
  const told = [...new Set(problems)];
  const more = told.length - MOST_PROBLEMS;
  return more > 0
    ? [...told.slice(0, MOST_PROBLEMS), `${say("and {more} more", { more: String(more) })}.`]
    : told;
}

/** What a link says of the page itself. */
interface Own extends Omit<PageState, "views"> {
  data?: string;
}

function readState(written: string): Omit<Link, "anchor"> {
  const problems: string[] = [];
  const views = new Map<string, ViewState>();
  const own: Own = { filter: "" };
  for (const pair of written.split("&").filter(Boolean)) {
    const at = pair.indexOf("=");
    const key = decode(pair.slice(0, Math.max(0, at))) ?? "";
    const text = decode(pair.slice(at + 1));
    if (at < 1 || text === null)
      problems.push(say('The link\'s part "{pair}" could not be read.', { pair: pair.slice(0, 60) }));
    else if (!readOwn(key, text, own) && !(key === PLACES && readPlaces(text, own)))
      readView(key, text, views, problems);
  }
  const { data, ...rest } = own;
  const state = { ...rest, views: Object.fromEntries(views) };
  return { state, ...(data === undefined ? {} : { data }), problems };
}

/** Takes in what is the page's own; false for what is a view's. */
function readOwn(key: string, text: string, own: Own): boolean {
  const list = LIST_NAMES.find((name) => LISTS[name] === key);
  if (key === FILTER) own.filter = text;
  else if (key === GROUP && text) own.group = text;
  else if (key === WHOLE && text === OFF) own.whole = false;
  else if (key === DATA && isDigests(text)) own.data = text;
  else if (list && text) own[list] = [...new Set(text.split(","))];
  else return false;
  return true;
}

/** Takes in views that have groups of which some are scrolled; false for anything else. */
function readPlaces(text: string, own: Own): boolean {
  const places = Object.entries(parseObject(text) ?? {});
  const isPlace = (at: unknown): boolean => Number.isInteger(at) && Number(at) > 0 && Number(at) <= LAST;
  const isView = (groups: unknown): boolean =>
    typeof groups === "object" && groups !== null && Object.values(groups).every(isPlace);
  const isSound = places.length > 0 && places.every(([, groups]) => isView(groups));
  if (isSound) own.places = Object.fromEntries(places) as Places;
  return isSound;
}

function readView(key: string, text: string, views: Map<string, ViewState>, problems: string[]): void {
  const value = parseObject(text);
  if (value) views.set(key, value);
  else problems.push(say('The link\'s state of "{key}" could not be read.', { key: key.slice(0, 60) }));
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

/**
 * The link of a state, with the digests of the data that the page shows; without both where it is too long, and then
 * `isTooLong` says so.
 */
export function writeLink(anchor: string, state: PageState, data = ""): { hash: string; isTooLong: boolean } {
  const pairs = [...ownPairs(state), ...(data ? [`${DATA}=${data}`] : []), ...viewPairs(state)];
  const text = pairs.join("&");
  const hash = anchor || text ? `#${encode(anchor)}${text ? `~${text}` : ""}` : "";
  const isTooLong = hash.length > LONGEST;
  return { hash: isTooLong ? (anchor ? `#${encode(anchor)}` : "") : hash, isTooLong };
}

function ownPairs(state: PageState): string[] {
  const { filter, group, whole, places } = state;
  const listed = LIST_NAMES.filter((name) => state[name]?.length);
  return [
    ...(filter ? [`${FILTER}=${encode(filter)}`] : []),
    ...(group ? [`${GROUP}=${encode(group)}`] : []),
    ...(whole === false ? [`${WHOLE}=${OFF}`] : []),
    ...listed.map((name) => `${LISTS[name]}=${state[name]!.map(encode).join(",")}`),
    ...(places ? [`${PLACES}=${encode(JSON.stringify(places))}`] : []),
  ];
}

function viewPairs({ views }: PageState): string[] {
  return Object.entries(views)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, value]) => `${encode(id)}=${encode(JSON.stringify(value))}`);
}

/** Leaves readable what a fragment may hold; the rest, and the signs of this format, are encoded. */
function encode(text: string): string {
  // Half of a surrogate pair, which a link may smuggle in as an escape of JSON, has no place in an address.
  const whole = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return encodeURIComponent(whole).replace(/~/g, "%7E").replace(/%3A/g, ":").replace(/%2C/g, ",");
}
