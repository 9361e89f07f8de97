import { expect, test } from "vitest";
import type { KeptTable } from "../data/history.ts";
import { comparedTables, differenceMarkup } from "./changed-data.ts";
import { differenceOf, digestsOf, isDigests } from "./digests.ts";

const DATA = { digests: { "a/rows": "0123456789ab", "a/more": "ffffffffffff", "b/new": "abcdef000000" } };

const kept = (digest: string, rows: number, share: number): KeptTable => ({
  ...{ digest, date: "2026-03-02", rows },
  numbers: [
    { column: "correct", measure: "share", value: share },
    { column: "<b>x</b>", measure: "mean", value: 2 },
  ],
});

test("a page's digests are short, in an order of their own, and read again", () => {
  expect(digestsOf(DATA)).toBe("012345.abcdef.ffffff");
  expect(isDigests(digestsOf(DATA))).toBe(true);
  expect(digestsOf(undefined)).toBe("");
});

test("a link to the same data differs in nothing, whatever the order, and one that does not say neither", () => {
  expect(differenceOf(DATA, "ffffff.abcdef.012345")).toBeNull();
  expect(differenceOf(DATA, undefined)).toBeNull();
  expect(differenceOf(undefined, "ffffff")).toBeNull();
});

test("what changed is said with rows and numbers before and after, as far as the site knows them", () => {
  const difference = differenceOf(DATA, "111111.222222.ffffff")!;
  expect(difference).toEqual({ tables: ["a/rows", "b/new"], digests: ["111111", "222222"] });
  const history = { "a/rows": [kept("111111aaaaaa", 1700, 0.93), kept("0123456789ab", 1797, 0.95)] };
  const compared = comparedTables(DATA.digests, history, difference);
  const { text } = differenceMarkup(compared, difference, ["2 of the 5 are gone: <i>."]);
  for (const part of ["It showed data of 2026-03-02.", "1,700", "1,797", "93.0%", "95.0%"])
    expect(text).toContain(part);
  expect(text).toContain("Changed or new since: b/new.");
  expect(text).toContain("The earlier data is not known here.");
  expect(text).toContain("2 of the 5 are gone: &lt;i&gt;.");
  // A number that is as it was is no difference.
  expect(text).not.toContain("<b>x</b>");
  expect(text).not.toContain("mean");
});

test("without a history it is only said that the data changed", () => {
  const difference = differenceOf(DATA, "111111")!;
  const { text } = differenceMarkup(comparedTables(DATA.digests, {}, difference), difference, []);
  expect(text).toContain("The data has changed since this link was made.");
  expect(text).toContain("The earlier data is not known here.");
  expect(text).not.toContain("<table");
});
