/** Finding what follows itself: tandem repeats in a sequence of signatures, the one that covers most first. */
import { sizeOf, type Maker, type Part } from "./parts.ts";

/** The longest period that is looked for: parts of one repeated run. */
const LONGEST_PERIOD = 512;

export interface Tandem {
  start: number;
  period: number;
  count: number;
}

/**
 * The repeat that covers most layers; of equal ones that of the shortest period, then the first. `weight` counts the
 * layers before a place. Null where nothing is repeated.
 */
export function bestTandem(signatures: readonly number[], weight: readonly number[]): Tandem | null {
  let [best, most]: [Tandem | null, number] = [null, 0];
  const longest = Math.min(LONGEST_PERIOD, Math.floor(signatures.length / 2));
  for (let period = 1; period <= longest; period++) {
    let run = 0;
    for (let at = signatures.length - period - 1; at >= -1; at--) {
      if (at >= 0 && signatures[at] === signatures[at + period]) {
        run++;
        continue;
      }
      const count = Math.floor(run / period) + 1;
      const start = at + 1;
      const covered = count > 1 ? weight[start + count * period]! - weight[start]! : 0;
      if (covered > most || (covered === most && most > 0 && best!.period === period))
        [best, most] = [{ start, period, count }, covered];
      run = 0;
    }
  }
  return best;
}

/** Whether copies may become one; of a chain they always may. */
export type Fits = (copies: readonly (readonly Part[])[]) => boolean;

/** Folds what is repeated, in what is left and right of it, too. `name` names a run of several parts. */
export function folded(
  maker: Maker,
  parts: readonly Part[],
  name: (run: readonly Part[]) => string,
  fits: Fits = () => true,
): readonly Part[] {
  if (parts.length < 2) return parts;
  const weight = [0];
  for (const { size } of parts) weight.push(weight.at(-1)! + size);
  const signatures = parts.map(({ signature }) => signature);
  const found = bestTandem(signatures, weight);
  if (!found) return parts;
  const { start, period, count } = found;
  const end = start + period * count;
  const runs = Array.from({ length: count }, (_, copy) =>
    parts.slice(start + copy * period, start + (copy + 1) * period),
  );
  const [left, right] = [parts.slice(0, start), parts.slice(end)].map((side) =>
    folded(maker, side, name, fits),
  );
  const middle = fits(runs)
    ? [
        maker.repeat(
          runs.map((run) => folded(maker, run, name, fits)),
          name(runs[0]!),
          false,
        ),
      ]
    : runs.flat();
  return [...left!, ...middle, ...right!];
}

/** Folds branches that are equal; what stands side by side has no order. */
export function foldedBranches(
  maker: Maker,
  branches: readonly (readonly Part[])[],
  name: (run: readonly Part[]) => string,
): readonly Part[] {
  const alike = new Map<number, (readonly Part[])[]>();
  for (const branch of branches) {
    const signature = maker.signatures.group("branch", branch);
    alike.set(signature, [...(alike.get(signature) ?? []), branch]);
  }
  const inOrder = [...alike].sort(([a], [b]) => a - b).map(([, equal]) => equal);
  return inOrder.flatMap((equal) =>
    equal.length > 1 && sizeOf(equal[0]!) > 0 ? [maker.repeat(equal, name(equal[0]!), true)] : equal.flat(),
  );
}
