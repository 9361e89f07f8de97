/** What changed between two texts, line by line. */

export interface Step {
  sign: " " | "-" | "+";
  line: string;
}

export type Same = (old: string, fresh: string) => boolean;

/** Pairs of lines that are compared; texts that differ in more are replaced whole. */
const MOST_PAIRS = 1_000_000;

/** The steps from one text to another, in order; lines that stay are the old ones. */
export function compare(old: readonly string[], fresh: readonly string[], same: Same): Step[] {
  let start = 0;
  while (start < old.length && start < fresh.length && same(old[start]!, fresh[start]!)) start++;
  let tail = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (tail < most && same(old.at(-1 - tail)!, fresh.at(-1 - tail)!)) tail++;
  const keep = (line: string): Step => ({ sign: " ", line });
  return [
    ...old.slice(0, start).map(keep),
    ...middle(old.slice(start, old.length - tail), fresh.slice(start, fresh.length - tail), same),
    ...old.slice(old.length - tail).map(keep),
  ];
}

/** By the longest common subsequence; what goes stands before what comes. */
function middle(old: readonly string[], fresh: readonly string[], same: Same): Step[] {
  const gone = (line: string): Step => ({ sign: "-", line });
  const come = (line: string): Step => ({ sign: "+", line });
  if (old.length * fresh.length > MOST_PAIRS) return [...old.map(gone), ...fresh.map(come)];
  const common = commonLengths(old, fresh, same);
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < fresh.length) {
    if (same(old[i]!, fresh[j]!)) {
      steps.push({ sign: " ", line: old[i++]! });
      j++;
    } else if (common(i + 1, j) >= common(i, j + 1)) steps.push(gone(old[i++]!));
    else steps.push(come(fresh[j++]!));
  }
  return [...steps, ...old.slice(i).map(gone), ...fresh.slice(j).map(come)];
}

/** How many lines two texts have in common from a line of each on. */
function commonLengths(
  old: readonly string[],
  fresh: readonly string[],
  same: Same,
): (i: number, j: number) => number {
  const width = fresh.length + 1;
  const found = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number): number => found[i * width + j]!;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--)
      found[i * width + j] = same(old[i]!, fresh[j]!)
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
}
