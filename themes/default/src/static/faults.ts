/**
 * Everything that is wrong with a block at once. A view reads its options until it throws, so what it throws of is
 * mended as its author may have meant it, and the view asked again, until nothing new is wrong. What follows from a
 * mending alone is no fault of the author's, and is never said.
 */
import { distance, nearest, ProblemError, type Problem } from "../problem.ts";
import type { Context, View } from "../view.ts";

/** Readings of one block at most: a block may hold thousands of faults. */
const MOST_READINGS = 200;

/** Columns tried in the place of one that is not there, where the view cannot do without. */
const MOST_COLUMNS = 24;

type Written = Readonly<Record<string, unknown>>;
type Path = readonly string[];

/** Options with one fault mended. */
interface Mended {
  options: Written;
  /** What was put in the place of a wrong name or key; what is wrong with that, the author did not write. */
  guess?: string;
  /** Whether all of what is at the problem's path was guessed or left out. */
  isWhole?: boolean;
  /** A key that was put right, and how it is written. */
  key?: readonly [string, string];
  /** Whether an option was put in that the view needs: others that it needs are missing, too. */
  isAdded?: boolean;
}

/** The problems of a block whose reading ended at `first`, and all others that can be told. */
export function allFaults(view: View<unknown>, context: Context, first: readonly Problem[]): Problem[] {
  return new Reading(view, context).all(first);
}

class Reading {
  private options: Written;
  private left = MOST_READINGS;
  /** Paths of which nothing is left as it was written. */
  private readonly lost = new Set<string>();
  /** Keys that were put right, and how they are written. */
  private readonly keys = new Map<string, string>();
  private readonly said = new Set<string>();

  constructor(
    private readonly view: View<unknown>,
    private readonly context: Context,
  ) {
    this.options = context.request.options;
  }

  all(first: readonly Problem[]): Problem[] {
    const found: Problem[] = [];
    for (let open = first; open.length; open = this.beyond(open)) {
      found.push(...open.map((problem) => this.asWritten(problem)));
      open.forEach((problem) => this.said.add(keyOf(problem)));
    }
    return found;
  }

  /** What is wrong once some problems are mended; nothing where one cannot be, or where all is told. */
  private beyond(problems: readonly Problem[]): readonly Problem[] {
    let open: readonly Problem[] = problems;
    for (const problem of problems) {
      if (!open.some((each) => keyOf(each) === keyOf(problem))) continue;
      const next = this.without(problem);
      if (!next) return [];
      open = next;
    }
    return open.filter((problem) => !this.said.has(keyOf(problem)));
  }

  /** What is wrong without one problem, which is mended from here on; null where no mending helps. */
  private without(problem: Problem): readonly Problem[] | null {
    const path = this.pathOf(problem);
    for (const mended of this.mendings(problem, path)) {
      const found = this.left-- > 0 ? this.read(mended.options) : null;
      if (!found?.every((each) => this.isNews(each, problem, mended, path))) continue;
      this.options = mended.options;
      if (mended.isWhole) this.lost.add(path.join("."));
      if (mended.key) this.keys.set(...mended.key);
      return found;
    }
    return null;
  }

  /** Whether something is wrong with what the author wrote, and not with a mending. */
  private isNews(found: Problem, problem: Problem, mended: Mended, path: Path): boolean {
    const { guess } = mended;
    if (keyOf(found) === keyOf(problem)) return false;
    if (this.said.has(keyOf(found))) return true;
    if (guess !== undefined && found.what.includes(`"${guess}"`)) return false;
    const at = this.pathOf(found);
    return (mended.isAdded && this.isMissing(at)) || this.isWritten(at, mended, path);
  }

  /** Whether the author's own value stands there, which neither this mending nor an earlier one took away. */
  private isWritten(at: Path, { options, isWhole }: Mended, path: Path): boolean {
    const isThere = at.length > 0 && at.length === existing(options, at).length;
    const isLost = this.lost.has(at.join(".")) || (isWhole === true && at.join(".") === path.join("."));
    return isThere && !isLost;
  }

  private read(options: Written): readonly Problem[] | null {
    try {
      this.view.parse({ ...this.context, request: { ...this.context.request, options } });
      return [];
    } catch (error) {
      // Whatever else a view throws, it throws at a guess: that is not what its author meant.
      return error instanceof ProblemError ? error.problems : null;
    }
  }

  /** The ways to mend a problem, those first that keep most of what is written. */
  private *mendings(problem: Problem, path: Path): Iterable<Mended> {
    const there = existing(this.options, path);
    if (this.isMissing(path)) yield* this.added(path[0]!);
    if (!there.length || there.length < path.length) return;
    yield* this.renamed(path);
    const { name } = problem;
    const others = name === undefined ? [] : this.columnsLike(name);
    const instead = (column: string): Mended => ({
      options: changed(this.options, path, (value) => exchanged(value, name!, column)),
      guess: column,
      isWhole: valueAt(this.options, path) === name,
    });
    if (others[0] !== undefined) yield instead(others[0]);
    const parts = Object.keys(partsOf(valueAt(this.options, path)));
    // Without its only part it would be empty, which is another fault.
    if (parts.length > 1) for (const part of parts) yield { options: removed(this.options, [...path, part]) };
    for (let depth = path.length; depth > 0; depth--)
      yield { options: removed(this.options, path.slice(0, depth)), isWhole: true };
    yield* others.slice(1, MOST_COLUMNS).map(instead);
  }

  /** An option that the view does not have, as the nearest one that it has and that is not written. */
  private *renamed(path: Path): Iterable<Mended> {
    const [key] = path;
    const known = Object.keys(this.view.options);
    if (path.length !== 1 || !known.length || known.includes(key!)) return;
    const free = known.filter((each) => !(each in this.options));
    const meant = free.find((each) => nearest(key!, free).includes(`"${each}"`));
    if (meant === undefined) return;
    const { [key!]: value, ...rest } = this.options;
    yield { options: { ...rest, [meant]: value }, key: [meant, key!] };
  }

  /** Whether a path is that of an option that the view has and that is not written. */
  private isMissing(path: Path): boolean {
    return path.length === 1 && path[0]! in this.view.options && !(path[0]! in this.options);
  }

  /** An option that is missing, with each column as its value, and as the only one of a list. */
  private *added(key: string): Iterable<Mended> {
    for (const column of this.columnsLike(key).slice(0, MOST_COLUMNS))
      for (const value of [column, [column]])
        yield { options: { ...this.options, [key]: value }, guess: column, isWhole: true, isAdded: true };
  }

  private columnsLike(name: string): string[] {
    const far = (column: string): number => distance(name.slice(0, 64), column.slice(0, 64));
    return this.context.table.columns
      .map((column) => column.name)
      .map((column) => [far(column), column] as const)
      .sort(([one], [other]) => one - other)
      .map(([, column]) => column);
  }

  /** Where a problem is in the options; a spec's paths begin in the spec. */
  private pathOf({ path }: Problem): Path {
    if (!path) return [];
    const parts = path.split(".");
    return this.view.name === "vega-lite" ? ["spec", ...parts] : parts;
  }

  private asWritten(problem: Problem): Problem {
    const [key, ...rest] = problem.path.split(".");
    const written = this.keys.get(key!);
    return written === undefined ? problem : { ...problem, path: [written, ...rest].join(".") };
  }
}

function keyOf({ what, path }: Problem): string {
  return `${path}\n${what}`;
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, key) => partsOf(inside)[key], value);
}

/** As much of a path as there is. */
function existing(value: unknown, path: Path): Path {
  const [key, ...rest] = path;
  return key === undefined || !Object.hasOwn(partsOf(value), key)
    ? []
    : [key, ...existing(partsOf(value)[key], rest)];
}

function changed(options: Written, [key, ...rest]: Path, change: (value: unknown) => unknown): Written {
  const value = options[key!];
  const inside = rest.length ? changed(partsOf(value), rest, change) : change(value);
  return copyWith(options, { ...options, [key!]: inside });
}

function removed(options: Written, [key, ...rest]: Path): Written {
  if (rest.length) return copyWith(options, { ...options, [key!]: removed(partsOf(options[key!]), rest) });
  return copyWith(options, Object.fromEntries(Object.entries(options).filter(([each]) => each !== key)));
}

/** The parts as a list where they are of one. */
function copyWith(was: unknown, parts: Written): Written {
  return Array.isArray(was) ? (Object.values(parts) as unknown as Written) : parts;
}

/** A value with a name in the place of another, at any depth. */
function exchanged(value: unknown, name: string, other: string): unknown {
  if (value === name) return other;
  if (Array.isArray(value)) return value.map((each) => exchanged(each, name, other));
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, each]) => [
          key === name ? other : key,
          exchanged(each, name, other),
        ]),
      )
    : value;
}
