/** The page's side of the engine: opening it, giving it files, asking it. The engine runs in its worker. */
import type { Engine } from "./engine.ts";
import type { Reply, Task } from "./worker.ts";

export interface EngineAssets {
  /** Absolute URLs; a worker resolves relative ones against itself. */
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

  private constructor(worker: Worker) {
    this.worker = worker;
    worker.addEventListener("message", (event: MessageEvent<Reply>) => this.settle(event.data));
  }

  /** Rejects when the worker or the engine cannot be loaded. */
  static async open(assets: EngineAssets): Promise<Database> {
    const worker = new Worker(assets.worker);
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => reject(new Error(event.message || assets.worker)));
    });
    const database = new Database(worker);
    try {
      await Promise.race([database.start(assets.wasm), broken]);
      return database;
    } catch (error) {
      worker.terminate();
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
    const number = this.tasks++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ number, task }, owned);
    });
  }

  private settle(reply: Reply): void {
    const { resolve, reject } = this.waiting.get(reply.number)!;
    this.waiting.delete(reply.number);
    if ("found" in reply) resolve(reply.found);
    else reject(new Error(reply.error));
  }
}

/** Compiled while it arrives, and while the worker's own script does; servers that call it something else wait for it. */
async function compiled(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded (${response.status})`);
  const isNamed = response.headers.get("content-type")?.startsWith("application/wasm");
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
