/** Colours as every drawing program reads them: six digits, and how much they cover. */

export interface Colour {
  hex: string;
  opacity: number;
}

const known = new Map<string, Colour | null>();

/** What a browser's colour looks like; null where nothing is seen of it. */
export function colourOf(written: string): Colour | null {
  if (!known.has(written)) known.set(written, read(written));
  return known.get(written)!;
}

const RGB = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/;

function read(written: string): Colour | null {
  const found = RGB.exec(written);
  const [red, green, blue] = found ? found.slice(1, 4).map(Number) : drawn(written);
  const opacity = found ? Number(found[4] ?? 1) : drawn(written)[3]! / 255;
  if (opacity === 0) return null;
  const hex = [red, green, blue].map((part) => part!.toString(16).padStart(2, "0")).join("");
  return { hex: `#${hex}`, opacity: Math.round(opacity * 1000) / 1000 };
}

/** Mixed colours are told in other spaces: a pixel of them is told in ours. */
function drawn(written: string): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1, 1];
  const plane = canvas.getContext("2d")!;
  plane.fillStyle = written;
  plane.fillRect(0, 0, 1, 1);
  return plane.getImageData(0, 0, 1, 1).data;
}

/** `fill="#123456"`, and how much it covers where that is not all. */
export function paintOf(name: "fill" | "stroke", { hex, opacity }: Colour): string {
  return `${name}="${hex}"${opacity < 1 ? ` ${name}-opacity="${opacity}"` : ""}`;
}
