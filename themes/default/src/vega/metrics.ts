/** Text widths from the theme font's own table, the same at build and live, so that no label moves. */
import { textMetrics } from "vega-scenegraph";
import { textWidth } from "./widths.ts";

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
