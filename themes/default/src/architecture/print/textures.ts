/** The tiles of textures as operators of a PDF: the same paths that SVG has. */
import { TILES, tileLook } from "../svg.ts";
import { amount, colour } from "./operands.ts";

/** Side of a tile. */
export const TILE = 8;
/** How far the handles of a quarter of a circle lie from its ends, in shares of its radius. */
const ROUND = 0.5523;

export function tileOf(texture: number): string {
  const { isFilled, colour: name, width } = tileLook(texture);
  const path = pathOf(TILES[texture]!);
  return isFilled ? `${colour(name)} rg ${path} f` : `${colour(name)} RG ${amount(width)} w ${path} S`;
}

/** A path of SVG's commands M, L, H, V and Z; an arc is a whole circle below its start. */
function pathOf(path: string): string {
  let [x, y] = [0, 0];
  const steps = [...path.matchAll(/([MLHVZA])([^MLHVZA]*)/g)].map(([, command, written]) => {
    const numbers = written!.split(/[ ,]+/).filter(Boolean).map(Number);
    if (command === "Z") return "h";
    if (command === "A") return circleOf(x, y, numbers[0]!);
    if (command === "H") x = numbers[0]!;
    else if (command === "V") y = numbers[0]!;
    else [x, y] = numbers as [number, number];
    return `${amount(x)} ${amount(y)} ${command === "M" ? "m" : "l"}`;
  });
  return steps.join(" ");
}

function circleOf(x: number, top: number, radius: number): string {
  const y = top + radius;
  const far = radius * ROUND;
  const quarter = (...numbers: number[]): string => `${numbers.map(amount).join(" ")} c`;
  return [
    quarter(x - far, y - radius, x - radius, y - far, x - radius, y),
    quarter(x - radius, y + far, x - far, y + radius, x, y + radius),
    quarter(x + far, y + radius, x + radius, y + far, x + radius, y),
    quarter(x + radius, y - far, x + far, y - radius, x, y - radius),
  ].join(" ");
}
