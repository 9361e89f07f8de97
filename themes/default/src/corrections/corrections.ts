/** The work on the labels of one table, which every view of the page shares; who listens hears of every change. */
import type { Id } from "../selected.ts";
import { apply, decisionsOf, extended, NOTHING, stepOf, type Decision, type Journal } from "./journal.ts";
import { openStore, type Store } from "./store.ts";
import { say } from "../words.ts";

export class Corrections {
  decisions = new Map<Id, Decision>();
  who = "";
  /** Why the work is not kept; empty while it is. */
  problem = "";
  private journal: Journal = NOTHING;
  private store: Store | null = null;
  private readonly listeners = new Set<() => void>();

  /** Resolves when what was kept is here. */
  readonly ready: Promise<void>;

  constructor(work: string) {
    this.ready = this.load(work);
  }

  get canUndo(): boolean {
    return this.journal.place > 0;
  }

  get canRedo(): boolean {
    return this.journal.place < this.journal.steps.length;
  }

  /** Takes on decisions in one step, null for one that is withdrawn. */
  decide(taken: readonly (readonly [Id, Decision | null])[]): void {
    if (taken.length === 0) return;
    const step = stepOf(this.decisions, taken);
    const { place } = this.journal;
    this.journal = extended(this.journal, step);
    apply(this.decisions, step, "after");
    this.keep((store) => store.append(place, step));
    this.tell();
  }

  /** Takes the last step back; says of which samples it was. */
  undo(): readonly Id[] {
    return this.canUndo ? this.go(this.journal.place - 1, "before") : [];
  }

  redo(): readonly Id[] {
    return this.canRedo ? this.go(this.journal.place + 1, "after") : [];
  }

  sign(who: string): void {
    this.who = who;
    this.keep((store) => store.sign(who));
  }

  listen(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
  }

  private go(place: number, side: "before" | "after"): readonly Id[] {
    const step = this.journal.steps[Math.min(place, this.journal.place)]!;
    apply(this.decisions, step, side);
    this.journal = { ...this.journal, place };
    this.keep((store) => store.move(place));
    this.tell();
    return step.changes.map(({ id }) => id);
  }

  private async load(work: string): Promise<void> {
    this.store = await openStore(work);
    if (!this.store.isLasting) this.problem = say("This browser keeps no work: export it before you leave.");
    const kept = await this.store.read();
    this.journal = kept.journal;
    this.who = kept.who;
    this.decisions = decisionsOf(kept.journal);
    this.tell();
  }

  private keep(write: (store: Store) => Promise<void>): void {
    if (!this.store) return;
    write(this.store).catch((error: Error) => {
      this.problem = say("The last step could not be kept ({message}): export the work before you leave.", {
        message: error.message,
      });
      this.tell();
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const WORKS = new Map<string, Corrections>();

/** The work on a table of the site at an address. */
export function correctionsOf(site: string, table: string): Corrections {
  const work = `${site} ${table}`;
  if (!WORKS.has(work)) WORKS.set(work, new Corrections(work));
  return WORKS.get(work)!;
}
