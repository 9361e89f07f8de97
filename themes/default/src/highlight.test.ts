import { expect, test } from "vitest";
import { tableOf } from "../tests/tables.ts";
import { highlightsOfFilter, highlightsOfSearch, joined, marked, piecesOf } from "./highlight.ts";
import { processorTime } from "../tests/clock.ts";

const table = tableOf({ id: "int32 id", text: "string text", label: "string label", price: "float32" });
const text = table.columns.find(({ name }) => name === "text")!;

const shown = (said: string, filter: string): string =>
  String(marked(said, highlightsOfFilter(filter, table).get("text")));

test("a search marks every piece, whatever its case, and its signs stand for themselves", () => {
  const patterns = highlightsOfSearch("a.c", [text]).get("text");
  expect(String(marked("A.C abc a.ca.c", patterns))).toBe("<mark>A.C</mark> abc <mark>a.ca.c</mark>");
  expect(highlightsOfSearch("", [text]).size).toBe(0);
});

test("data is never markup, marked or not", () => {
  const patterns = highlightsOfSearch("<b>", [text]).get("text");
  expect(String(marked("<i>x</i><b>&y", patterns))).toBe("&lt;i&gt;x&lt;/i&gt;<mark>&lt;b&gt;</mark>&amp;y");
  const cutting = highlightsOfSearch("amp", [text]).get("text");
  expect(String(marked("a &amp; b", cutting))).toBe("a &amp;<mark>amp</mark>; b");
  expect(marked("<b>", undefined)).toBe("<b>");
});

test.each([
  ["indexof(datum.text, 'cat') >= 0", "a <mark>cat</mark>, a Cat"],
  ["indexof(datum.text, 'cat') > -1", "a <mark>cat</mark>, a Cat"],
  ["indexof(datum['text'], 'cat') != -1 && datum.price < 5", "a <mark>cat</mark>, a Cat"],
  ["indexof(lower(datum.text), 'cat') >= 0", "a <mark>cat</mark>, a <mark>Cat</mark>"],
  ["test('[cC]at$', d.text)", "a cat, a <mark>Cat</mark>"],
  ["datum.text == 'a cat, a Cat'", "<mark>a cat, a Cat</mark>"],
  ["'a cat, a Cat' === d['text'] || datum.price > 5", "<mark>a cat, a Cat</mark>"],
  ["lower(datum.text) == 'a cat, a cat'", "<mark>a cat, a Cat</mark>"],
  ["indexof(['dog', 'a cat, a Cat'], datum.text) >= 0", "<mark>a cat, a Cat</mark>"],
  ["test('^a', datum.text) || indexof(datum.text, 'Cat') >= 0", "<mark>a</mark> cat, a <mark>Cat</mark>"],
])("of the filter %s pieces are marked", (filter, found) => {
  expect(shown("a cat, a Cat", filter)).toBe(found);
});

test.each([
  "indexof(datum.text, 'cat') < 0",
  "!(indexof(datum.text, 'cat') >= 0)",
  "indexof(datum.label, 'cat') >= 0",
  "indexof(datum.text, '') >= 0",
  "datum.text == 'a cat'",
  "indexof([, 'a cat'], datum.text) >= 0",
  "datum.text == 'a cat, a cat'",
  "datum.text == ''",
  "datum.text == datum.label",
  "datum.text != 'a cat, a Cat'",
  "!(datum.text == 'a cat, a Cat')",
  "datum.price == 'a cat, a Cat'",
  "indexof(['a cat', 'Cat'], datum.text) >= 0",
  "indexof(['a cat, a Cat'], datum.text) < 0",
  "indexof(datum.other, 'cat') >= 0",
  "test('(a+)+$', datum.text)",
  "test('a (c|C)?(a|A)?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?t', datum.text)",
  "",
])("of the filter %j nothing is", (filter) => {
  expect(shown("a cat, a Cat", filter)).toBe("a cat, a Cat");
});

test("pieces that overlap or touch are one", () => {
  const patterns = ["bc", "cd", "e"].flatMap((each) => highlightsOfSearch(each, [text]).get("text") ?? []);
  expect(piecesOf("abcdef", patterns)).toEqual([{ from: 1, to: 5 }]);
  const both = joined(
    highlightsOfSearch("cat", [text]),
    highlightsOfFilter("indexof(datum.text, 'at') >= 0", table),
  );
  expect(String(marked("cat", both.get("text")))).toBe("<mark>cat</mark>");
});

test("a link's expression takes no time that a reader notices", () => {
  const hostile = `test('${".?".repeat(20)}#', datum.text)`;
  const time = processorTime(() => {
    expect(shown("the quick brown fox jumps over the lazy dog", hostile)).not.toContain("<mark>");
  });
  expect(time).toBeLessThan(200);
});

test("of columns that a filter compares, that which is equal is marked", () => {
  const found = highlightsOfFilter("datum.label == 'c.t' || datum.text == 'c.t'", table);
  expect(String(marked("c.t", found.get("label")))).toBe("<mark>c.t</mark>");
  expect(marked("cat", found.get("text"))).toBe("cat");
});
