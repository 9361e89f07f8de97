/**
 * Where the work is kept: IndexedDB of this browser, one record a step, so that a step costs the same however long the
 * work is. Pages in several tabs write to the same work: its revision, which every write counts up in the transaction
 * that writes, says whether another page was there meanwhile, and then the move is made on what that one left.
 * Where a browser keeps nothing, the work is there until the page is left, and the page says so.
 */
import { moved, NOTHING, rebased, type Decision, type Journal, type Move, type Step } from "./journal.ts";

const DATABASE = "sitegen-corrections";
const STEPS = "steps";
const WORKS = "works";
/** As many moves are known by name: far more than are on their way at a time. */
const NAMED = 100;

export interface Kept {
  journal: Journal;
  /** What others decided differently, and the reader has not chosen of yet. */
  open: readonly Decision[];
  who: string;
}

/** A change of what is open; made once more on what another page left, it is the same. */
export type Change = (open: readonly Decision[]) => readonly Decision[];

/** One piece of work: the labels of one table of one site. */
export interface Store {
  /** Whether it is there after the page is left. */
  readonly isLasting: boolean;
  read(): Promise<Kept>;
  /** What is kept, where another page has written since this one last read or wrote; else null. */
  newer(): Promise<Kept | null>;
  /** Writes a move unless it is written already; says what is kept now where another page had written before, else null. */
  write(move: Move): Promise<Kept | null>;
  sign(who: string): Promise<void>;
  /** Changes what is open. */
  hold(change: Change): Promise<void>;
}

export async function openStore(work: string): Promise<Store> {
  try {
    return new Lasting(await opened(), work);
  } catch {
    return new Passing();
  }
}

/** The work while the page is open. */
class Passing implements Store {
  readonly isLasting = false;

  read(): Promise<Kept> {
    return Promise.resolve({ journal: NOTHING, open: [], who: "" });
  }

  newer(): Promise<null> {
    return Promise.resolve(null);
  }

  write(): Promise<null> {
    return Promise.resolve(null);
  }

  sign(): Promise<void> {
    return Promise.resolve();
  }

  hold(): Promise<void> {
    return Promise.resolve();
  }
}

interface Work {
  work: string;
  place: number;
  who: string;
  /** How often it was written; work of earlier versions does not say it, and had nothing open. */
  revision?: number;
  open?: readonly Decision[];
  /** Names of the last moves that were written. */
  written?: readonly string[];
}

class Lasting implements Store {
  readonly isLasting = true;
  /** The revision that this page knows; none before it has read. */
  private revision = Number.NaN;

  constructor(
    private readonly database: IDBDatabase,
    private readonly work: string,
  ) {}

  async read(): Promise<Kept> {
    this.revision = Number.NaN;
    return (await this.newer())!;
  }

  async newer(): Promise<Kept | null> {
    const transaction = this.database.transaction([STEPS, WORKS]);
    const state = await this.stateIn(transaction);
    if (state.revision === this.revision) return null;
    const steps = await this.stepsIn(transaction);
    this.revision = state.revision;
    return { ...state, journal: { steps, place: state.place } };
  }

  async write(move: Move): Promise<Kept | null> {
    const transaction = this.database.transaction([STEPS, WORKS], "readwrite");
    const state = await this.stateIn(transaction);
    const isWritten = state.written.includes(move.name);
    const isKnown = state.revision === this.revision && !isWritten;
    const before: Journal = { steps: isKnown ? [] : await this.stepsIn(transaction), place: state.place };
    const own = isKnown ? move : isWritten ? null : rebased(before, move);
    await this.put(transaction, own ? this.taken(transaction, state, own) : state);
    this.revision = state.revision + 1;
    return isKnown ? null : { ...state, journal: own ? moved(before, own) : before };
  }

  /** Puts the step of a move where it belongs; what is kept beside it then. */
  private taken(
    transaction: IDBTransaction,
    state: Required<Work>,
    { name, kind, step }: Move,
  ): Required<Work> {
    if (kind === "step") {
      const steps = transaction.objectStore(STEPS);
      steps.delete(this.range(state.place));
      steps.put({ work: this.work, place: state.place, step } satisfies Saved);
    }
    const place = state.place + (kind === "undo" ? -1 : 1);
    return { ...state, place, written: [...state.written, name].slice(-NAMED) };
  }

  sign(who: string): Promise<void> {
    return this.change((state) => ({ ...state, who }));
  }

  hold(change: Change): Promise<void> {
    return this.change((state) => ({ ...state, open: change(state.open) }));
  }

  /** Changes what is no step; what others wrote before stays to be read. */
  private async change(of: (state: Required<Work>) => Required<Work>): Promise<void> {
    const transaction = this.database.transaction(WORKS, "readwrite");
    const state = await this.stateIn(transaction);
    await this.put(transaction, of(state));
    if (state.revision === this.revision) this.revision++;
  }

  private async stateIn(transaction: IDBTransaction): Promise<Required<Work>> {
    const asked = transaction.objectStore(WORKS).get(this.work) as IDBRequest<Work | undefined>;
    return {
      work: this.work,
      place: 0,
      who: "",
      revision: 0,
      open: [],
      written: [],
      ...(await answered(asked)),
    };
  }

  private async stepsIn(transaction: IDBTransaction): Promise<Step[]> {
    const asked = transaction.objectStore(STEPS).getAll(this.range(0)) as IDBRequest<Saved[]>;
    return (await answered(asked)).map(({ step }) => step);
  }

  /** Ends a transaction with the state that it leaves. */
  private put(transaction: IDBTransaction, state: Required<Work>): Promise<void> {
    transaction.objectStore(WORKS).put({ ...state, revision: state.revision + 1 } satisfies Work);
    return ended(transaction);
  }

  private range(place: number): IDBKeyRange {
    return IDBKeyRange.bound([this.work, place], [this.work, Infinity]);
  }
}

interface Saved {
  work: string;
  place: number;
  step: Step;
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STEPS, { keyPath: ["work", "place"] });
      request.result.createObjectStore(WORKS, { keyPath: "work" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB cannot be opened"));
    request.onblocked = () => reject(new Error("IndexedDB is blocked by another page"));
  });
}

function answered<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the work could not be read"));
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error("the work could not be kept"));
    transaction.onabort = () => reject(transaction.error ?? new Error("the work could not be kept"));
  });
}
