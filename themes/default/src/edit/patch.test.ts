import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BlockSource } from "../page.ts";
import { textOf } from "../source.ts";
import { blockText, patch } from "./patch.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "patch-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where a block's text stands in a file, as the generator says it. */
function sourceIn(
  content: string,
  first: number,
  count: number,
  more: Partial<BlockSource> = {},
): BlockSource {
  const lines = content.split(/(?<=\n)/);
  const start = Math.max(0, first - 3);
  return {
    file: "content/page.md",
    problem: "",
    line: start + 1,
    before: lines.slice(start, first),
    lines: lines.slice(first, first + count),
    after: lines.slice(first + count, first + count + 3),
    indent: "",
    keys: {},
    shared: false,
    ...more,
  };
}

/** The file after git, and after patch, have really applied a patch to it. */
function applied(content: string, source: BlockSource, text: string): string[] {
  const written = patch(source, text);
  return [
    ["git", "apply", "-p1", "edit.patch"],
    ["patch", "--binary", "-p1", "-i", "edit.patch"],
  ].map(([command, ...rest], index) => {
    const place = join(folder, String(index));
    const file = join(place, source.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    writeFileSync(join(place, "edit.patch"), written);
    // Above the folder there is no repository that git would ask.
    execFileSync(command!, rest, {
      cwd: place,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: folder },
      stdio: "pipe",
    });
    return readFileSync(file, "utf8");
  });
}

const TEXT = ["one", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"];
const FILE = `---\ntitle: A page\n---\n# A page\n\n\`\`\`view markdown\n${TEXT.join("\n")}\n\`\`\`\n\nThe end.\n`;

test.each([
  ["a line is another", TEXT.map((line) => (line === "two" ? "TWO" : line))],
  ["the first and the last are others", ["ONE", ...TEXT.slice(1, -1), "ELEVEN"]],
  ["lines come in the middle", [...TEXT.slice(0, 5), "", "new", "new", ...TEXT.slice(5)]],
  ["lines go", [...TEXT.slice(0, 3), ...TEXT.slice(9)]],
  ["all go", []],
  ["all are others", ["a", "b"]],
  ["lines come first and last", ["first", ...TEXT, "", "last"]],
])("git and patch apply it where %s", (_, lines) => {
  const text = lines.join("\n");
  const after = FILE.replace(`${TEXT.join("\n")}\n`, text && `${text}\n`);
  expect(applied(FILE, sourceIn(FILE, 6, 12), text)).toEqual([after, after]);
});

test("what changes nothing is no patch, also with an end after the last line", () => {
  expect(patch(sourceIn(FILE, 6, 12), TEXT.join("\n"))).toBe("");
  expect(patch(sourceIn(FILE, 6, 12), `${TEXT.join("\n")}\n`)).toBe("");
});

test("an empty block is filled", () => {
  const file = "```view markdown\n```";
  const after = "```view markdown\nnew\n```";
  expect(applied(file, sourceIn(file, 1, 0), "new")).toEqual([after, after]);
});

test("lines keep the ends of their file, and the last one may have none", () => {
  const file = FILE.replace("\n\nThe end.\n", "").replaceAll("\n", "\r\n");
  const after = file.replace("five\r\n", "5\r\n6\r\n");
  const text = TEXT.flatMap((line) => (line === "five" ? ["5", "6"] : [line])).join("\n");
  expect(applied(file, sourceIn(file, 6, 12), text)).toEqual([after, after]);
});

test("a block in a list keeps what its lines begin with", () => {
  const file = "1. A list\n\n   ```view markdown\n   one\n\n   two\n   ```\n2. More\n";
  const after = "1. A list\n\n   ```view markdown\n   one\n\n   2\n\n   3\n   ```\n2. More\n";
  expect(applied(file, sourceIn(file, 3, 3, { indent: "   " }), "one\n\n2\n\n3")).toEqual([after, after]);
});

test.each([
  ["a quotation", "> ", ">"],
  ["a quotation in a quotation", "> > ", "> >"],
  ["a quotation in a list", "  > ", "  >"],
  ["a quotation of an editor that leaves its space", "> ", "> "],
])("a block in %s keeps the signs of its lines, also of those that are empty", (_, indent, empty) => {
  const before = `${indent}\`\`\`view markdown\n`;
  const file = `${before}${indent}one\n${empty}\n${indent}two\n${empty}\n${indent}\`\`\`\n\nEnd.\n`;
  const source = sourceIn(file, 1, 4, { indent });
  expect(textOf(source)).toBe("one\n\ntwo\n");
  expect(patch(source, textOf(source) + "\n")).toBe("");
  const fresh = `${indent}2\n${indent.trimEnd()}\n${indent}> 3\n`;
  const after = file.replace(`${indent}two\n`, fresh);
  expect(applied(file, source, "one\n\n2\n\n> 3\n\n")).toEqual([after, after]);
  expect(blockText(source, "one\n\ntwo")).toBe("```view markdown\none\n\ntwo\n```\n");
});

test("fences grow where a line of the text would end the block", () => {
  const text = "Code:\n\n```\n1 + 1\n```";
  const [after] = applied(FILE, sourceIn(FILE, 6, 12), text);
  expect(after).toContain(`\n\`\`\`\`view markdown\n${text}\n\`\`\`\`\n\nThe end.\n`);
  expect(blockText(sourceIn(FILE, 6, 12), text)).toBe(`\`\`\`\`view markdown\n${text}\n\`\`\`\`\n`);
  expect(patch(sourceIn(FILE, 6, 12), "~~~\nx\n~~~")).not.toContain("````");
});

test.each(["content/a page.md", "content/größe.md", 'content/"quoted".md'])(
  "the name %s is read as it is",
  (file) => {
    const after = FILE.replace("two", "2");
    const text = TEXT.join("\n").replace("two", "2");
    expect(applied(FILE, sourceIn(FILE, 6, 12, { file }), text)).toEqual([after, after]);
  },
);

test("a patch is applied in a report's folder within a repository", () => {
  const report = join(folder, "reports/one");
  mkdirSync(join(report, "content"), { recursive: true });
  writeFileSync(join(report, "content/page.md"), FILE);
  execFileSync("git", ["init", "--quiet", folder]);
  writeFileSync(join(report, "edit.patch"), patch(sourceIn(FILE, 6, 12), "other"));
  execFileSync("git", ["apply", "edit.patch"], { cwd: report });
  expect(readFileSync(join(report, "content/page.md"), "utf8")).toContain("\nother\n");
});
