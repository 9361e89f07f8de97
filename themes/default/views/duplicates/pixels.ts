/** The pixels in which two images differ: both are cut from their sheets, and |a − b| is drawn on a canvas. */
import type { Tile } from "../../src/cards.ts";
import { formatNumber } from "../../src/markup.ts";
import type { Media } from "../../src/page.ts";
import { formatShare } from "../../src/values.ts";
import { say } from "../../src/words.ts";

/** Bytes of red, green, blue and opacity, pixel by pixel. */
export type Pixels = Uint8ClampedArray;

export interface Difference {
  pixels: Pixels;
  /** Mean and greatest difference of a channel, of 255. */
  mean: number;
  most: number;
  /** Share of the pixels that differ in any channel. */
  share: number;
  /** How many times brighter than it is the difference is drawn. */
  factor: number;
}

/** The difference of two images of one size; so much brighter that the greatest one is white. */
export function differenceOf(a: Pixels, b: Pixels): Difference {
  const pixels = new Uint8ClampedArray(a.length);
  let [sum, most, differing] = [0, 0, 0];
  for (let pixel = 0; pixel < a.length; pixel += 4) {
    let greatest = 0;
    for (let channel = pixel; channel < pixel + 3; channel++) {
      pixels[channel] = Math.abs(a[channel]! - b[channel]!);
      sum += pixels[channel]!;
      greatest = Math.max(greatest, pixels[channel]!);
    }
    most = Math.max(most, greatest);
    if (greatest > 0) differing++;
  }
  const factor = most > 0 ? Math.max(1, Math.floor(255 / most)) : 1;
  for (let at = 0; at < pixels.length; at++) pixels[at] = at % 4 === 3 ? 255 : pixels[at]! * factor;
  const count = a.length / 4;
  return { pixels, mean: sum / (count * 3), most, share: differing / count, factor };
}

/** Sheets may be compressed with a loss, and then images that are the same differ on them: those are `isSame`. */
export function inWords({ mean, most, share, factor }: Difference, isSame: boolean): string {
  if (most === 0) return say("|a − b|: no pixel differs");
  if (isSame)
    return say(
      "|a − b|: the images have the same pixels; what is drawn, {most} of 255 at most, comes from the compression of this page’s pictures",
      { most },
    );
  const brighter = factor > 1 ? say(", drawn {factor} times brighter", { factor }) : "";
  return say(
    "|a − b|: {share} of the pixels differ, by {mean} of 255 on average and {most} at most{brighter}",
    { share: formatShare(share), mean: formatNumber(mean), most, brighter },
  );
}

const LOADED = new Map<string, Promise<HTMLImageElement>>();

function loaded(url: string): Promise<HTMLImageElement> {
  const known = LOADED.get(url);
  if (known) return known;
  const image = new Image();
  image.src = url;
  const loading = image.decode().then(() => image);
  LOADED.set(url, loading);
  loading.catch(() => LOADED.delete(url));
  return loading;
}

/** The pixels of a tile at a size of its own or of another's; null without an image. */
async function pixelsOf(
  tile: Tile,
  sheets: readonly Media[],
  width: number,
  height: number,
): Promise<Pixels | null> {
  const sheet = sheetOf(tile, sheets);
  if (!sheet) return null;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const { tile_width: across, tile_height: down } = sheet;
  context.drawImage(
    await loaded(sheet.url),
    Number(tile.x),
    Number(tile.y),
    across,
    down,
    0,
    0,
    width,
    height,
  );
  return context.getImageData(0, 0, width, height).data;
}

function sheetOf({ sheet }: Tile, sheets: readonly Media[]): Media | null {
  return (typeof sheet === "number" && sheets[sheet]) || null;
}

/** Draws the difference and returns it in words, or why there is none. */
export async function drawDifference(
  canvas: HTMLCanvasElement,
  [first, second]: readonly [Tile, Tile],
  sheets: readonly Media[],
  { side, isSame }: { side: number; isSame: boolean },
): Promise<string> {
  const [one, other] = [sheetOf(first, sheets), sheetOf(second, sheets)];
  if (!one || !other) return say("One of the two has no image.");
  const width = Math.min(one.tile_width, other.tile_width);
  const height = Math.min(one.tile_height, other.tile_height);
  try {
    const [a, b] = await Promise.all([first, second].map((tile) => pixelsOf(tile, sheets, width, height)));
    const difference = differenceOf(a!, b!);
    canvas.width = width;
    canvas.height = height;
    canvas
      .getContext("2d")!
      .putImageData(new ImageData(new Uint8ClampedArray(difference.pixels), width, height), 0, 0);
    const longest = Math.max(width, height);
    const scale = longest <= side ? Math.floor(side / longest) : side / longest;
    canvas.style.width = `${width * scale}px`;
    canvas.style.height = `${height * scale}px`;
    return inWords(difference, isSame);
  } catch {
    // A browser keeps the pixels of images of a page that it opened from a file to itself.
    return say("The pixels cannot be read here: this page was opened from a file, or an image is missing.");
  }
}
