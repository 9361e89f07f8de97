import { expect, test } from "vitest";
import { columnOf } from "../../../tests/tables.ts";
import { csvOf, csvSections, jsonOf, jsonSections, markOf, type FileColumn } from "./text.ts";

const plain = (...names: string[]): FileColumn[] =>
  names.map((name) => ({ name, title: name, column: null }));
const typed = (name: string, type: string): FileColumn => ({
  name,
  title: name,
  column: columnOf(name, type),
});

/** Cells of a CSV by RFC 4180, read a character at a time: nothing of this is shared with the writer. */
function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const { cell, end } = text[at] === '"' ? quotedAt(text, at + 1) : bareAt(text, at);
    rows.at(-1)!.push(cell);
    at = end + 1;
    if (text[end] !== "\r" || text[at] !== "\n") continue;
    rows.push([]);
    at++;
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

/** A cell and the place of the sign behind it. */
interface Read {
  cell: string;
  end: number;
}

function bareAt(text: string, from: number): Read {
  let end = from;
  while (end < text.length && text[end] !== "," && text[end] !== "\r") end++;
  return { cell: text.slice(from, end), end };
}

function quotedAt(text: string, from: number): Read {
  let [cell, at] = ["", from];
  while (at < text.length && (text[at] !== '"' || text[at + 1] === '"')) {
    cell += text[at]!;
    at += text[at] === '"' ? 2 : 1;
  }
  return { cell, end: at + 1 };
}

const HOSTILE = [
  "a,b",
  'say "no"',
  "two\r\nlines",
  "one\nline",
  " led by a blank",
  '","',
  '""',
  "",
  "\t",
  "<b>&",
];

test("texts of every kind come back as they were", () => {
  const text = csvOf(
    plain("a", "b"),
    HOSTILE.map((a) => ({ a, b: "x" })),
  );
  const expected = HOSTILE.map((a) => [a === "\t" ? "'\t" : a, "x"]);
  expect(cells(text)).toEqual([["a", "b"], ...expected]);
});

test("lines end as RFC 4180 says, the last one too", () => {
  expect(csvOf(plain("a"), [{ a: 1 }, { a: 2 }])).toBe("a\r\n1\r\n2\r\n");
});

test.each(["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("x")'])(
  "the text %j is no formula to a spreadsheet",
  (formula) => {
    const [, [cell]] = cells(csvOf(plain("a"), [{ a: formula }]).replace(/^\ufeff/, "")) as [
      string[],
      [string],
    ];
    expect(cell).toBe(`'${formula}`);
  },
);

test("a title is no formula either", () => {
  expect(csvOf(plain("=1+1"), [])).toBe("'=1+1\r\n");
});

test.each(["-5", "+5", "-1.5e-3", "+.5", "5", "a=b", "it's"])("the text %j stays as it is", (text) => {
  expect(csvOf(plain("a"), [{ a: text }])).toBe(`a\r\n${text}\r\n`);
});

test.each([0.1 + 0.2, -0.000_000_123, 5e-324, 1.797_693_134_862_315_7e308, 2 ** 53, Math.fround(0.1), -5])(
  "the number %d is written in full",
  (value) => {
    const [, [cell]] = cells(csvOf(plain("a"), [{ a: value }])) as [string[], [string]];
    expect(Number(cell)).toBe(value);
  },
);

test("what is undefined is said as such, and what is missing is empty", () => {
  const rows = [Number.NaN, Infinity, -Infinity, null, undefined, true, false].map((a) => ({ a, b: 1 }));
  expect(csvOf(plain("a", "b"), rows)).toBe(
    "a,b\r\nNaN,1\r\nInfinity,1\r\n-Infinity,1\r\n,1\r\n,1\r\ntrue,1\r\nfalse,1\r\n",
  );
});

test("times are ISO in UTC, whatever the reader's clock; dates have no time", () => {
  const columns = [typed("day", "date"), typed("at", "timestamp")];
  const at = Date.UTC(2020, 0, 1, 0, 30, 15, 250);
  const rows = [
    { day: Date.UTC(2020, 0, 1), at },
    { day: Date.UTC(-44, 2, 15), at: 9e15 },
    { day: null, at: Number.NaN },
  ];
  expect(csvOf(columns, rows)).toBe(
    "day,at\r\n2020-01-01,2020-01-01T00:30:15.250Z\r\n-000044-03-15,\r\n,\r\n",
  );
  expect(JSON.parse(jsonOf(columns, rows))[0]).toEqual({ day: "2020-01-01", at: "2020-01-01T00:30:15.250Z" });
});

test("lists are JSON in one cell", () => {
  expect(cells(csvOf(plain("a"), [{ a: [0.5, 1] }]))).toEqual([["a"], ["[0.5,1]"]]);
});

test("a mark of the encoding stands before what is not ASCII, and before nothing else", () => {
  expect(csvOf(plain("a"), [{ a: "plain" }]).startsWith("a")).toBe(true);
  expect(csvOf(plain("a"), [{ a: "Zürich" }]).startsWith("\ufeffa")).toBe(true);
  expect(markOf(["a", "b"])).toBe("");
  expect(markOf(["a", "é"])).toBe("\ufeff");
});

test("JSON holds the rows, with null for what JSON lacks", () => {
  const rows = [
    { a: 0.1 + 0.2, b: 'a "b"\n' },
    { a: Number.NaN, b: undefined },
    { a: -Infinity, b: [1, 2] },
  ];
  expect(JSON.parse(jsonOf(plain("a", "b"), rows))).toEqual([
    { a: 0.1 + 0.2, b: 'a "b"\n' },
    { a: null, b: null },
    { a: null, b: [1, 2] },
  ]);
  expect(JSON.parse(jsonOf(plain("a"), []))).toEqual([]);
});

test("titles that come twice, and those of the prototype, are names like others in JSON", () => {
  const columns = ["x", "x", "__proto__"].map((title, index) => ({ title, name: `c${index}`, column: null }));
  const text = jsonOf(columns, [{ c0: 1, c1: 2, c2: 3 }]);
  expect(text).toContain('{"x": 1, "x (2)": 2, "__proto__": 3}');
});

test("the tables of several plots stand below each other, each with its name", () => {
  const columns = [{ title: "n", name: "n", column: null }];
  const sections = ["=Left", "Right"].map((caption, index) => ({ caption, columns, rows: [{ n: index }] }));
  expect(csvSections(sections)).toBe("'=Left\r\nn\r\n0\r\n\r\nRight\r\nn\r\n1\r\n");
  expect(JSON.parse(jsonSections(sections))).toEqual({ "=Left": [{ n: 0 }], Right: [{ n: 1 }] });
  const [only] = sections;
  expect(csvSections([{ ...only!, caption: null }])).toBe("n\r\n0\r\n");
  expect(JSON.parse(jsonSections([{ ...only!, caption: null }]))).toEqual([{ n: 0 }]);
});
