/** The index that the build made, as MiniSearch reads it; the build counted the words, nothing is indexed here. */
import MiniSearch, { type AsPlainObject, type SearchResult } from "minisearch";

/** What can be found: number of its page, kind, title, anchor, words of its title and of its text. */
export type Doc = readonly [number, string, string, string, number, number];

export interface BuiltIndex {
  /** Title and URL of every page. */
  readonly pages: readonly (readonly [string, string])[];
  readonly docs: readonly Doc[];
  /** By word, for title and text: numbers of docs, each followed by how often it holds the word. */
  readonly terms: Readonly<Record<string, readonly (readonly number[])[]>>;
}

export interface Found {
  readonly kind: string;
  readonly title: string;
  readonly url: string;
}

export interface FoundPage {
  readonly title: string;
  readonly url: string;
  readonly places: readonly Found[];
}

const FIELDS = ["title", "text"];
const TAG = "tag";
const MOST_PLACES = 5;
const FUZZY_FROM = 4;

/** The words of what is looked for, as the build takes those of pages. */
export function words(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

export class Search {
  readonly #built: BuiltIndex;
  readonly #index: MiniSearch;
  /** Numbers of the pages that list what carries a tag. */
  readonly #tags: ReadonlySet<number>;

  constructor(built: BuiltIndex) {
    this.#built = built;
    this.#tags = new Set(built.docs.filter(([, kind]) => kind === TAG).map(([page]) => page));
    this.#index = MiniSearch.loadJS(asIndex(built), {
      fields: FIELDS,
      idField: "id",
      tokenize: words,
      processTerm: (word) => word,
      searchOptions: {
        boost: { title: 4 },
        combineWith: "AND",
        prefix: (word) => word.length > 1,
        fuzzy: (word) => (word.length < FUZZY_FROM ? false : 0.2),
      },
    });
  }

  /** The pages that hold all words, or words like them, the best first, each with the places in it; tags come last. */
  find(text: string): FoundPage[] {
    const pages = new Map<number, Found[]>();
    for (const result of this.#index.search(text)) this.#add(pages, result);
    const isTag = ([page]: [number, Found[]]): number => Number(this.#tags.has(page));
    const ranked = [...pages].sort((one, other) => isTag(one) - isTag(other));
    return ranked.map(([page, places]) => {
      const [title, url] = this.#built.pages[page]!;
      return { title, url, places: places.slice(0, MOST_PLACES) };
    });
  }

  #add(pages: Map<number, Found[]>, result: SearchResult): void {
    const [page, kind, title, anchor] = this.#built.docs[result.id as number]!;
    const places = pages.get(page) ?? [];
    pages.set(page, places);
    const url = this.#built.pages[page]![1] + (anchor ? `#${encodeURIComponent(anchor)}` : "");
    if (kind !== "page" && kind !== TAG) places.push({ kind, title, url });
  }
}

function asIndex({ docs, terms }: BuiltIndex): AsPlainObject {
  const lengths = docs.map((doc) => [doc[4], doc[5]]);
  const mean = (field: number): number =>
    lengths.reduce((sum, length) => sum + length[field]!, 0) / Math.max(docs.length, 1);
  return {
    documentCount: docs.length,
    nextId: docs.length,
    documentIds: Object.fromEntries(docs.map((_, id) => [id, id])),
    fieldIds: Object.fromEntries(FIELDS.map((field, id) => [field, id])),
    fieldLength: Object.fromEntries(lengths.map((length, id) => [id, length])),
    averageFieldLength: FIELDS.map((_, field) => mean(field)),
    storedFields: {},
    dirtCount: 0,
    index: Object.entries(terms).map(([word, fields]) => [word, postings(fields)]),
    serializationVersion: 2,
  } as unknown as AsPlainObject;
}

function postings(fields: readonly (readonly number[])[]): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  fields.forEach((field, id) => {
    if (!field.length) return;
    const counts: Record<string, number> = (found[id] = {});
    for (let at = 0; at < field.length; at += 2) counts[field[at]!] = field[at + 1]!;
  });
  return found;
}
