/**
 * Regular expressions of filters. A filter is JavaScript, and RE2 answers it, so only what both read alike passes:
 * what RE2 lacks would stop every query of the page, what it reads otherwise would answer wrongly in silence.
 */
import { ProblemError } from "../problem.ts";

/** Letters that mean the same after a backslash in both. `\s` is not here: JavaScript counts more spaces. */
const ESCAPES = /\\[dDwWbBtnrfv\\/^$.*+?()[\]{}|-]/g;

const FOREIGN: readonly { found: RegExp; what: string }[] = [
  { found: /\\/, what: "an escape other than \\d \\w \\b \\t \\n and signs" },
  { found: /\(\?(?!:)/, what: "a look-around, a name or a flag" },
  { found: /\[\^?\]|\[[^\]]*\[[:.=]/, what: "an empty or a named class" },
];

/** Repeats multiply when they are nested, and RE2 unrolls them. */
const MOST_REPEATS = 1000;

/** The pattern in RE2's syntax with JavaScript's meaning, or a problem. */
export function readPattern(text: string): string {
  try {
    new RegExp(text);
  } catch {
    throw new ProblemError(`test() got no regular expression: ${text.slice(0, 80)}`, "such as '^cat'");
  }
  const plain = text.replace(ESCAPES, "e");
  const foreign = FOREIGN.find(({ found }) => found.test(plain));
  if (foreign) throw new ProblemError(`test() does not read ${foreign.what}`, "write it with simpler signs");
  if (repeats(plain) > MOST_REPEATS)
    throw new ProblemError("test() repeats too often", `at most ${MOST_REPEATS} times in all`);
  return text;
}

function repeats(pattern: string): number {
  const counts = Array.from(pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g), ([, low, high]) =>
    Number(high || low),
  );
  return counts.reduce((product, count) => product * Math.max(1, count), 1);
}
