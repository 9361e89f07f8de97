/**
 * Regular expressions of filters. A filter is JavaScript, and RE2 answers it, so only what both read alike passes:
 * what RE2 lacks would stop every query of the page, what it reads otherwise would answer wrongly in silence.
 */
import { ProblemError, suchAs, told, type Told } from "../problem.ts";

/** Letters that mean the same after a backslash in both. `\s` is not here: JavaScript counts more spaces. */
const ESCAPES = /\\[dDwWbBtnrfv\\/^$.*+?()[\]{}|-]/g;

/** Stands for `\b` where the escapes are read; in a class JavaScript means a backspace by it, and RE2 knows none. */
const EDGE = "\u0008";

const FOREIGN: readonly { found: RegExp; what: Told }[] = [
  { found: /\\/, what: told("an escape other than {signs} and signs", { signs: "\\d \\w \\b \\t \\n" }) },
  { found: /\(\?(?!:)/, what: told("a look-around, a name or a flag") },
  { found: new RegExp(`\\[[^\\]]*${EDGE}`), what: told("{sign} within a class", { sign: "\\b" }) },
  { found: /\[\^?\]|\[[^\]]*\[[:.=]/, what: told("an empty or a named class") },
];

/** Repeats multiply when they are nested, and RE2 unrolls them. */
const MOST_REPEATS = 1000;

/** The pattern in RE2's syntax with JavaScript's meaning, or a problem. */
export function readPattern(text: string): string {
  try {
    new RegExp(text);
  } catch {
    throw new ProblemError(
      told("test() got no regular expression: {pattern}", { pattern: text.slice(0, 80) }),
      suchAs("'^cat'"),
    );
  }
  const plain = text.replace(ESCAPES, (escape) => (/[bB]/.test(escape) ? EDGE : "e"));
  const foreign = FOREIGN.find(({ found }) => found.test(plain));
  if (foreign)
    throw new ProblemError(
      told("test() does not read {sign}", { sign: foreign.what }),
      told("write it with simpler signs"),
    );
  if (repeats(plain) > MOST_REPEATS)
    throw new ProblemError(
      told("test() repeats too often"),
      told("at most {most} times in all", { most: MOST_REPEATS }),
    );
  return text;
}

function repeats(pattern: string): number {
  const counts = Array.from(pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g), ([, low, high]) =>
    Number(high || low),
  );
  return counts.reduce((product, count) => product * Math.max(1, count), 1);
}
