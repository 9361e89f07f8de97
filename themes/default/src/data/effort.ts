/**
 * How many steps a browser takes at most for a regular expression: it tries one way after the other, and ways multiply
 * where pieces that may be read in several follow or hold each other. The bound is of every text of a length.
 */

/** How many ways there are through a piece, and how many steps they take together. */
interface Effort {
  ways: number;
  steps: number;
}

const NOTHING: Effort = { ways: 1, steps: 0 };

/** One sign: an escape, a class, or itself. */
const SIGN = /\\.|\[(?:\\.|[^\]\\])*\]|[^]/y;
const REPEAT = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;

/** Lengths of texts that are told apart. */
const LENGTHS = [65_536, 16_384, 4096, 1024, 256];

/** Steps of one pattern in one text: a few milliseconds. */
const MOST_STEPS = 6_000_000;

/** The longest text that a pattern is looked for in without the reader's noticing it; 0 where even short ones may take long. */
export function longestText(pattern: string): number {
  return LENGTHS.find((length) => length * stepsOf(pattern, length) <= MOST_STEPS) ?? 0;
}

/** Steps from one place of a text of this length. */
export function stepsOf(pattern: string, length: number): number {
  return new Reader(pattern, length).alternatives().steps + 1;
}

class Reader {
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly length: number,
  ) {}

  /** Up to the end of the group: one sequence is tried after the other. */
  alternatives(): Effort {
    let all = this.sequence();
    while (this.pattern[this.at] === "|") {
      this.at++;
      const next = this.sequence();
      all = { ways: all.ways + next.ways, steps: all.steps + next.steps };
    }
    return all;
  }

  /** What follows is tried once for each way through what comes before. */
  private sequence(): Effort {
    let whole = NOTHING;
    while (this.at < this.pattern.length && !"|)".includes(this.pattern[this.at]!)) {
      const { ways, steps } = this.repeated(this.piece());
      whole = { ways: whole.ways * ways, steps: whole.steps + whole.ways * steps };
    }
    return whole;
  }

  private piece(): Effort {
    const group = this.take(/\((?:\?:)?/y);
    if (!group) return this.take(SIGN) ? { ways: 1, steps: 1 } : NOTHING;
    const inner = this.alternatives();
    this.take(/\)/y);
    return inner;
  }

  private repeated({ ways, steps }: Effort): Effort {
    const found = this.take(REPEAT);
    if (!found) return { ways, steps };
    const [least, most] = this.times(found);
    const longest = ways ** most;
    return { ways: (Math.max(most - least, 0) + 1) * longest, steps: (most + 1) * longest * (steps + 1) };
  }

  private times([, sign, low, comma, high]: RegExpExecArray): [least: number, most: number] {
    if (sign === "?") return [0, 1];
    if (sign) return [sign === "+" ? 1 : 0, this.length];
    return [Number(low), high ? Number(high) : comma ? Math.max(this.length, Number(low)) : Number(low)];
  }

  private take(what: RegExp): RegExpExecArray | null {
    what.lastIndex = this.at;
    const found = what.exec(this.pattern);
    if (found) this.at = what.lastIndex;
    return found;
  }
}
