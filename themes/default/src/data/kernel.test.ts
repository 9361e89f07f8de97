import { expect, test, vi } from "vitest";
import { PageCoordinator } from "./connector.ts";
import { Kernel, type Channel, type KernelMessage, type Listener } from "./kernel.ts";

type Sent = Readonly<Record<string, unknown>>;

/** A kernel that answers when the test says so. */
class Line implements Channel {
  readonly name: string = "report";
  readonly sent: Sent[] = [];
  private readonly listeners: Listener[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly leaves: (() => void)[] = [];

  send = (content: Sent): void => void this.sent.push(content);
  listening = (): number => this.listeners.length;
  listen = (listener: Listener): void => void this.listeners.push(listener);
  closed = (callback: () => void): void => void this.ends.push(callback);
  leaving = (callback: () => void): void => void this.leaves.push(callback);

  /** The window closes. */
  close(): void {
    for (const callback of this.leaves) callback();
  }

  answer(content: Partial<KernelMessage>, ...buffers: Uint8Array[]): void {
    for (const listener of this.listeners) listener({ kind: "answer", ...content } as KernelMessage, buffers);
  }

  /** The kernel goes. */
  cut(): void {
    for (const callback of this.ends) callback();
  }

  end(): void {
    this.listeners.length = 0;
  }
}

function opened(): { line: Line; kernel: Kernel } {
  const line = new Line();
  return { line, kernel: new Kernel(line) };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test("answers find their questions in whatever order they come", async () => {
  const { line, kernel } = opened();
  const engine = kernel.engine(3);
  const found = [engine.query("SELECT 1"), engine.query("SELECT 2")];
  const [first, second] = line.sent;
  expect(first).toMatchObject({ kind: "query", sql: "SELECT 1", generation: 3 });
  line.answer(second!, bytes(2));
  line.answer(first!, bytes(1));
  expect(await Promise.all(found)).toEqual([[bytes(1)], [bytes(2)]]);
});

test("what the kernel refuses rejects with its reason", async () => {
  const { line, kernel } = opened();
  const found = kernel.engine(1).query("COPY data TO 'x'");
  line.answer({ ...line.sent[0]!, problem: "the query is no SELECT" });
  await expect(found).rejects.toThrow("the query is no SELECT");
});

test("answers to another document's questions are left to it", async () => {
  const line = new Line();
  const [mine, other] = [new Kernel(line), new Kernel(line)];
  const found = [mine.ask("bundle"), other.ask("bundle")];
  line.answer(line.sent[1]!, bytes(2));
  line.answer(line.sent[0]!, bytes(1));
  expect(await Promise.all(found)).toEqual([[bytes(1)], [bytes(2)]]);
});

test("a kernel that is gone leaves no question open, and takes no other", async () => {
  const { line, kernel } = opened();
  const found = kernel.ask("bundle");
  line.cut();
  await expect(found).rejects.toThrow("the kernel is gone");
  await expect(kernel.ask("bundle")).rejects.toThrow("the kernel is gone");
  expect(line.sent).toHaveLength(1);
});

test("nobody waits for a table to be made, and who reads it hears why it was not", async () => {
  const { line, kernel } = opened();
  const engine = kernel.engine(1);
  expect(await engine.query("CREATE TABLE IF NOT EXISTS mosaic.a AS SELECT 1")).toEqual([]);
  const found = engine.query("SELECT * FROM mosaic.a");
  line.answer({ ...line.sent[0]!, problem: "out of memory" });
  line.answer({ ...line.sent[1]!, problem: "mosaic.a does not exist" });
  await expect(found).rejects.toThrow("out of memory");
});

test("what could not be made once is no reason any more when it was made, and never of other questions", async () => {
  const { line, kernel } = opened();
  const engine = kernel.engine(1);
  const say = (content: Partial<KernelMessage>): void => line.answer({ ...line.sent.at(-1)!, ...content });
  await engine.query("CREATE TEMP TABLE IF NOT EXISTS mosaic.a AS SELECT 1");
  say({ problem: "out of memory" });
  const other = engine.query("SELECT * FROM mosaic.b");
  say({ problem: "the query took too long" });
  await expect(other).rejects.toThrow("the query took too long");
  const reader = engine.query("SELECT * FROM mosaic.a");
  say({ problem: "mosaic.a does not exist" });
  await expect(reader).rejects.toThrow("out of memory");
  await engine.query("CREATE TEMP TABLE IF NOT EXISTS mosaic.a AS SELECT 1");
  say({});
  const again = engine.query("SELECT * FROM mosaic.a");
  say({ problem: "the query took too long" });
  await expect(again).rejects.toThrow("the query took too long");
});

test.each([
  ['CREATE TABLE "my ""own"" data" AS SELECT 1', 'SELECT * FROM "my ""own"" data"'],
  ["CREATE OR REPLACE TEMP MACRO of_page(a, b) AS 'a + b'", "SELECT of_page(1, 2)"],
  ["CREATE TABLE second AS SELECT * FROM mosaic.first", "SELECT * FROM second"],
])("why %s failed is said to who reads it", async (made, read) => {
  const { line, kernel } = opened();
  const engine = kernel.engine(1);
  await engine.query("CREATE TABLE mosaic.first AS SELECT 1");
  line.answer({ ...line.sent[0]!, problem: "out of memory" });
  await engine.query(made);
  line.answer({
    ...line.sent[1]!,
    problem: made.includes("first") ? "mosaic.first is missing" : "out of memory",
  });
  const found = engine.query(read);
  line.answer({ ...line.sent[2]!, problem: "there is no such name" });
  await expect(found).rejects.toThrow("out of memory");
});

test("the coordinator's statements go to the kernel, and its reason comes back", async () => {
  const { line, kernel } = opened();
  const found = new PageCoordinator(Promise.resolve(kernel.engine(1))).query("SELECT broken");
  await expect.poll(() => line.sent).toHaveLength(1);
  expect(line.sent[0]).toMatchObject({ kind: "query", sql: "SELECT broken" });
  line.answer({ ...line.sent[0]!, problem: "no such column" });
  await expect(found).rejects.toThrow("no such column");
});

test("what the kernel gave up of a document that it took for gone is made again", async () => {
  const { line, kernel } = opened();
  const engine = kernel.engine(1);
  const makes = "CREATE OR REPLACE TEMP TABLE mosaic.a AS SELECT 1";
  await engine.query(makes);
  line.answer(line.sent[0]!);
  const found = engine.query("SELECT * FROM mosaic.a");
  line.answer({ ...line.sent[1]!, problem: "Catalog Error: Table with name a does not exist!" });
  await expect.poll(() => line.sent).toHaveLength(4);
  expect(line.sent.slice(2).map(({ sql }) => sql)).toEqual([makes, "SELECT * FROM mosaic.a"]);
  line.answer(line.sent[2]!);
  line.answer(line.sent[3]!, bytes(1));
  expect(await found).toEqual([bytes(1)]);
});

test("an open document says that it is there twice a minute, once it has asked for itself, until it leaves", () => {
  vi.useFakeTimers();
  try {
    const { line, kernel } = opened();
    void kernel.ask("bundle").catch(() => undefined);
    vi.advanceTimersByTime(60_000);
    void kernel.ask("sheet").catch(() => undefined);
    vi.advanceTimersByTime(60_000);
    const { reader } = line.sent[0]!;
    expect(line.sent.map(({ kind }) => kind)).toEqual(["bundle", "sheet", "here", "here"]);
    expect(line.sent.at(-1)).toMatchObject({ reader });
    kernel.leave();
    vi.advanceTimersByTime(60_000);
    expect(line.sent.at(-1)).toMatchObject({ kind: "leave", reader });
  } finally {
    vi.useRealTimers();
  }
});

test("a cut connection keeps a document from saying that it is there, and breaks nothing", () => {
  vi.useFakeTimers();
  try {
    const { line, kernel } = opened();
    void kernel.ask("sheet");
    const { send } = line;
    line.send = () => {
      throw new Error("disposed");
    };
    vi.advanceTimersByTime(30_000);
    line.send = send;
    vi.advanceTimersByTime(30_000);
    expect(line.sent.map(({ kind }) => kind)).toEqual(["sheet", "here"]);
  } finally {
    vi.useRealTimers();
  }
});

test("who leaves says so once, and is called no more", async () => {
  const { line, kernel } = opened();
  const found = kernel.ask("bundle");
  const listening = line.listening();
  kernel.leave();
  await expect(found).rejects.toThrow("the kernel is gone");
  expect(line.sent.at(-1)).toMatchObject({ kind: "leave", reader: line.sent[0]!["reader"] });
  expect([listening, line.listening()]).toEqual([1, 0]);
  kernel.leave();
  expect(line.sent).toHaveLength(2);
});

test("who cannot say that it leaves has it said by the next one to ask, once", () => {
  const { line, kernel } = opened();
  void kernel.ask("sheet").catch(() => undefined);
  line.send = () => {
    throw new Error("disposed");
  };
  kernel.leave();
  expect(line.listening()).toBe(0);
  const next = opened();
  void next.kernel.ask("bundle");
  void next.kernel.ask("sheet");
  void next.kernel.ask("sheet");
  expect(next.line.sent.map(({ kind }) => kind)).toEqual(["bundle", "sheet", "leave", "sheet"]);
  expect(next.line.sent[2]).toMatchObject({ reader: line.sent[0]!["reader"] });
});

test("a window that closes tells the kernel to give back what it has for its document", () => {
  const { line, kernel } = opened();
  void kernel.engine(1).query("SELECT 1");
  line.close();
  const { reader } = line.sent[0]!;
  expect(line.sent.at(-1)).toMatchObject({ kind: "leave", reader });
});
