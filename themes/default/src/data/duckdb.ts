/** The page's side of one engine: opening it, giving it files, asking it, until it stops. It runs in its worker. */
import { EngineDeath, type Engine } from "./engine.ts";
import { load, startWorker } from "./held.ts";
import type { Reply, Task } from "./worker.ts";

export interface EngineAssets {
  worker: string;
  wasm: string;
}

interface Waiting {
  resolve: (found: Uint8Array[]) => void;
  reject: (error: Error) => void;
}

export class Database implements Engine {
  readonly isOwn = true;
  private readonly worker: Worker;
  /** Tasks under way, by their number. */
  private readonly waiting = new Map<number, Waiting>();
  private tasks = 0;
  /** Why it stopped. */
  private reason: string | null = null;

  private constructor(worker: Worker) {
    this.worker = worker;
    worker.addEventListener("message", (event: MessageEvent<Reply>) => this.settle(event.data));
    worker.addEventListener("error", (event) => this.stop(event.message || "its worker stopped"));
  }

  /** Rejects when the worker or the engine cannot be loaded. */
  static async open(assets: EngineAssets): Promise<Database> {
    const database = new Database(await startWorker(assets.worker));
    try {
      await database.start(assets.wasm);
      return database;
    } catch (error) {
      database.worker.terminate();
      throw new Error(`the database could not be started: ${(error as Error).message}`, { cause: error });
    }
  }

  private async start(wasm: string): Promise<void> {
    await this.perform({ kind: "open", module: await compiled(wasm) });
  }

  /** Makes a Parquet file readable under a name. The bytes go to the engine and are gone here. */
  async addFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.perform({ kind: "add", name, bytes }, [bytes.buffer as ArrayBuffer]);
  }

  async dropFile(name: string): Promise<void> {
    await this.perform({ kind: "drop", name });
  }

  /** Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. */
  async query(sql: string): Promise<Uint8Array[]> {
    return this.perform({ kind: "ask", sql });
  }

  private perform(task: Task, owned: Transferable[] = []): Promise<Uint8Array[]> {
    if (this.reason !== null) return Promise.reject(new EngineDeath(this.reason, false));
    const number = this.tasks++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ number, task }, owned);
    });
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.number);
    if (!waiting) return;
    if ("error" in reply && reply.isDead) {
      this.stop(reply.error, [reply.number]);
      return;
    }
    this.waiting.delete(reply.number);
    if ("found" in reply) waiting.resolve(reply.found);
    else waiting.reject(new Error(reply.error));
  }

  /** A worker takes one task after the other: where none is named, it was at the oldest. */
  private stop(reason: string, [cause]: Iterable<number> = this.waiting.keys()): void {
    this.reason = reason;
    this.worker.terminate();
    for (const [number, { reject }] of this.waiting) reject(new EngineDeath(reason, number === cause));
    this.waiting.clear();
  }
}

/** Compiled while it arrives, and while the worker's own script does; servers that call it something else wait for it. */
async function compiled(url: string): Promise<WebAssembly.Module> {
  const response = await load(url);
  if (!response.ok) throw new Error(`${url} could not be loaded (${response.status})`);
  const isNamed = response.headers.get("content-type")?.startsWith("application/wasm");
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
