/** The work on the labels of one table, which every view of the page shares; who listens hears of every change. */
import type { Id } from "../selected.ts";
import {
  apply,
  decisionsOf,
  moved,
  NOTHING,
  rebased,
  stepOf,
  type Decision,
  type Journal,
  type Move,
  type Step,
} from "./journal.ts";
import { followPages } from "./pages.ts";
import { disputed, type Conflict } from "./patch.ts";
import { pendingOf, type Pending } from "./pending.ts";
import { openStore, type Change, type Kept, type Store } from "./store.ts";
import { say } from "../words.ts";

export class Corrections {
  decisions = new Map<Id, Decision>();
  who = "";
  /** Why the work is not kept; empty while it is. */
  problem = "";
  private journal: Journal = NOTHING;
  /** What others decided of samples, of which the reader has not chosen yet. */
  private open: readonly Decision[] = [];
  /** Moves that are not written yet: those before the work was read, and those that could not be written. */
  private unwritten: Move[] = [];
  private readonly pending: Pending;
  private unheld: Change[] = [];
  private store: Store | null = null;
  /** Reading and writing, one after the other. */
  private queue: Promise<void>;
  private readonly listeners = new Set<() => void>();

  /** Resolves when what was kept is here. */
  readonly ready: Promise<void>;
  isReady = false;

  /** `written` hears when other pages can read something new. */
  constructor(
    work: string,
    private readonly written: () => void = () => undefined,
  ) {
    this.pending = pendingOf(work);
    this.unwritten = this.pending.read();
    this.ready = this.load(work);
    this.queue = this.ready;
  }

  get canUndo(): boolean {
    return this.journal.place > 0;
  }

  get canRedo(): boolean {
    return this.journal.place < this.journal.steps.length;
  }

  /** Takes on decisions in one step, null for one that is withdrawn. */
  decide(taken: readonly (readonly [Id, Decision | null])[]): void {
    if (taken.length) this.take("step", stepOf(this.decisions, taken));
  }

  /** Takes the last step back; says of which samples it was. */
  undo(): readonly Id[] {
    const { steps, place } = this.journal;
    return this.canUndo ? this.take("undo", steps[place - 1]!) : [];
  }

  redo(): readonly Id[] {
    const { steps, place } = this.journal;
    return this.canRedo ? this.take("redo", steps[place]!) : [];
  }

  /** Where others decided differently, until the reader chooses. */
  get conflicts(): readonly Conflict[] {
    return disputed(this.decisions, this.open);
  }

  /** Keeps what others decided differently for the reader to choose. */
  contest(theirs: readonly Decision[]): void {
    if (theirs.length) this.hold((open) => [...without(open, theirs), ...theirs]);
  }

  /** The reader has chosen: what another decided is no longer in question. */
  settle(theirs: Decision): void {
    this.hold((open) => without(open, [theirs]));
  }

  sign(who: string): void {
    this.who = who;
    void this.save((store) => store.sign(who));
  }

  /** Takes in what other pages wrote. */
  refresh(): Promise<void> {
    return this.enqueue(async (store) => {
      const kept = await store.newer();
      if (kept) this.adopt(kept);
    });
  }

  /** Resolves when all is written. */
  idle(): Promise<void> {
    return this.queue;
  }

  listen(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener), { once: true });
  }

  private hold(change: Change): void {
    this.open = change(this.open);
    this.unheld.push(change);
    void this.save((store) => this.write(store));
    this.tell();
  }

  private take(kind: Move["kind"], step: Step): readonly Id[] {
    const move = { name: newName(), kind, step };
    this.journal = moved(this.journal, move);
    apply(this.decisions, step, kind === "undo" ? "before" : "after");
    this.unwritten.push(move);
    this.pending.keep(this.unwritten);
    void this.save((store) => this.write(store));
    this.tell();
    return step.changes.map(({ id }) => id);
  }

  private async load(work: string): Promise<void> {
    const store = await openStore(work);
    this.store = store;
    this.problem = lasting(store);
    try {
      const kept = await store.read();
      this.who ||= kept.who;
      this.adopt(kept);
    } catch (error) {
      this.complain(error);
    }
    this.isReady = true;
    this.tell();
    if (this.unwritten.length) void this.save((open) => this.write(open));
  }

  /** What could not be written before goes first. */
  private async write(store: Store): Promise<void> {
    while (this.unwritten.length) {
      const merged = await store.write(this.unwritten[0]!);
      this.unwritten.shift();
      this.pending.keep(this.unwritten);
      if (merged) this.adopt(merged);
    }
    while (this.unheld.length) {
      await store.hold(this.unheld[0]!);
      this.unheld.shift();
    }
    if (this.problem !== lasting(store)) {
      this.problem = lasting(store);
      this.tell();
    }
  }

  /** Goes on from what is kept, with what is not written yet on top. */
  private adopt({ journal, open }: Kept): void {
    this.journal = journal;
    this.open = this.unheld.reduce((before, change) => change(before), open);
    this.unwritten = this.unwritten.flatMap((move) => {
      const own = rebased(this.journal, move);
      if (own) this.journal = moved(this.journal, own);
      return own ? [own] : [];
    });
    this.pending.keep(this.unwritten);
    this.decisions = decisionsOf(this.journal);
    this.tell();
  }

  private save(task: (store: Store) => Promise<void>): Promise<void> {
    return this.enqueue(async (store) => {
      await task(store);
      this.written();
    });
  }

  private enqueue(task: (store: Store) => Promise<void>): Promise<void> {
    this.queue = this.queue.then(() => task(this.store!)).catch((error: unknown) => this.complain(error));
    return this.queue;
  }

  private complain(error: unknown): void {
    this.problem = say("The last step could not be kept ({message}): export the work before you leave.", {
      message: (error as Error).message,
    });
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Of no other move in any tab: 128 random bits, which pages without https have as well. */
const newName = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

function lasting({ isLasting }: Store): string {
  return isLasting ? "" : say("This browser keeps no work: export it before you leave.");
}

/** Decisions but for some, which say the same of a sample by the same person at the same time. */
function without(decisions: readonly Decision[], some: readonly Decision[]): readonly Decision[] {
  const keyOf = ({ id, action, label, who, when }: Decision): string =>
    JSON.stringify([id, action, label, who, when]);
  const left = new Set(some.map(keyOf));
  return decisions.filter((decision) => !left.has(keyOf(decision)));
}

const WORKS = new Map<string, Corrections>();

/** The work on a table of the site at an address. */
export function correctionsOf(site: string, table: string): Corrections {
  const work = `${site} ${table}`;
  const known = WORKS.get(work);
  if (known) return known;
  const pages = followPages(work, () => void corrections.refresh());
  const corrections = new Corrections(work, () => pages.tell());
  WORKS.set(work, corrections);
  return corrections;
}
