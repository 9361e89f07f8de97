/** Where an arrow key leads in a grid of cards, as it lies on the page. */

export interface Step {
  index: number;
  /** 1 or −1 where the key leads over the edge, to another page. */
  page: number;
}

export interface Laid {
  offsetTop: number;
  offsetLeft: number;
}

/** Null for a key that moves nothing. */
export function stepOf(tiles: readonly Laid[], from: Laid, key: string): Step | null {
  const at = tiles.indexOf(from);
  const moves: Readonly<Record<string, () => number>> = {
    ArrowRight: () => at + 1,
    ArrowLeft: () => at - 1,
    ArrowDown: () => below(tiles, at, 1),
    ArrowUp: () => below(tiles, at, -1),
    Home: () => 0,
    End: () => tiles.length - 1,
    PageDown: () => tiles.length,
    PageUp: () => -1,
  };
  const index = moves[key]?.();
  if (index === undefined) return null;
  return { index, page: index < 0 ? -1 : index >= tiles.length ? 1 : 0 };
}

/** The nearest card of the next row; beyond the last row the page ends. */
function below(tiles: readonly Laid[], at: number, direction: 1 | -1): number {
  const from = tiles[at]!;
  const isBeyond = ({ offsetTop }: Laid): boolean => (offsetTop - from.offsetTop) * direction > 0;
  const beyond = tiles.filter(isBeyond);
  if (beyond.length === 0) return direction > 0 ? tiles.length : -1;
  const row = (direction > 0 ? beyond[0]! : beyond.at(-1)!).offsetTop;
  const candidates = beyond.filter(({ offsetTop }) => offsetTop === row);
  const far = ({ offsetLeft }: Laid): number => Math.abs(offsetLeft - from.offsetLeft);
  return tiles.indexOf(candidates.reduce((nearest, each) => (far(each) < far(nearest) ? each : nearest)));
}
