/** What an author wrote that cannot be shown: said once, with what to do about it. */
export interface Problem {
  what: string;
  hint: string;
  /** Where in the view's options, such as `encoding.x.field`. */
  path: string;
}

/** Thrown where the first problem makes the rest unreadable; collected by the caller. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Every problem found, where several were; `problem` is the first. */
  readonly problems: readonly Problem[];

  constructor(what: string, hint = "", path = "") {
    super(hint ? `${what}: ${hint}` : what);
    this.name = "ProblemError";
    this.problem = { what, hint, path };
    this.problems = [this.problem];
  }

  /** One error of several problems; there must be one. */
  static of(problems: readonly [Problem, ...Problem[]]): ProblemError {
    const [{ what, hint, path }] = problems;
    return Object.assign(new ProblemError(what, hint, path), { problems });
  }
}

/** Levenshtein distance, by the two-row dynamic programme. */
export function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
}

/** Names in a hint; more are not read. */
const LISTED = 12;

/** A hint that offers the nearest known name, or lists what there is. */
export function nearest(name: string, known: readonly string[]): string {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const short = name.slice(0, 64);
  const ranked = known
    .map((candidate) => ({
      candidate,
      far: distance(short.toLowerCase(), candidate.slice(0, 64).toLowerCase()),
    }))
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  if (best && best.far <= limit) return `did you mean "${best.candidate}"?`;
  const listed = [...known].sort().slice(0, LISTED).join(", ");
  const more = known.length > LISTED ? ", …" : "";
  return listed ? `there are: ${listed}${more}` : "";
}
