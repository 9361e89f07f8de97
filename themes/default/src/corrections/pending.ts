/**
 * Moves on their way to the store, in the tab's own memory meanwhile: that one is written at once, so a page that is
 * left or reloaded within the same moment loses none. What the store has taken before it could say so, it knows by name.
 */
import { tabMemory, type Memory } from "../memory.ts";
import type { Move } from "./journal.ts";

export class Pending {
  private isEmpty = true;

  constructor(private readonly memory: Memory) {}

  /** What an earlier page of this tab could not write any more. */
  read(): Move[] {
    const found = parsed(this.memory.read());
    const moves = Array.isArray(found) ? found.filter(isMove) : [];
    this.isEmpty = moves.length === 0;
    return moves;
  }

  /** Where there is no room for many, they are only in the store, a moment later. */
  keep(moves: readonly Move[]): void {
    if (this.isEmpty && moves.length === 0) return;
    const isKept = this.memory.write(JSON.stringify(moves));
    if (!isKept) this.memory.write("[]");
    this.isEmpty = !isKept || moves.length === 0;
  }
}

export const pendingOf = (work: string): Pending => new Pending(tabMemory(`sitegen-corrections ${work}`));

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "[]");
  } catch {
    // Other pages of the same origin may write there as well: what is none of ours says nothing.
    return [];
  }
}

function isMove(value: unknown): value is Move {
  const { name, kind, step } = (value ?? {}) as Partial<Move>;
  return typeof name === "string" && ["step", "undo", "redo"].includes(kind!) && Array.isArray(step?.changes);
}
