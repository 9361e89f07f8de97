/** What a link says, which may be anything: what is of the kind asked for, and nothing else. */

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** A whole number from 1; null for anything else. */
export function countIn(value: unknown, most: number): number | null {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= most ? Number(value) : null;
}

/** Two finite numbers in their order; null for anything else. */
export function rangeIn(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) return null;
  const [low, high] = value as [number, number];
  return low <= high ? [low, high] : null;
}
