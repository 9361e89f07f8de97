import MiniSearch from "minisearch";
import { describe, expect, it } from "vitest";
import { Search, words, type BuiltIndex } from "./index.ts";

const TEXTS: [string, string][] = [
  ["Confusion", "Which digits are taken for which"],
  ["Confidence of the network", "How sure it is of each digit"],
  ["label", "the digit that was written digits/samples"],
  ["Training", "twelve epochs of a small network"],
  ["Pages about epochs", ""],
];

/** Counts words as the build does. */
function built(): BuiltIndex {
  const terms: Record<string, number[][]> = {};
  TEXTS.forEach((fields, id) =>
    fields.forEach((text, field) => {
      for (const word of words(text)) {
        const list = ((terms[word] ??= [[], []])[field] ??= []);
        if (list.at(-2) === id) list[list.length - 1]! += 1;
        else list.push(id, 1);
      }
    }),
  );
  return {
    pages: [
      ["Digits", "digits.html"],
      ["Guide", "guides/a.html"],
      ["Pages about epochs", "tags/epochs.html"],
    ],
    docs: TEXTS.map(([title, text], id) => [
      [0, 0, 0, 1, 2][id]!,
      ["section", "section", "column", "section", "tag"][id]!,
      title,
      `s-${id}`,
      words(title).length,
      words(text).length,
    ]),
    terms,
  };
}

describe("search", () => {
  const search = new Search(built());

  it("groups places by page, with their anchors", () => {
    expect(search.find("network").map((page) => page.url)).toEqual(["digits.html", "guides/a.html"]);
    expect(search.find("label")[0]?.places).toEqual([
      { kind: "column", title: "label", url: "digits.html#s-2" },
    ]);
  });

  it.each(["confussion", "Confus", "CONFUSION", "cofusion"])("finds %s", (text) => {
    expect(search.find(text)[0]?.places[0]?.title).toBe("Confusion");
  });

  it("names a tag after the pages that say the word themselves, and as a page alone", () => {
    const found = search.find("epochs");
    expect(found.map((page) => page.url)).toEqual(["guides/a.html", "tags/epochs.html"]);
    expect(found[1]!.places).toEqual([]);
  });

  it("asks for all words", () => {
    expect(search.find("small network").map((page) => page.url)).toEqual(["guides/a.html"]);
    expect(search.find("zebra")).toEqual([]);
    expect(search.find(" ")).toEqual([]);
  });

  it("ranks as an index that was made in the browser", () => {
    const own = new MiniSearch({ fields: ["title", "text"], tokenize: words, processTerm: (word) => word });
    own.addAll(TEXTS.map(([title, text], id) => ({ id, title, text })));
    for (const text of ["network", "digit", "of the network"]) {
      const theirs = own.search(text, {
        boost: { title: 4 },
        combineWith: "AND",
        prefix: (word) => word.length > 1,
        fuzzy: (word) => (word.length < 4 ? false : 0.2),
      });
      const ours = search.find(text).flatMap((page) => page.places.map((place) => place.title));
      const sorted = (titles: string[]): string[] => [...titles].sort();
      expect(sorted(ours)).toEqual(sorted(theirs.map(({ id }) => TEXTS[id as number]![0])));
      expect(ours[0]).toBe(TEXTS[theirs[0]!.id as number]![0]);
    }
  });
});
