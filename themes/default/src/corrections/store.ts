/**
 * Where the work is kept: IndexedDB of this browser, one record a step, so that a step costs the same however long the
 * work is. Where a browser keeps nothing, the work is there until the page is left, and the page says so.
 */
import type { Journal, Step } from "./journal.ts";

const DATABASE = "sitegen-corrections";
const STEPS = "steps";
const WORKS = "works";

export interface Kept {
  journal: Journal;
  who: string;
}

/** One piece of work: the labels of one table of one site. */
export interface Store {
  /** Whether it is there after the page is left. */
  readonly isLasting: boolean;
  read(): Promise<Kept>;
  /** Writes the step at a place; those from there on are gone. */
  append(place: number, step: Step): Promise<void>;
  move(place: number): Promise<void>;
  sign(who: string): Promise<void>;
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
    return Promise.resolve({ journal: { steps: [], place: 0 }, who: "" });
  }

  append(): Promise<void> {
    return Promise.resolve();
  }

  move(): Promise<void> {
    return Promise.resolve();
  }

  sign(): Promise<void> {
    return Promise.resolve();
  }
}

interface Work {
  work: string;
  place: number;
  who: string;
}

class Lasting implements Store {
  readonly isLasting = true;
  private state: Work;

  constructor(
    private readonly database: IDBDatabase,
    private readonly work: string,
  ) {
    this.state = { work, place: 0, who: "" };
  }

  async read(): Promise<Kept> {
    const transaction = this.database.transaction([STEPS, WORKS]);
    const asked = transaction.objectStore(STEPS).getAll(this.range(0)) as IDBRequest<Saved[]>;
    const state = transaction.objectStore(WORKS).get(this.work) as IDBRequest<Work | undefined>;
    await ended(transaction);
    this.state = state.result ?? this.state;
    const { place, who } = this.state;
    return { journal: { steps: asked.result.map(({ step }) => step), place }, who };
  }

  async append(place: number, step: Step): Promise<void> {
    const transaction = this.database.transaction([STEPS, WORKS], "readwrite");
    const steps = transaction.objectStore(STEPS);
    steps.delete(this.range(place));
    steps.put({ work: this.work, place, step } satisfies Saved);
    this.write(transaction, { place: place + 1 });
    await ended(transaction);
  }

  async move(place: number): Promise<void> {
    const transaction = this.database.transaction(WORKS, "readwrite");
    this.write(transaction, { place });
    await ended(transaction);
  }

  async sign(who: string): Promise<void> {
    const transaction = this.database.transaction(WORKS, "readwrite");
    this.write(transaction, { who });
    await ended(transaction);
  }

  private write(transaction: IDBTransaction, changed: Partial<Work>): void {
    this.state = { ...this.state, ...changed };
    transaction.objectStore(WORKS).put(this.state);
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

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error("the work could not be kept"));
    transaction.onabort = () => reject(transaction.error ?? new Error("the work could not be kept"));
  });
}
