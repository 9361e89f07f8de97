/** The least and the greatest of many numbers: as arguments of a function, a hundred thousand overflow the stack. */

/** The greatest of the values, and at least `least`. */
export function greatest(values: Iterable<number>, least = -Infinity): number {
  let most = least;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** Both ends of the values; of none, infinities that enclose nothing. */
export function ends(values: Iterable<number>): [least: number, greatest: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
