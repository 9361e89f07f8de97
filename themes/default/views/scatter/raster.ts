/**
 * Dots written into pixels. A canvas without a graphics card takes microseconds to draw one picture; twenty thousand
 * of them are several frames. Adding up their pixels here takes a fraction of one.
 */

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The px of a square that a disc covers, and how much of each; one mask for each place within a px that is told apart. */
interface Mask {
  side: number;
  columns: Uint8Array;
  rows: Uint8Array;
  cover: Float32Array;
}

/** Places within a px, along each axis. */
const PLACES = 4;

export class Raster {
  readonly width: number;
  readonly height: number;
  /** RGBA, not premultiplied, as canvases take it. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  private readonly masks = new Map<number, Mask[]>();

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(width * height * 4);
  }

  clear(): void {
    this.data.fill(0);
  }

  /** A disc around a place in px, over what is there. */
  dot(x: number, y: number, diameter: number, colour: Colour, opacity: number): void {
    const masks = this.masksOf(diameter);
    const { side } = masks[0]!;
    const [fromX, fromY] = [x - side / 2, y - side / 2];
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const place = Math.floor((fromY - top) * PLACES) * PLACES + Math.floor((fromX - left) * PLACES);
    this.stamp(masks[place]!, left, top, colour, opacity);
  }

  /** Plain numbers in one loop: it runs before the browser has compiled it, for the first filter's thousands of dots. */
  private stamp(
    { columns, rows, cover }: Mask,
    left: number,
    top: number,
    colour: Colour,
    opacity: number,
  ): void {
    const { data, width, height } = this;
    const red = colour[0];
    const green = colour[1];
    const blue = colour[2];
    for (let index = 0; index < cover.length; index++) {
      const column = left + columns[index]!;
      const row = top + rows[index]!;
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      const at = (row * width + column) * 4;
      const share = cover[index]! * opacity;
      const below = (data[at + 3]! / 255) * (1 - share);
      const all = share + below;
      data[at] = (red * share + data[at]! * below) / all;
      data[at + 1] = (green * share + data[at + 1]! * below) / all;
      data[at + 2] = (blue * share + data[at + 2]! * below) / all;
      data[at + 3] = all * 255;
    }
  }

  private masksOf(diameter: number): Mask[] {
    let found = this.masks.get(diameter);
    if (!found) this.masks.set(diameter, (found = discs(diameter)));
    return found;
  }
}

function discs(diameter: number): Mask[] {
  const side = Math.ceil(diameter) + 2;
  return Array.from({ length: PLACES * PLACES }, (_, place) => {
    const x = side / 2 + ((place % PLACES) + 0.5) / PLACES;
    const y = side / 2 + (Math.floor(place / PLACES) + 0.5) / PLACES;
    return disc(side, x, y, diameter / 2);
  });
}

/** Covered by the distance from the edge, which is near enough to the area. */
function disc(side: number, x: number, y: number, radius: number): Mask {
  const cover = Array.from({ length: side * side }, (_, at) => {
    const [column, row] = [(at % side) + 0.5, Math.floor(at / side) + 0.5];
    return Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(column - x, row - y)));
  });
  const covered = [...cover.keys()].filter((at) => cover[at]! > 0);
  return {
    side,
    columns: Uint8Array.from(covered, (at) => at % side),
    rows: Uint8Array.from(covered, (at) => Math.floor(at / side)),
    cover: Float32Array.from(covered, (at) => cover[at]!),
  };
}
