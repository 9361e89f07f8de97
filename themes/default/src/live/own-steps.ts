/**
 * Steps that no link holds: of work that is on this machine alone, such as a file that a reader dropped. Undo and redo take
 * them in their order among the page's own.
 */

export type Way = "undo" | "redo";

/** A step, with the page's step that was current when it was made. */
interface Step {
  at: number;
  what: string;
  undo: () => void;
  redo: () => void;
}

export class OwnSteps {
  private done: Step[] = [];
  private undone: Step[] = [];
  private readonly listeners = new Set<() => void>();
  /** The page's step that the reader is at. */
  private current: () => number = () => 0;

  /** From now on the page's own steps count. */
  follow(current: () => number): void {
    this.current = current;
  }

  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** A step that was just made; it ends those that were undone. */
  add(step: Omit<Step, "at">): void {
    this.done.push({ ...step, at: this.current() });
    this.undone = [];
    this.changed();
  }

  /** The page made a step of its own, which ends what was undone. */
  ended(): void {
    if (this.undone.length === 0) return;
    this.undone = [];
    this.changed();
  }

  get has(): Readonly<Record<Way, boolean>> {
    return { undo: this.done.length > 0, redo: this.undone.length > 0 };
  }

  /** Whether the step that is next this way is one of these: the page has made none since, or has taken them back. */
  isNext(way: Way): boolean {
    const step = this.listOf(way).at(-1);
    if (!step) return false;
    return way === "undo" ? this.current() <= step.at : this.current() >= step.at;
  }

  /** Takes the last step back, or makes it again; returns what it is called, null where there is none. */
  go(way: Way): string | null {
    const step = this.listOf(way).pop();
    if (!step) return null;
    this.listOf(way === "undo" ? "redo" : "undo").push(step);
    step[way]();
    this.changed();
    return step.what;
  }

  private listOf(way: Way): Step[] {
    return way === "undo" ? this.done : this.undone;
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
