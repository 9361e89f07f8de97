/** Text widths from the theme font's own table, the same at build and live, so that no label moves. */
import { textMetrics } from "vega-scenegraph";
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

interface TextItem {
  fontSize?: number;
  fontWeight?: number | string;
  /** The width at which the text is cut, in px; 0 for never. */
  limit?: number;
}

const NAMED_WEIGHTS: Record<string, number> = { normal: 400, bold: 650, lighter: 400, bolder: 650 };

/** Makes Vega measure by the table. Idempotent. */
export function measureText(): void {
  const measure = (item: TextItem, text: unknown): number => {
    const weight = typeof item.fontWeight === "string" ? NAMED_WEIGHTS[item.fontWeight] : item.fontWeight;
    const width = textWidth(String(text ?? "").trim(), item.fontSize ?? 11, weight ?? 400);
    // What is cut takes no more room than it may; Vega asks here both where to cut and how much room it takes.
    return item.limit ? Math.min(width, item.limit) : width;
  };
  Object.assign(textMetrics, { width: measure, measureWidth: measure, estimateWidth: measure });
}
