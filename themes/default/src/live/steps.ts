/**
 * A page's steps in the browser's history: where among them the reader is, and how far an undo or a redo goes. The
 * browser keeps the states themselves, so that its Back and Forward and the page's own buttons are one and the same.
 */

import type { Memory } from "../memory.ts";

/** Marks the entries of the browser's history whose link this page wrote, in their order. */
export interface Mark {
  sitegen: true;
  step: number;
}

/** A step that no link holds: of work that is on this machine alone, such as a file that a reader dropped. */
export interface OwnStep {
  what: string;
  undo: () => void;
  redo: () => void;
}

export class Steps {
  private at = 0;
  private last = 0;
  /** Steps that only led to a place of the page: the state is that of the step before. */
  private jumps = new Set<number>();
  /** Steps whose state is in no link; after a reload they lead nowhere, as jumps do. */
  private readonly own = new Map<number, OwnStep>();
  private readonly listeners = new Set<() => void>();

  /** `mark` is what the entry holds that the page is at; after a reload the entries behind it are still there. */
  constructor(
    mark: unknown,
    private readonly memory: Memory,
    isReloaded = false,
  ) {
    const step = stepOf(mark);
    if (step === null) return;
    this.at = this.last = step;
    const kept = readKept(memory.read());
    if (kept && kept.last >= step) {
      this.jumps = new Set(kept.jumps);
      // From another page the reader came back to the last entry there is: going there ended those behind it.
      if (isReloaded) this.last = kept.last;
    }
  }

  get mark(): Mark {
    return { sitegen: true, step: this.at };
  }

  /** A new entry, which ends those that were undone. */
  pushed(isJump = false, own: OwnStep | null = null): void {
    this.at++;
    this.last = this.at;
    for (const known of [this.jumps, this.own])
      for (const step of known.keys()) if (step >= this.at) known.delete(step);
    if (isJump) this.jumps.add(this.at);
    if (own) this.own.set(this.at, own);
    this.changed();
  }

  /**
   * The reader is at another entry. One that is not ours was made by a link within the page, and is a new step or a mere
   * jump, or it is from before the page was live: what lies around it is not known, and is left to the browser.
   */
  arrived(mark: unknown, made: "step" | "jump" | null = null): void {
    const step = stepOf(mark);
    if (step === null && made) return this.pushed(made === "jump");
    this.at = step ?? 0;
    this.last = step === null ? 0 : Math.max(this.last, step);
    if (step === null) this.jumps.clear();
    this.changed();
  }

  /** Takes back, or makes again, what no link holds of the steps between another one and this; returns what that was. */
  travelled(from: number): string[] {
    const isBack = this.at < from;
    const passed = [...this.own].filter(
      ([step]) => step > Math.min(from, this.at) && step <= Math.max(from, this.at),
    );
    passed.sort(([one], [other]) => (isBack ? other - one : one - other));
    for (const [, step] of passed) step[isBack ? "undo" : "redo"]();
    return passed.map(([, { what }]) => what);
  }

  /** The page is shown again as it was left: going elsewhere ended what was undone. */
  returned(mark: unknown): void {
    this.at = this.last = stepOf(mark) ?? 0;
    this.changed();
  }

  /** Entries to go for the state before; 0 where there is none. */
  get back(): number {
    for (let step = this.at; step > 0; step--) if (!this.jumps.has(step)) return step - 1 - this.at;
    return 0;
  }

  /** Entries to go for the state that was undone last; 0 where there is none. */
  get forward(): number {
    for (let step = this.at + 1; step <= this.last; step++) if (!this.jumps.has(step)) return step - this.at;
    return 0;
  }

  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  private changed(): void {
    this.memory.write(JSON.stringify({ last: this.last, jumps: [...this.jumps, ...this.own.keys()] }));
    for (const listener of this.listeners) listener();
  }
}

function stepOf(mark: unknown): number | null {
  if (typeof mark !== "object" || mark === null) return null;
  const { sitegen, step } = mark as Partial<Mark>;
  return sitegen === true && Number.isSafeInteger(step) && step! >= 0 ? step! : null;
}

function readKept(text: string | null): { last: number; jumps: number[] } | null {
  try {
    const { last, jumps } = JSON.parse(text ?? "null") as { last: number; jumps: number[] };
    return Number.isSafeInteger(last) && Array.isArray(jumps) ? { last, jumps } : null;
  } catch {
    return null;
  }
}
