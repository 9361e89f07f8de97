/** What no network has is refused, and what a figure would lose is told: within the bounds and in the words of the tool. */
import { formatCount, shorten } from "../../markup.ts";
import { ProblemError, told, type Told } from "../../problem.ts";
import { say, sayCount } from "../../words.ts";
import { MOST_LAYERS } from "../network.ts";
import type { Found } from "./read.ts";

/** The largest size of an axis: the tables and engines count with 32 bits. */
export const LARGEST_SIZE = 2 ** 31 - 1;
/** Letters of a name that is told of, and of one in a message. */
const LONG_NAME = 200;
const SHOWN = 80;

type Sizes = readonly (number | null)[];

export const tooManyLayers = (): ProblemError =>
  new ProblemError(told("it has more than {n} layers", { n: formatCount(MOST_LAYERS) }));

const harm = (): Told => told("it is damaged, or made to do harm");

const called = (id: unknown): string => shorten(String(id), SHOWN);

/** Refuses a layer of which a size or a count is beyond what can be counted, or below zero. */
export function checkCounts({ layers }: Found): void {
  for (const row of layers) {
    const sizes = [...shapesIn(row["input_shapes"]), ...shapesIn(row["output_shapes"])].flat();
    checkNumbers(row["id"], sizes, LARGEST_SIZE, told("an axis"));
    const counts = [row["flops"], row["parameter_count"], row["activation_bytes"]];
    checkNumbers(row["id"], counts, Number.MAX_SAFE_INTEGER, told("a count"));
  }
}

function checkNumbers(id: unknown, values: readonly unknown[], most: number, what: Told): void {
  for (const value of values) {
    if (typeof value !== "number") continue;
    if (value < 0)
      throw new ProblemError(told('layer "{id}" has {what} below zero', { id: called(id), what }), harm());
    if (value > most) throw tooLarge(id, what, value);
  }
}

function tooLarge(id: unknown, what: Told, value: number): ProblemError {
  const number =
    value < 1e15 ? formatCount(value) : told("about 10^{n}", { n: Math.floor(Math.log10(value)) });
  return new ProblemError(
    told('layer "{id}" has {what} of {number}, more than can be counted', { id: called(id), what, number }),
    harm(),
  );
}

const shapesIn = (value: unknown): Sizes[] => (Array.isArray(value) ? (value as Sizes[]) : []);

/** What stands in the notices beside what a reader found. */
export function unusualIn({ layers }: Found): Found["notices"] {
  const notices: Found["notices"] = [];
  const open: unknown[] = [];
  for (const row of layers) {
    const [made] = shapesIn(row["output_shapes"]);
    // Samples are counted along the first axis: it is open in every network.
    if (made === undefined || made.slice(1).includes(null)) open.push(row["id"]);
    if (made?.includes(0))
      notices.push({ place: row["id"], what: say("gives an array without elements: one of its sizes is 0") });
    const { length } = String(row["name"]);
    if (length > LONG_NAME)
      notices.push({ place: row["id"], what: say("has a name of {n} letters", { n: formatCount(length) }) });
  }
  if (open.length) {
    const n = formatCount(open.length);
    notices.push({
      place: open[0],
      what: sayCount(
        open.length,
        "of {n} layer sizes are not fixed, so that FLOPs or bytes are not known",
        "of {n} layers sizes are not fixed, so that FLOPs or bytes are not known",
        { n },
      ),
    });
  }
  return notices;
}

const DIGIT = /[0-9]/;

/** Refuses JSON that holds a whole number which is larger than any size or count of a layer. */
export function checkWholeNumbers(text: string): void {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfText(text, at);
    else if (DIGIT.test(text[at]!)) at = endOfNumber(text, at);
  }
}

function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, place: number): boolean {
  let start = place;
  while (text[start - 1] === "\\") start--;
  return (place - start) % 2 === 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start;
  while (end < text.length && /[0-9.eE+-]/.test(text[end]!)) end++;
  const written = text.slice(start, end);
  if (/^\d+$/.test(written) && Number(written) > LARGEST_SIZE) throw beyond(written, text[start - 1] === "-");
  return end - 1;
}

function beyond(digits: string, isNegative: boolean): ProblemError {
  const grouped = digits.length > 300 ? digits : formatCount(Number(digits));
  const number = shorten((isNegative ? "-" : "") + (grouped.includes("e") ? digits : grouped), 60);
  return new ProblemError(
    told("it holds the number {number}, more than any size or count of a layer", { number }),
    told("it is damaged"),
  );
}
