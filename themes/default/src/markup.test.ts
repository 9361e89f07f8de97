import { expect, test } from "vitest";
import {
  breakable,
  escape,
  formatBytes,
  formatCell,
  formatCount,
  formatNumber,
  html,
  shorten,
  trusted,
} from "./markup.ts";

const HOSTILE = `<script>alert("x")</script> & 'quotes'`;

test("everything that can end a text or an attribute is escaped", () => {
  expect(escape(HOSTILE)).toBe("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;quotes&#39;");
});

test("interpolated text is escaped once, and markup within markup is not", () => {
  const inner = html`<b title="${HOSTILE}">${HOSTILE}</b>`;
  const text = html`<p>${[inner, "a < b"]}</p>`.text;
  expect(text).toBe(`<p><b title="${escape(HOSTILE)}">${escape(HOSTILE)}</b>a &lt; b</p>`);
});

test("null, undefined and false vanish, while zero stays", () => {
  expect(html`${null}|${undefined}|${false}|${0}`.text).toBe("|||0");
});

test("markup that is trusted is taken as it is", () => {
  expect(html`${trusted("<svg/>")}`.text).toBe("<svg/>");
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567, "1,234,567"],
  [999999.6, "1,000,000"],
])("the count %d is written %s", (value, written) => {
  expect(formatCount(value)).toBe(written);
});

test.each([
  [0, "0"],
  [-1234, "−1,234"],
  [0.123456, "0.1235"],
  [-0.5, "−0.5"],
  [1e-9, "1e−9"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("the number %d is written %s", (value, written) => {
  expect(formatNumber(value)).toBe(written);
});

test("a cell says nothing of null, and shows lists as JSON", () => {
  expect([null, undefined, true, false, "a", [1, 2]].map((value) => formatCell(value))).toEqual([
    "–",
    "–",
    "true",
    "false",
    "a",
    "[1,2]",
  ]);
});

test("a text up to the limit stays whole", () => {
  expect(shorten("abcdefghi", 9)).toBe("abcdefghi");
});

test("a longer text keeps its beginning and its end, within the limit", () => {
  expect(shorten("abcdefghijklmnop", 9)).toBe("abcde…nop");
  expect(Array.from(shorten("x".repeat(10_000), 80))).toHaveLength(80);
});

test("no character is cut in half", () => {
  const short = shorten("😀".repeat(100), 10);
  expect(short).toBe(`${"😀".repeat(6)}…${"😀".repeat(3)}`);
});

test.each([
  [0, "0 bytes"],
  [812, "812 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [36_612, "37 kB"],
  [999_600, "1.0 MB"],
  [9_440_000, "9.4 MB"],
  [12e9, "12 GB"],
])("%d bytes are %s", (bytes, said) => {
  expect(formatBytes(bytes)).toBe(said);
});

test.each([
  ["human_aggregate", "human_<wbr />aggregate"],
  ["nearestDistance", "nearest<wbr />Distance"],
  ["__proto__", "__<wbr />proto__"],
  ["<b>_x", "&lt;b&gt;_<wbr />x"],
  ["label", "label"],
])("the name %s breaks where its words end", (name, said) => {
  expect(breakable(name).text).toBe(said);
});
