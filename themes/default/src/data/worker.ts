/**
 * The engine's worker: the only module of the page that knows DuckDB-WASM (1.28.0, `eh`). A message is a task, and each
 * task is answered by one message; a newer engine is a change of this file and of `ask` alone.
 */
import { BROWSER_RUNTIME, createDuckDB, VoidLogger, type DuckDBBindings } from "@duckdb/duckdb-wasm/blocking";
import { ask, isDeadly } from "./ask.ts";

/** What the page may ask for; the first task is `open`. */
export type Task =
  | { kind: "open"; module: WebAssembly.Module }
  | { kind: "add"; name: string; bytes: Uint8Array }
  | { kind: "drop"; name: string }
  | { kind: "ask"; sql: string };

/** The task's number comes back with what it found, Arrow IPC messages, or with why it failed and whether it all did. */
export type Reply = { number: number } & ({ found: Uint8Array[] } | { error: string; isDead: boolean });

/** The engine and its connection: a worker does one task at a time, so one is enough. */
interface Engine {
  bindings: DuckDBBindings;
  connection: number;
}

const page = globalThis as unknown as Pick<Worker, "postMessage" | "addEventListener">;
let engine: Promise<Engine>;

async function open(module: WebAssembly.Module): Promise<Engine> {
  const bundle = { mainModule: "", mainWorker: "" };
  const bindings = await createDuckDB({ mvp: bundle, eh: bundle }, new VoidLogger(), BROWSER_RUNTIME);
  const misfit = instantiated(bindings, module);
  await Promise.race([bindings.instantiate(() => undefined), misfit]);
  bindings.open({ query: { castBigIntToDouble: true } });
  return { bindings, connection: bindings.connect().useUnsafe((_, connection) => connection) };
}

/**
 * Gives the engine the module that the page compiled while this script was loading, in place of its own loader. Rejects
 * when the module does not fit; when it does, the engine says so, and this promise stays open.
 */
async function instantiated(bindings: DuckDBBindings, module: WebAssembly.Module): Promise<never> {
  return new Promise((_, reject) => {
    const instantiateWasm = (imports: WebAssembly.Imports, succeed: Succeed): object => {
      Object.assign(globalThis, { DUCKDB_RUNTIME: BROWSER_RUNTIME });
      WebAssembly.instantiate(module, imports).then((instance) => succeed(instance, module), reject);
      return {};
    };
    Object.assign(bindings, { instantiateWasm });
  });
}

type Succeed = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

async function perform(task: Task): Promise<Uint8Array[]> {
  if (task.kind === "open") engine = open(task.module);
  const { bindings, connection } = await engine;
  if (task.kind === "ask") return ask(bindings, connection, task.sql);
  if (task.kind === "add") bindings.registerFileBuffer(task.name, task.bytes);
  if (task.kind === "drop") bindings.dropFile(task.name);
  return [];
}

page.addEventListener("message", (event: MessageEvent<{ number: number; task: Task }>) => {
  const { number, task } = event.data;
  const reply = (answer: Reply, owned: ArrayBufferLike[]): void =>
    page.postMessage(answer, owned as ArrayBuffer[]);
  perform(task).then(
    (found) =>
      reply(
        { number, found },
        found.map((message) => message.buffer),
      ),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      reply({ number, error: reason, isDead: isDeadly(error) }, []);
    },
  );
});
