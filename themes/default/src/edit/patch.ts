/** An edited block as a unified diff against its file, for `git apply` and `patch -p1` in the report's folder. */
import { compare, type Step } from "../lines.ts";
import type { BlockSource } from "../page.ts";
import { linesOf, unindented } from "../source.ts";

/** Unchanged lines around a change. */
const CONTEXT = 3;

/** The patch of a block whose text is now another; empty where nothing changed. */
export function patch(source: BlockSource, text: string): string {
  const steps = stepsOf(source, text);
  const ranges = rangesOf(steps);
  if (ranges.length === 0) return "";
  const name = source.file;
  const hunks = ranges.map(([first, end]) => hunk(steps, first, end, source.line));
  return `--- ${quoted(`a/${name}`)}\n+++ ${quoted(`b/${name}`)}\n${hunks.join("")}`;
}

/** The block as its file would hold it, fences included. */
export function blockText(source: BlockSource, text: string): string {
  if (source.before.length === 0) return text;
  const plain = (line: string): string => unindented(line, source.indent);
  return [...fenced(source, linesOf(text)).map(plain), ""].join("\n");
}

/* Lines that changed */

function stepsOf(source: BlockSource, text: string): Step[] {
  const { before, after, lines, indent } = source;
  const [opening, closing] = [before.at(-1)!, after[0]!];
  const keep = (line: string): Step => ({ sign: " ", line });
  const written = fenced(source, linesOf(text));
  const same = (old: string, fresh: string): boolean => unindented(old, indent) === unindented(fresh, indent);
  return [
    ...before.slice(0, -1).map(keep),
    ...compare([opening, ...lines, closing], written, same),
    ...after.slice(1).map(keep),
  ];
}

/** The block with its fences; they grow where a line of the text would end it. */
function fenced({ before, after, indent }: BlockSource, lines: readonly string[]): string[] {
  const [opening, closing] = [before.at(-1)!, after[0]!];
  const mark = /(`{3,}|~{3,})/.exec(opening)![1]!;
  const runs = lines.map((line) => /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1] ?? "");
  const longest = Math.max(0, ...runs.filter((run) => run[0] === mark[0]).map((run) => run.length));
  const fence = mark[0]!.repeat(Math.max(mark.length, longest + 1));
  const end = /\r?\n$/.exec(opening)?.[0] ?? "\n";
  const isKept = longest < mark.length;
  return [
    isKept ? opening : opening.replace(mark, fence),
    ...lines.map((line) => (line === "" ? indent.trimEnd() : indent + line) + end),
    isKept ? closing : closing.replace(/(`{3,}|~{3,})/, fence),
  ];
}

/* What is written */

/** Runs of steps that are one hunk each: changes with their context, joined where these meet. */
function rangesOf(steps: readonly Step[]): [number, number][] {
  const ranges: [number, number][] = [];
  steps.forEach(({ sign }, index) => {
    if (sign === " ") return;
    const [first, end] = [Math.max(0, index - CONTEXT), Math.min(steps.length, index + CONTEXT + 1)];
    const last = ranges.at(-1);
    if (last && first <= last[1]) last[1] = end;
    else ranges.push([first, end]);
  });
  return ranges;
}

function hunk(steps: readonly Step[], first: number, end: number, line: number): string {
  const count = (part: readonly Step[], sign: Step["sign"]): number =>
    part.filter((step) => step.sign === " " || step.sign === sign).length;
  const [above, part] = [steps.slice(0, first), steps.slice(first, end)];
  const old = `${line + count(above, "-")},${count(part, "-")}`;
  const fresh = `${line + count(above, "+")},${count(part, "+")}`;
  return `@@ -${old} +${fresh} @@\n${part.map(written).join("")}`;
}

function written({ sign, line }: Step): string {
  return line.endsWith("\n") ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}

/** A name as git and patch read it: a tab ends one with spaces, and quotes hold other special signs. */
function quoted(name: string): string {
  if (!/["\\\u0000-\u001f\u007f]/.test(name)) return name.includes(" ") ? `${name}\t` : name;
  const bytes = new TextEncoder().encode(name);
  const signs = Array.from(bytes, (byte) =>
    byte > 0x1f && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${signs.join("")}"`;
}
