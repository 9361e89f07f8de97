/**
 * An edit as the link holds it: the lines that changed, and which text they change. A link is short where little was
 * edited, and one that was made for an earlier text is not applied to another.
 */
import { compare } from "../../src/lines.ts";
import { linesOf } from "../../src/source.ts";
import type { ViewState } from "../../src/view.ts";

/** A line of the text, from 0, how many lines go from there on, and what comes in their place: lines with their ends. */
export type Change = readonly [first: number, gone: number, come: string];

export interface Edit {
  /** A digest of the text that is edited. */
  of: string;
  /** In the order of the lines. */
  edits: readonly Change[];
}

/** Characters of an edited text that a page takes. */
export const LONGEST = 60_000;

const MOST_CHANGES = 1000;

export function readEdit(state: ViewState | null): Edit | null {
  const { of, edits } = state ?? {};
  if (typeof of !== "string" || !/^[0-9a-z]{1,7}$/.test(of)) return null;
  if (!Array.isArray(edits) || edits.length === 0 || edits.length > MOST_CHANGES) return null;
  if (!edits.every(isChange) || !isInOrder(edits as Change[])) return null;
  return { of, edits: edits as Change[] };
}

function isChange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [first, gone, come] = value as unknown[];
  const isCount = (number: unknown): boolean => Number.isSafeInteger(number) && (number as number) >= 0;
  return isCount(first) && isCount(gone) && typeof come === "string" && come.length <= LONGEST;
}

function isInOrder(edits: readonly Change[]): boolean {
  const length = edits.reduce((sum, [, , come]) => sum + come.length, 0);
  return (
    length <= LONGEST &&
    edits.every(([first], at) => at === 0 || first > edits[at - 1]![0] + edits[at - 1]![1])
  );
}

/** What changes one text into another; null where they are the same. */
export function editOf(text: string, edited: string): Edit | null {
  const edits: [number, number, string][] = [];
  const [old, fresh] = [linesOf(text), linesOf(edited)];
  let [line, isOpen] = [0, false];
  for (const step of compare(old, fresh, (one, other) => one === other)) {
    if (step.sign !== " " && !isOpen) edits.push([line, 0, ""]);
    isOpen = step.sign !== " ";
    const last = edits.at(-1);
    if (step.sign === "-") last![1]++;
    if (step.sign === "+") last![2] += `${step.line}\n`;
    if (step.sign !== "+") line++;
  }
  if (edits.length > MOST_CHANGES)
    return { of: digest(text), edits: [[0, old.length, fresh.map((each) => `${each}\n`).join("")]] };
  return edits.length ? { of: digest(text), edits } : null;
}

/** The edited text; null where the edit is one of another text. */
export function applyEdit(text: string, { of, edits }: Edit): string | null {
  const old = linesOf(text);
  const [first, gone] = edits.at(-1)!;
  if (of !== digest(text) || first + gone > old.length) return null;
  const fresh: string[] = [];
  let line = 0;
  for (const [start, count, come] of edits) {
    fresh.push(...old.slice(line, start), ...linesOf(come));
    line = start + count;
  }
  return [...fresh, ...old.slice(line)].join("\n");
}

/** FNV-1a, of 32 bits: tells a text from its earlier versions, and is no secret. */
export function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(36);
}
