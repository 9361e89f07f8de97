/** Building HTML from text that nobody vouches for: everything interpolated is escaped. */
import { say, sayNumber, separators } from "./words.ts";

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A string that is markup already; only `html` and `trusted` make one. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Value = Markup | string | number | null | undefined | false | readonly Value[];

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function flatten(value: Value): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(flatten).join("");
  return escape(String(value));
}

/** html`<b>${text}</b>`: text is escaped, Markup and lists of it are not, null and false vanish. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(strings.reduce((out, part, index) => out + flatten(values[index - 1]) + part));
}

/** Marks a string made by a serialiser of ours (Vega's SVG) as markup. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** A text of the interface, with markup put in: `sayMarkup("Units of {layer}", {layer: html`<b>conv1</b>`})`. */
export function sayMarkup(text: string, values: Readonly<Record<string, Value>>): Markup {
  const parts = say(text).split(/\{(\w+)\}/);
  return html`${parts.map((part, index) => (index % 2 ? values[part] : part))}`;
}

/** A whole number with thousands separators, the same in V8, Node and every browser. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, separators().group);
}

/** A number with that many decimals. */
export function formatFixed(value: number, decimals: number): string {
  return sayNumber(value.toFixed(decimals)).replace("-", "−");
}

/** Per cent that are written already: `12.5%`, `12,5 %` in German. */
export function percent(written: string): string {
  return say("{n}%", { n: written });
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** A size on disk, in units of a thousand: `812 bytes`, `86 kB`, `9.4 MB`. */
export function formatBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  const written = unit > 0 && size < 9.95 ? formatFixed(size, 1) : String(Math.round(size));
  return `${written} ${unit > 0 ? UNITS[unit]! : say("bytes")}`;
}

/** A number for a person: whole ones in full, others to four significant digits; undefined as a dash. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    return (value < 0 ? "−" : "") + formatCount(Math.abs(value));
  }
  return sayNumber(String(Number(value.toPrecision(4)))).replace("-", "−");
}

/** Any cell of a result as short text; long text is cut in the middle. */
export function formatCell(value: unknown, limit = 80): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "boolean") return value ? say("true") : say("false");
  return shorten(typeof value === "string" ? value : JSON.stringify(value), limit);
}

/** Cuts the middle out of a text of more than `limit` characters. */
export function shorten(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, limit * 4));
  if (characters.length <= limit && text.length <= limit * 4) return text;
  const tail = Math.floor(limit / 3);
  const ending = Array.from(text.slice(-tail * 2)).slice(-tail);
  return [...characters.slice(0, limit - tail - 1), "…", ...ending].join("");
}

/** A column's name that a narrow place breaks where its words end: after an underscore, or before a capital. */
export function breakable(name: string): Markup {
  const words = name.split(/(?<=_)(?=[^_])|(?<=\p{Ll})(?=\p{Lu})/u);
  return html`${words.map((word, index) => (index ? html`<wbr />${word}` : html`${word}`))}`;
}
