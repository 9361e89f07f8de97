import { filled, say } from "./words.ts";

/** What an author wrote that cannot be shown: said once, with what to do about it. */
export interface Problem {
  what: string;
  hint: string;
  /** Where in the view's options, such as `encoding.x.field`. */
  path: string;
  /** The name in it that there is none of. */
  name?: string;
}

/** A text in two languages: in English for authors, and in the site's language for readers, who are told of filters. */
export interface Told {
  readonly english: string;
  readonly said: string;
}

type Part = string | number | Told;

/** A text for both, with values put in as `say` does. */
export function told(text: string, values: Readonly<Record<string, Part>> = {}): Told {
  const parts = Object.entries(values);
  const english = Object.fromEntries(parts.map(([name, part]) => [name, inEnglish(part)]));
  const said = Object.fromEntries(parts.map(([name, part]) => [name, inWords(part)]));
  return { english: filled(text, english), said: say(text, said) };
}

/** A hint that shows how it is written. */
export function suchAs(example: string): Told {
  return told("such as {example}", { example });
}

/** What is wrong with a call of fewer arguments than a function takes. */
export function tooFew(name: string, least: number): Told {
  return least === 1
    ? told("{name}() needs 1 argument", { name })
    : told("{name}() needs {least} arguments", { name, least });
}

/** What is wrong with a call of more arguments than a function takes. */
export function tooMany(name: string, most: number): Told {
  return most > 1
    ? told("{name}() takes {most} arguments", { name, most })
    : told("{name}() takes 1 argument", { name });
}

/** A hint at what to use in the place of something. */
export function instead(example: string): Told {
  return told("use {example}", { example });
}

function inEnglish(part: Part): string {
  return typeof part === "object" ? part.english : String(part);
}

function inWords(part: Part): string {
  return typeof part === "object" ? part.said : String(part);
}

/** What a reader is told of an error. */
export function messageOf(error: unknown): string {
  if (error instanceof ProblemError) return error.said;
  return error instanceof Error ? error.message : String(error);
}

/** Thrown where the first problem makes the rest unreadable; collected by the caller. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Every problem found, where several were; `problem` is the first. */
  readonly problems: readonly Problem[];
  /** The same in the site's language, as far as it is known there. */
  readonly said: string;

  constructor(what: string | Told, hint: string | Told = "", path = "", name?: string) {
    const problem = {
      what: inEnglish(what),
      hint: inEnglish(hint),
      path,
      ...(name === undefined ? {} : { name }),
    };
    super(joined(problem.what, problem.hint));
    this.name = "ProblemError";
    this.problem = problem;
    this.problems = [problem];
    this.said = joined(inWords(what), inWords(hint));
  }

  /** One error of several problems; there must be one. */
  static of(problems: readonly [Problem, ...Problem[]]): ProblemError {
    const [{ what, hint, path }] = problems;
    return Object.assign(new ProblemError(what, hint, path), { problems });
  }
}

function joined(what: string, hint: string): string {
  return hint ? `${what}: ${hint}` : what;
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

/** A hint that offers the nearest known name, or lists what there is; in English, for authors. */
export function nearest(name: string, known: readonly string[]): string {
  return offered(name, known).english;
}

/** The same for readers, too. */
export function offered(name: string, known: readonly string[]): Told {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const short = name.slice(0, 64);
  const ranked = known
    .map((candidate) => ({
      candidate,
      far: distance(short.toLowerCase(), candidate.slice(0, 64).toLowerCase()),
    }))
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  if (best && best.far <= limit) return told('did you mean "{name}"?', { name: best.candidate });
  const listed = [...known].sort().slice(0, LISTED).join(", ");
  const more = known.length > LISTED ? ", …" : "";
  return listed ? told("there are: {names}", { names: listed + more }) : told("");
}
