import { expect, test } from "vitest";
import { FORMATS, type Cited } from "./citation.ts";

const CITED: Cited = {
  title: "Which digits does it misread?",
  report: "Digits & more",
  author: "Bäuerle, Alex Maria; Müller-Lüdenscheid, Jean-Paul; The Digits Group",
  date: "2026-03-02",
  version: "1.2",
  language: "en",
  url: "https://report.example/digits.html",
  data: [{ name: "digits/samples", digest: "0123456789ab" }],
};
const VISIT = { url: "https://report.example/digits.html#~filter=50%25", accessed: "2026-11-26" };
const write = (name: string, changed: Partial<Cited> = {}, visit = VISIT): string =>
  FORMATS.find((format) => format.name === name)!.write({ ...CITED, ...changed }, visit);

test("a text names people by their initials, and groups whole", () => {
  expect(write("APA")).toBe(
    "Bäuerle, A. M., Müller-Lüdenscheid, J.-P., & The Digits Group. (2026, March 2). " +
      "Which digits does it misread? (Version 1.2) [Interactive report]. Digits & more. " +
      "Data (SHA-256): digits/samples 0123456789ab. " +
      "Retrieved November 26, 2026, from https://report.example/digits.html#~filter=50%25",
  );
});

test("what a report does not say is left out, and its title stands for its authors", () => {
  const bare = { author: "", date: "", version: "", data: [] };
  expect(write("APA", { ...bare, report: "Digits" })).toBe(
    "Digits. (n.d.). Which digits does it misread? [Interactive report]. " +
      "Retrieved November 26, 2026, from https://report.example/digits.html#~filter=50%25",
  );
  expect(write("BibTeX", bare)).not.toMatch(/year|version|note|organization/);
});

test("BibTeX has a key of plain letters, and no sign of the text is a command", () => {
  const found = write("BibTeX", { title: "50% of {all} \\input $x_1^2~#" });
  expect(found).toMatch(/^@online\{bauerle2026input,\n/);
  expect(found).toContain(
    "title = {{50\\% of \\{all\\} \\textbackslash{}input \\$x\\_1\\textasciicircum{}2\\textasciitilde{}\\#}}",
  );
  expect(found).toContain(
    "author = {Bäuerle, Alex Maria and Müller-Lüdenscheid, Jean-Paul and {The Digits Group}}",
  );
  expect(found).toContain("organization = {Digits \\& more}");
});

test("an address cannot end BibTeX's field", () => {
  const found = write("BibTeX", {}, { ...VISIT, url: "https://a.example/#~x=}, title = {\\evil" });
  expect(found).toContain("url = {https://a.example/#~x=%7D, title = %7B%5Cevil},");
  expect(found.match(/\{/g)).toHaveLength(found.match(/\}/g)!.length);
});

test("CSL-JSON holds names in parts, dates as numbers and the view's address", () => {
  expect(JSON.parse(write("CSL-JSON"))).toEqual([
    {
      ...{ id: "bauerle2026which", type: "webpage", title: CITED.title, "container-title": "Digits & more" },
      author: [
        { family: "Bäuerle", given: "Alex Maria" },
        { family: "Müller-Lüdenscheid", given: "Jean-Paul" },
        { literal: "The Digits Group" },
      ],
      issued: { "date-parts": [[2026, 3, 2]] },
      accessed: { "date-parts": [[2026, 11, 26]] },
      ...{ version: "1.2", language: "en", URL: VISIT.url },
      note: "Data (SHA-256): digits/samples 0123456789ab",
    },
  ]);
});

test("of many tables the first are named and the rest counted", () => {
  const data = Array.from({ length: 6 }, (_, index) => ({
    name: `t/${index}`,
    digest: `${index}`.repeat(12),
  }));
  expect(write("APA", { data })).toContain("t/3 333333333333, 2 more.");
});

test("titles in other scripts have a key, too", () => {
  expect(write("BibTeX", { title: "数字", author: "山田", date: "" })).toMatch(/^@online\{report,/);
});
