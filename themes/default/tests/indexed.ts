/**
 * What the corrections use of IndexedDB, in memory: transactions one after the other, each until nothing more is asked
 * in it. Values are copied, as a browser does.
 */
import { vi } from "vitest";

type Key = string | number;
interface Range {
  low: readonly Key[];
  high: readonly Key[];
}
interface Kept {
  keys: readonly string[];
  rows: Map<string, Record<string, unknown>>;
}
class Asked {
  onsuccess: (() => void) | null = null;
  onupgradeneeded: (() => void) | null = null;
  result: unknown;
}

class FakeTransaction {
  oncomplete: (() => void) | null = null;
  onabort: (() => void) | null = null;
  error: Error | null = null;
  private readonly asked: (() => void)[] = [];

  constructor(
    private readonly stores: Map<string, Kept>,
    private readonly failure: () => Error | null,
  ) {}

  objectStore(name: string): object {
    const { keys, rows } = this.stores.get(name)!;
    const keyOf = (row: Record<string, unknown>): string => JSON.stringify(keys.map((key) => row[key]));
    const within = ({ low, high }: Range, row: Record<string, unknown>): boolean =>
      row[keys[0]!] === low[0] && Number(row[keys[1]!]) >= Number(low[1]) && high[1] === Infinity;
    return {
      get: (key: Key) => this.ask(() => structuredClone(rows.get(JSON.stringify([key])))),
      getAll: (range: Range) =>
        this.ask(() =>
          [...rows.values()]
            .filter((row) => within(range, row))
            .sort((a, b) => Number(a[keys[1]!]) - Number(b[keys[1]!]))
            .map((row) => structuredClone(row)),
        ),
      put: (row: Record<string, unknown>) => this.ask(() => void rows.set(keyOf(row), structuredClone(row))),
      delete: (range: Range) =>
        this.ask(() => {
          for (const [key, row] of rows) if (within(range, row)) rows.delete(key);
        }),
    };
  }

  private ask(answer: () => unknown): Asked {
    const asked = new Asked();
    this.asked.push(() => {
      asked.result = answer();
      asked.onsuccess?.();
    });
    return asked;
  }

  async run(): Promise<void> {
    await pause();
    const before = structuredClone([...this.stores]);
    while (this.asked.length) {
      this.asked.shift()!();
      await pause();
    }
    this.error = this.failure();
    if (!this.error) return this.oncomplete?.();
    for (const [name, { rows }] of before) this.stores.get(name)!.rows = rows;
    this.onabort?.();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Puts an empty one in the place of the browser's; what is returned lets its next transaction that writes fail, or hears no more of those that are begun, as of a page that is left. */
export function installIndexed(): { failNext: () => void; setDeaf: (isDeaf: boolean) => void } {
  const stores = new Map<string, Kept>();
  let last: Promise<void> = Promise.resolve();
  let isFailing = false;
  let isDeaf = false;
  const failed = (): Error | null => {
    const error = isFailing ? new Error("the disk is full") : null;
    isFailing = false;
    return error;
  };
  const database = {
    createObjectStore: (name: string, { keyPath }: { keyPath: string | string[] }) =>
      stores.set(name, { keys: [keyPath].flat(), rows: new Map() }),
    transaction: (_names: unknown, mode?: string) => {
      const made = new FakeTransaction(stores, mode === "readwrite" ? failed : () => null);
      if (!isDeaf) last = last.then(() => made.run());
      return made;
    },
  };
  const open = (): Asked => {
    const asked = new Asked();
    asked.result = database;
    setTimeout(() => {
      if (stores.size === 0) asked.onupgradeneeded?.();
      asked.onsuccess?.();
    });
    return asked;
  };
  vi.stubGlobal("indexedDB", { open });
  vi.stubGlobal("IDBKeyRange", { bound: (low: Key[], high: Key[]): Range => ({ low, high }) });
  return { failNext: () => (isFailing = true), setDeaf: (deaf) => (isDeaf = deaf) };
}
