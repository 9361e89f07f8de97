/** How a PDF's operators have their numbers, colours and glyphs. */
import { PAPER } from "../svg.ts";

/** Digits behind the point that make no difference on paper are left out. */
export const amount = (value: number): string => String(Math.round(value * 1000) / 1000);

/** A number of two bytes. */
export const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, "0");

/** Text in units of UTF-16. */
export const units = (text: string): string =>
  Array.from({ length: text.length }, (_, index) => hex(text.charCodeAt(index))).join("");

/** `#rrggbb`, or the name of an ink, as three numbers. */
export function colour(name: string): string {
  const value = name === "ink" || name === "quiet" || name === "panel" ? PAPER[name] : name;
  return [1, 3, 5].map((at) => amount(parseInt(value.slice(at, at + 2), 16) / 255)).join(" ");
}
