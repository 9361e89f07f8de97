/** Reading what an author wrote in a block: wrong names and wrong kinds of values are refused where they stand. */
import { nearest, ProblemError } from "./problem.ts";

type Written = Readonly<Record<string, unknown>>;

/** Refuses the options that the view does not have, all of them at once. */
export function checkNames(view: string, written: Written, known: readonly string[]): void {
  const [first, ...rest] = Object.keys(written)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      what: `the view "${view}" has no option "${key}"`,
      hint: nearest(key, known) || "it has no options",
      path: key,
    }));
  if (first) throw ProblemError.of([first, ...rest]);
}

/** A list of texts; null where it is not written. */
export function readTexts(written: Written, name: string): string[] | null {
  const value = written[name];
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => typeof each === "string"))
    throw new ProblemError(`"${name}" is not a list of names`, `write ${name}: [one, two]`, name);
  const twice = value.find((each, index) => value.indexOf(each) !== index);
  if (twice !== undefined) throw new ProblemError(`"${name}" names "${twice}" twice`, "keep one", name);
  return value as string[];
}

export function readText(written: Written, name: string): string | null {
  const value = written[name];
  if (value === undefined) return null;
  if (typeof value !== "string")
    throw new ProblemError(`"${name}" is not text`, `write ${name}: a name`, name);
  return value;
}

/** One of the names there are. */
export function readChoice(written: Written, name: string, choices: readonly string[]): string | null {
  const value = readText(written, name);
  if (value !== null && !choices.includes(value))
    throw new ProblemError(`"${name}" is "${value}"`, nearest(value, choices), name);
  return value;
}

export function readFlag(written: Written, name: string, otherwise: boolean): boolean {
  const value = written[name] ?? otherwise;
  if (typeof value !== "boolean")
    throw new ProblemError(`"${name}" is neither true nor false`, `write ${name}: true`, name);
  return value;
}

/** A number between two ends, both allowed. */
export function readNumber(
  written: Written,
  name: string,
  otherwise: number,
  [low, high]: readonly [number, number],
): number {
  const value = written[name] ?? otherwise;
  if (typeof value !== "number" || !(value >= low && value <= high))
    throw new ProblemError(
      `"${name}" is not a number from ${low} to ${high}`,
      `write ${name}: ${otherwise}`,
      name,
    );
  return value;
}

export function readWhole(
  written: Written,
  name: string,
  otherwise: number,
  ends: readonly [number, number],
): number {
  const value = readNumber(written, name, otherwise, ends);
  if (!Number.isInteger(value))
    throw new ProblemError(`"${name}" is not a whole number`, `write ${name}: ${otherwise}`, name);
  return value;
}
