/** What a reader changes in a view of duplicates, read from links that may say anything. */
import { isId, type Id } from "../../src/selected.ts";
import { countIn } from "../../src/written.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";

export interface DuplicatesState {
  /** The kind of group that is shown; null for the view's own choice. */
  kind: string | null;
  /** The rule whose line is used; null for the one that the groups were made by. */
  rule: string | null;
  /** A line that was drawn by hand; null for the rule's. */
  line: number | null;
  /** Whether pairs count that are no nearer than is usual around them. */
  isLoose: boolean;
  /** Groups that are shown; null for as many as at first. */
  groups: number | null;
  /** Groups that show all of their members, by the id of their first. */
  opened: readonly Id[];
  /** Members that are selected. */
  ids: readonly Id[];
  /** Two members whose pixels are compared. */
  compare: readonly [Id, Id] | null;
}

/** Beyond any table; a link may say any number. */
const MOST = 1e6;

export function readState({ card, kinds }: Options, written: ViewState): DuplicatesState {
  const { kind, rule, line, loose, groups, opened, ids, compare } = written;
  const listed = (value: unknown): Id[] =>
    Array.isArray(value) ? value.filter((each) => isId(card.id, each)) : [];
  const pair = listed(compare);
  return {
    kind: kinds.some(({ name }) => name === kind) ? (kind as string) : null,
    rule: typeof rule === "string" ? rule.slice(0, 40) : null,
    line: typeof line === "number" && Number.isFinite(line) && line >= 0 ? line : null,
    isLoose: loose === true,
    groups: countIn(groups, MOST),
    opened: listed(opened),
    ids: listed(ids),
    compare: pair.length === 2 && pair[0] !== pair[1] ? [pair[0]!, pair[1]!] : null,
  };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(state: DuplicatesState): ViewState {
  const { kind, rule, line, isLoose, groups, opened, ids, compare } = state;
  return {
    ...(kind === null ? {} : { kind }),
    ...(rule === null ? {} : { rule }),
    ...(line === null ? {} : { line }),
    ...(isLoose ? { loose: true } : {}),
    ...(groups === null ? {} : { groups }),
    ...(opened.length ? { opened } : {}),
    ...(ids.length ? { ids } : {}),
    ...(compare ? { compare } : {}),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  const kept = writeState(readState(options, written));
  return inOrderOf(written, kept);
}
