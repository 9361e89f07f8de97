/** How wide a text is, from the theme font's own table. */
import { WIDTHS } from "./metrics.gen.ts";

/** Width of a character that the table lacks: about an ideograph, in thousandths. */
const UNKNOWN = 1000;

/** Width in px of one line at that size; the nearest weight of the table counts. */
export function textWidth(text: string, size: number, weight = 400): number {
  const widths = WIDTHS[weight >= 600 ? 650 : weight >= 500 ? 550 : 400]!;
  let total = 0;
  for (const character of text) total += widths[character.codePointAt(0)!] ?? UNKNOWN;
  return (total * size) / 1000;
}
