/** A patch: what was decided of labels, as a file that another person, or the command line, takes in. */
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Id } from "../selected.ts";
import { ACTIONS, type Action, type Decision, type Decisions } from "./journal.ts";
import { say } from "../words.ts";

const FORMAT = "label patch";
const VERSION = 1;

/** What a patch is of. */
export interface Origin {
  /** `<artifact>/<table>` that the page shows. */
  table: string;
}

/** One line of a patch, in the order of its columns. */
interface Entry {
  id: Id;
  old: string | null;
  new: string | null;
  action: string;
  who: string;
  when: string;
  why: string;
}

function entriesOf(decisions: Iterable<Decision>): Entry[] {
  return [...decisions].map(({ id, old, label, action, who, when, why }) => ({
    id,
    old,
    new: label,
    action,
    who,
    when,
    why,
  }));
}

export function asJson(decisions: Decisions, { table }: Origin): string {
  const written = { format: FORMAT, version: VERSION, table, entries: entriesOf(decisions.values()) };
  return `${JSON.stringify(written, null, 1)}\n`;
}

export function asParquet(decisions: Decisions, { table }: Origin): ArrayBuffer {
  const entries = entriesOf(decisions.values());
  const texts = (name: "old" | "new" | "action" | "who" | "when" | "why"): object => ({
    name,
    data: entries.map((entry) => entry[name]),
    type: "STRING",
  });
  return parquetWriteBuffer({
    columnData: [
      idColumn(entries.map(({ id }) => id)),
      ...(["old", "new", "action", "who", "when", "why"] as const).map(texts),
    ] as Parameters<typeof parquetWriteBuffer>[0]["columnData"],
    kvMetadata: [
      { key: "format", value: FORMAT },
      { key: "version", value: String(VERSION) },
      { key: "table", value: table },
    ],
  });
}

function idColumn(ids: readonly Id[]): object {
  if (ids.some((id) => typeof id === "string")) return { name: "id", data: ids.map(String), type: "STRING" };
  return { name: "id", data: ids.map((id) => BigInt(id)), type: "INT64" };
}

/** A file that is no patch, with what is wrong with it. */
export class PatchError extends Error {}

/** What a file says: of which table, "" where it does not say it, and what was decided. */
export interface Patch extends Origin {
  decisions: readonly Decision[];
}

interface Read extends Origin {
  entries: readonly unknown[];
}

/** The patch in a file of either kind; the first four bytes tell which. Throws `PatchError`. */
export async function readPatch(bytes: ArrayBuffer): Promise<Patch> {
  const start = new TextDecoder().decode(bytes.slice(0, 4));
  const read = start === "PAR1" ? await fromParquet(bytes) : fromJson(new TextDecoder().decode(bytes));
  return { table: read.table, decisions: read.entries.map(decisionOf) };
}

async function fromParquet(bytes: ArrayBuffer): Promise<Read> {
  try {
    const told = parquetMetadata(bytes).key_value_metadata ?? [];
    const table = told.find(({ key }) => key === "table")?.value ?? "";
    return { table, entries: await parquetReadObjects({ file: bytes }) };
  } catch (error) {
    throw new PatchError(say("the Parquet file cannot be read: {why}", { why: (error as Error).message }));
  }
}

function fromJson(text: string): Read {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new PatchError(say("the file is neither JSON nor Parquet"));
  }
  const { format, version, table, entries } = (read ?? {}) as Record<string, unknown>;
  if (format !== FORMAT || !Array.isArray(entries))
    throw new PatchError(say("the file is JSON, but no patch of labels"));
  if (version !== VERSION)
    throw new PatchError(
      say("the patch has version {version}, not {known}", { version: String(version), known: VERSION }),
    );
  return { table: typeof table === "string" ? table : "", entries };
}

function decisionOf(entry: unknown, index: number): Decision {
  const { id, old, new: label, action, who, when, why } = (entry ?? {}) as Record<string, unknown>;
  const said = typeof id === "bigint" ? Number(id) : id;
  const isText = (value: unknown): value is string | null | undefined =>
    value === null || value === undefined || typeof value === "string";
  const isWhole =
    (typeof said === "string" || Number.isSafeInteger(said)) &&
    ACTIONS.includes(action as Action) &&
    [old, label, who, when, why].every(isText);
  if (!isWhole)
    throw new PatchError(
      say("entry {n} lacks a column, or holds something else than it should", { n: index + 1 }),
    );
  const texts = [who, when, why] as (string | null | undefined)[];
  const [by, at, reason] = texts.map((text) => text ?? "") as [string, string, string];
  const kept = { rank: null, prediction: null };
  return {
    ...{ id: said as Id, action: action as Decision["action"], ...kept },
    ...{ old: (old as string | null) ?? null, label: (label as string | null) ?? null },
    ...{ who: by, when: at, why: reason },
  };
}

/** One sample of which two people decided differently; what is here may have been taken back since. */
export interface Conflict {
  mine: Decision | null;
  theirs: Decision;
}

const agrees = (own: Decision, their: Decision): boolean =>
  own.action === their.action && own.label === their.label;

/** Those of other people's decisions that are not what is decided here. */
export function disputed(mine: Decisions, open: readonly Decision[]): Conflict[] {
  const pairs = open.map((theirs) => ({ mine: mine.get(theirs.id) ?? null, theirs }));
  return pairs.filter((pair) => !pair.mine || !agrees(pair.mine, pair.theirs));
}

export interface Merged {
  /** Theirs that can be taken on as they are. */
  fresh: readonly Decision[];
  /** Those that say the same. */
  same: number;
  conflicts: readonly Conflict[];
}

/** What another person's patch adds to what is here, and where the two disagree. */
export function merge(mine: Decisions, theirs: readonly Decision[]): Merged {
  const fresh: Decision[] = [];
  const conflicts: Conflict[] = [];
  let same = 0;
  for (const their of theirs) {
    const own = mine.get(their.id);
    if (!own) fresh.push(their);
    else if (agrees(own, their)) same++;
    else conflicts.push({ mine: own, theirs: their });
  }
  return { fresh, same, conflicts };
}
