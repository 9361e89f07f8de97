/** The engine of a notebook: the kernel's own DuckDB, asked over the channel of the report's widget. */
import { say } from "../words.ts";
import type { Engine } from "./engine.ts";
import { madeBy, remaking } from "./made.ts";
import { newReader } from "./reader.ts";

/** Content of a message, and what comes along as bytes. */
export type Listener = (content: KernelMessage, buffers: readonly Uint8Array[]) => void;

/** What the kernel says: an answer to a numbered question, or why there is none. */
export interface KernelMessage {
  kind: string;
  number?: number;
  problem?: string;
}

export interface Channel {
  /** Of the report in the kernel; a notebook that is opened again has another channel of this name. */
  readonly name: string;
  send(content: Readonly<Record<string, unknown>>): void;
  listen(listener: Listener): void;
  /** Calls back when the kernel is gone. */
  closed(callback: () => void): void;
  /** Calls back when the document is about to go, with its window. */
  leaving(callback: () => void): void;
  /** Calls nobody back any more. */
  end(): void;
}

interface Waiting {
  resolve: (found: Uint8Array[]) => void;
  reject: (error: Error) => void;
}

/** Why nothing is answered any more. */
const gone = (): Error => new Error(say("the kernel is gone: run the cell again"));

/**
 * Readers of this document that could not say that they leave, by their channels' names: a notebook that is closed cuts
 * the connection first. The next one to ask says it for them.
 */
const UNSAID = new Map<string, string[]>();

/** Asked before there is a reader. */
export const BUNDLE = "bundle";

/** How often an open document says that it is there, in ms; a browser makes it once a minute in the background. */
const HERE = 30_000;

/** Questions to the kernel, each with its number; answers may come in any order. */
export class Kernel {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private isGone = false;
  /** Says time and again that this document is there: a window that crashes cannot say that it leaves. */
  private beat: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly channel: Channel) {
    channel.listen((content, buffers) => this.settle(content, buffers));
    channel.closed(() => this.end());
    channel.leaving(() => this.sayLeave());
  }

  /** Resolves with what the kernel answers; rejects with its reason when it refuses, or is gone. */
  ask(kind: string, question: Readonly<Record<string, unknown>> = {}): Promise<Uint8Array[]> {
    if (this.isGone) return Promise.reject(gone());
    const number = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.channel.send({ ...question, kind, number, reader: this.reader });
      if (kind === BUNDLE) return;
      this.beat ??= setInterval(() => this.sayHere(), HERE);
      this.takeLeaveOfOthers();
    });
  }

  private sayHere(): void {
    try {
      this.tell("here", this.reader);
    } catch {
      // The connection is cut for now: the kernel waits for longer than that lasts.
    }
  }

  private tell(kind: string, reader: string): void {
    this.channel.send({ kind, number: this.asked++, reader });
  }

  private takeLeaveOfOthers(): void {
    const { name } = this.channel;
    for (const reader of UNSAID.get(name) ?? []) this.tell("leave", reader);
    UNSAID.delete(name);
  }

  /** Of this document: several may show one report, and each has temporary tables of its own. */
  private readonly reader = newReader();

  /** The engine of one state of the report's tables; a later view may add to them. */
  engine(generation: number): Engine {
    const problems = new Map<string, string>();
    const ask = (sql: string): Promise<Uint8Array[]> => this.ask("query", { sql, generation });
    /** What went wrong with that which a statement reads, else what the kernel says of the statement. */
    const reason = (sql: string, { message }: Error, own = ""): string =>
      [...problems].find(([name]) => name !== own && sql.includes(name))?.[1] ?? message;
    const make = (sql: string, name: string): void => {
      ask(sql).then(
        () => problems.delete(name),
        (error: Error) => problems.set(name, reason(sql, error, name)),
      );
    };
    const query = async (sql: string): Promise<Uint8Array[]> => {
      const made = madeBy(sql);
      // The kernel takes a document's statements in their order: nobody waits for these on the long way there and back.
      if (made) {
        make(sql, made.name);
        return [];
      }
      return ask(sql).catch((error: Error) => Promise.reject(new Error(reason(sql, error))));
    };
    return { query: remaking(query) };
  }

  private settle(
    { number, reader, problem }: KernelMessage & { reader?: string },
    bytes: readonly Uint8Array[],
  ): void {
    const waiting = reader === this.reader && number !== undefined ? this.waiting.get(number) : undefined;
    if (!waiting) return;
    this.waiting.delete(number!);
    if (problem === undefined) waiting.resolve([...bytes]);
    else waiting.reject(new Error(problem));
  }

  /** Asks no more, and tells the kernel to give back what it has for this document. */
  leave(): void {
    this.sayLeave();
    this.end();
  }

  private sayLeave(): void {
    try {
      if (!this.isGone) this.tell("leave", this.reader);
    } catch {
      const { name } = this.channel;
      UNSAID.set(name, [...(UNSAID.get(name) ?? []), this.reader]);
    }
  }

  /** Asks no more. */
  end(): void {
    this.channel.end();
    clearInterval(this.beat);
    this.isGone = true;
    for (const { reject } of this.waiting.values()) reject(gone());
    this.waiting.clear();
  }
}
