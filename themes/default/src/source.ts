/** The text of a block, as lines of its file and as its reader edits it. */
import type { BlockSource } from "./page.ts";

/** Lines of a text without their ends; an end after the last line makes no further one. */
export function linesOf(text: string): string[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** A line of a file as its block has it: without its end, and without what stands before the block. */
export function unindented(line: string, indent: string): string {
  const plain = line.replace(/\r?\n$/, "");
  if (plain.startsWith(indent)) return plain.slice(indent.length);
  // Editors cut what an empty line begins with: of a quotation its sign is left.
  return /^[\s>]*$/.test(plain) ? "" : plain.trimStart();
}

/** The text of a block as it was built. */
export function textOf({ lines, indent, text }: BlockSource): string {
  return text ?? lines.map((line) => unindented(line, indent)).join("\n");
}
