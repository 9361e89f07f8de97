import { expect, test } from "vitest";
import { fillAddress, isFollowed, isOurs, rewrite } from "./addresses.ts";
import { toHtml } from "./markdown.ts";

const PLACE = {
  page: "guides/a.md",
  base: "parts/b.md",
  values: { who: "<i>me</i>", to: "javascript:alert(1)" },
  numbers: { ".1f`select 1": "1.0" },
};

test("addresses are as the page says them", () => {
  expect(rewrite("parts/b.md", "c.md#d", "guides/a.md")).toBe("../parts/c.html#d");
  expect(rewrite("parts/b.md", "/guides/x%20y.md?q=1", "guides/a.md")).toBe("x%20y.html?q=1");
  expect(rewrite("parts/b.md", "../../out.md", "guides/a.md")).toBe("../../out.html");
  expect(rewrite("parts/b.md", "dot.png", "guides/a.md")).toBe("../parts/dot.png");
  expect(rewrite("parts/b.md", "#here", "guides/a.md")).toBe("#here");
  expect(rewrite("parts/b.md", "https://example.org/c.md", "guides/a.md")).toBe("https://example.org/c.md");
});

test.each([
  ["https://example.org", true, false],
  ["//example.org", true, false],
  ["\\\\example.org", true, false],
  ["a.md", true, true],
  ["a:b.md", false, false],
  ["mailto:a@b.c", true, false],
  ["JavaScript:alert(1)", false, false],
  ["java\tscript:alert(1)", false, false],
  ["\u0001javascript:alert(1)", false, false],
  ["data:image/png;base64,AA", false, false],
])("of %s it is known whether it is followed, and whether it is ours", (address, followed, ours) => {
  expect([isFollowed(address), isOurs(address)]).toEqual([followed, ours]);
});

test("values and known numbers are text, and others are named", () => {
  expect(toHtml("{{ who }} {{ nobody }} {{ constructor }}", PLACE)).toBe(
    "<p>&lt;i&gt;me&lt;/i&gt; {{ nobody }} {{ constructor }}</p>\n",
  );
  expect(toHtml("{sql .1f}`select 1` {sql}`select 1`", PLACE)).toBe(
    "<p>1.0 <em>a number that is computed when the site is built</em></p>\n",
  );
});

test("heads are of their columns, and an empty one is no head", () => {
  const html = toHtml("| | b |\n|---|--:|\n| 1 | 2 |", {});
  expect(html).toContain('<td></td>\n<th scope="col" class="align-right">b</th>');
});

test("an address that a value makes run is no link", () => {
  expect(fillAddress("%7B%7Bto%7D%7D", PLACE.values)).toBe("javascript:alert(1)");
  expect(toHtml("[x]({{to}})", PLACE)).not.toContain("<a");
  expect(toHtml("[x](a?{{to}})", PLACE)).toContain('href="../parts/a?javascript%3Aalert%281%29"');
});

test("HTML in a text is text", () => {
  expect(toHtml("<b>a</b>\n\n<script>x</script>", PLACE)).toBe(
    "<p>&lt;b&gt;a&lt;/b&gt;</p>\n<p>&lt;script&gt;x&lt;/script&gt;</p>\n",
  );
});
