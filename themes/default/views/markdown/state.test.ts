import { expect, test } from "vitest";
import { applyEdit, digest, editOf, LONGEST, readEdit, type Edit } from "./state.ts";

const TEXT = "# One\n\nfirst\nsecond\nthird\nfourth";

test("an edit holds the changed lines alone, however far they are apart", () => {
  const edited = "# One\n\nfirst\nSECOND\nthird\nfourth\nfifth";
  expect(editOf(TEXT, edited)).toEqual({
    of: digest(TEXT),
    edits: [
      [3, 1, "SECOND\n"],
      [6, 0, "fifth\n"],
    ],
  });
  expect(editOf(TEXT, `${TEXT}\n`)).toBeNull();
});

/** Numbers from 0 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

test("an edit of a text gives the edited text back, whatever they are", () => {
  const random = seeded(7);
  const text = (): string =>
    Array.from(
      { length: Math.floor(random() * 9) },
      () => ["", "a", "b", "ü\u2028"][Math.floor(random() * 4)]!,
    ).join("\n");
  for (let round = 0; round < 2000; round++) {
    const [old, fresh] = [text(), text()];
    const edit = editOf(old, fresh);
    const link = edit && readEdit(JSON.parse(JSON.stringify(edit)) as Edit & Record<string, unknown>);
    const lines = (each: string): string => each.replace(/\n$/, "");
    expect(edit === null ? lines(old) : applyEdit(old, link!)).toBe(lines(fresh));
  }
});

test("a text that changes everywhere is replaced whole", () => {
  const text = Array.from({ length: 2500 }, (_, line) => (line % 2 ? "same" : `old ${line}`)).join("\n");
  const edited = text.replaceAll("old", "new");
  const edit = editOf(text, edited)!;
  expect(readEdit({ ...edit })).toEqual(edit);
  expect(applyEdit(text, edit)).toBe(edited);
});

test("an edit of an earlier text, or of lines that there are not, is not applied", () => {
  const edit = editOf(TEXT, "other")!;
  expect(applyEdit(`${TEXT}!`, edit)).toBeNull();
  expect(applyEdit(TEXT, { of: digest(TEXT), edits: [[5, 2, "x\n"]] })).toBeNull();
});

test.each([
  ["no digest", { edits: [[0, 1, ""]] }],
  ["a digest of other signs", { of: "<b>", edits: [[0, 1, ""]] }],
  ["no changes", { of: "abc", edits: [] }],
  ["a change that is none", { of: "abc", edits: [{ first: 0 }] }],
  ["negative lines", { of: "abc", edits: [[-1, 1, ""]] }],
  ["lines that are no whole numbers", { of: "abc", edits: [[0.5, 1, ""]] }],
  ["text that is none", { of: "abc", edits: [[0, 1, 7]] }],
  [
    "changes out of order",
    {
      of: "abc",
      edits: [
        [5, 1, ""],
        [1, 1, ""],
      ],
    },
  ],
  ["more text than a page takes", { of: "abc", edits: [[0, 1, "x".repeat(LONGEST + 1)]] }],
  [
    "more changes than a text has",
    { of: "abc", edits: Array.from({ length: 1001 }, (_, at) => [2 * at, 1, ""]) },
  ],
])("a link with %s holds no edit", (_, state) => {
  expect(readEdit(state)).toBeNull();
});
