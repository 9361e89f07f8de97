/**
 * A chart as a file of its own: title above, counts below, the page's colour behind, every variable resolved, and
 * nothing that it would have to fetch.
 */
import { escape } from "../../markup.ts";
import { FONT } from "../../vega/font.ts";
import { textWidth } from "../../vega/widths.ts";

export interface Picture {
  /** What stands in the chart's svg element, well-formed, in px from its upper left corner. */
  content: string;
  width: number;
  height: number;
  title: string;
  /** Counts, selections and where it is from, one phrase each. */
  caption: readonly string[];
  /** The chart in a sentence, for those who do not see it. */
  description: string;
  /** CSS that brings the fonts, for images; a file names them only. */
  fonts: string;
}

/** The value of a CSS variable as it is now. */
export type Resolve = (name: string) => string;

const MARGIN = 16;
const TITLE = { size: 16, weight: 600, line: 21, gap: 12 };
const CAPTION = { size: 12, weight: 400, line: 17, gap: 16 };

export interface Standalone {
  text: string;
  width: number;
  height: number;
}

export function standaloneSvg(picture: Picture, resolve: Resolve): Standalone {
  const title = wrapped(picture.title.split(/\s+/), " ", TITLE, picture.width);
  const caption = wrapped(picture.caption, " · ", CAPTION, picture.width);
  const top = MARGIN + (title.length ? title.length * TITLE.line + TITLE.gap : 0);
  const below = top + picture.height + CAPTION.gap;
  const [width, height] = [
    Math.ceil(picture.width + 2 * MARGIN),
    Math.ceil(below + caption.length * CAPTION.line + MARGIN),
  ];
  const text = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}">
<title>${escape(picture.title)}</title>
<desc>${escape(picture.description)}</desc>
${picture.fonts ? `<style>${escape(picture.fonts)}</style>\n` : ""}<rect width="${width}" height="${height}" fill="${resolve("--page-background")}"/>
${lines(title, MARGIN, TITLE, resolve("--page-text"))}
<g transform="translate(${MARGIN},${top})">${selfContained(picture.content, resolve)}</g>
${lines(caption, below, CAPTION, resolve("--page-muted"))}
</svg>
`;
  return { text: withoutControls(text), width, height };
}

interface Type {
  size: number;
  weight: number;
  line: number;
}

/** Words, or phrases, in lines that fit; one that is longer than a line has one of its own. */
function wrapped(words: readonly string[], between: string, type: Type, width: number): string[] {
  const found: string[] = [];
  for (const word of words.filter(Boolean)) {
    const longer = found.length ? `${found[found.length - 1]!}${between}${word}` : word;
    if (found.length && textWidth(longer, type.size, type.weight) <= width) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

function lines(texts: readonly string[], top: number, { size, weight, line }: Type, fill: string): string {
  const at = (index: number): number => top + index * line + size;
  return texts
    .map(
      (text, index) =>
        `<text x="${MARGIN}" y="${at(index)}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escape(text)}</text>`,
    )
    .join("\n");
}

const TAG = /<[a-zA-Z][^<>]*>/g;
const VARIABLE = /var\((--[\w-]+)(?:,[^()]*)?\)/g;
const OUTSIDE = /\s(?:xlink:)?href="(?!#|data:)[^"]*"|\ssrc="[^"]*"|\son\w+="[^"]*"/g;
const OUTSIDE_PAINT = /url\((?!\s*(?:#|&quot;#|'#))[^)]*\)/g;

/** Colours for variables, and no way out of the file; only inside tags, for a label may say what it likes. */
function selfContained(content: string, resolve: Resolve): string {
  return content.replace(TAG, (tag) =>
    tag
      .replace(VARIABLE, (_, name: string) => escape(resolve(name)))
      .replace(OUTSIDE, "")
      .replace(OUTSIDE_PAINT, "none"),
  );
}

/** XML 1.0 has no place for most control signs, nor for half a surrogate pair. */
function withoutControls(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}
