/** A figure's marks as the operators of a PDF's page, and what they need: fonts with their letters, and textures. */
import { TEXTURES } from "../palettes.ts";
import type { Area, Line, Mark, Picture, Point, Scene, Text } from "../scene.ts";
import { ASCENT, DESCENT } from "../scene.ts";
import { BEND, bentPath } from "../svg.ts";
import type { Font } from "./fonts.ts";
import { amount, colour, hex } from "./operands.ts";
import type { Weight } from "./pdf.ts";

/** A font with the glyphs that are used of it, and the letter of each. */
export interface Written {
  font: Font;
  used: Map<number, string>;
}

export interface Drawn {
  content: Uint8Array;
  fonts: readonly Written[];
  textures: ReadonlySet<number>;
  missing: ReadonlySet<string>;
}

/** ``pictures`` says of each picture whether it is there. */
export function contentOf(
  scene: Scene,
  fonts: Readonly<Record<Weight, readonly Font[]>>,
  pictures: readonly boolean[],
): Drawn {
  const page = new Page(fonts, pictures);
  // From here on y grows downwards, as in the figure.
  page.put(`1 0 0 -1 0 ${amount(scene.height)} cm 1 j`);
  for (const mark of scene.marks) page.mark(mark);
  return page.drawn();
}

const at = ([x, y]: Point): string => `${amount(x)} ${amount(y)}`;

class Page {
  private readonly lines: string[] = [];
  private readonly written: Written[] = [];
  private readonly textures = new Set<number>();
  private readonly missing = new Set<string>();
  private seen = 0;
  private shown = 0;

  constructor(
    private readonly fonts: Readonly<Record<Weight, readonly Font[]>>,
    private readonly pictures: readonly boolean[],
  ) {}

  put(line: string): void {
    this.lines.push(line);
  }

  drawn(): Drawn {
    const content = Uint8Array.from(this.lines.join("\n"), (letter) => letter.charCodeAt(0));
    return { content, fonts: this.written, textures: this.textures, missing: this.missing };
  }

  mark(mark: Mark): void {
    if (mark.kind === "text") this.text(mark);
    else if (mark.kind === "picture") this.picture(mark);
    else if (mark.kind === "line") this.line(mark);
    else this.area(mark);
  }

  private area({ points, fill, stroke, width, texture, dash }: Area): void {
    const isFilled = texture !== undefined || fill !== "none";
    const isStroked = stroke !== "none" && width > 0;
    if (points.length === 0 || !(isFilled || isStroked)) return;
    const path = `${points.map((point, index) => `${at(point)} ${index ? "l" : "m"}`).join(" ")} h`;
    const filled = isFilled ? [this.fill(fill, texture)] : [];
    const stroked = isStroked ? [strokeOf(stroke, width, dash)] : [];
    const paint = isFilled ? (isStroked ? "B" : "f") : "S";
    this.put(["q", ...filled, ...stroked, path, paint, "Q"].join(" "));
  }

  private fill(fill: string, texture: number | undefined): string {
    if (texture === undefined) return `${colour(fill)} rg`;
    this.textures.add(texture % TEXTURES);
    return `/Pattern cs /T${texture % TEXTURES} scn`;
  }

  private line({ points, stroke, width, arrow, dash }: Line): void {
    if (points.length < 2 || stroke === "none" || width === 0) return;
    const path = bentPath(points, BEND).map((step) =>
      step.kind === "bend"
        ? `${step.controls.map(at).join(" ")} ${at(step.to)} c`
        : `${at(step.to)} ${step.kind === "move" ? "m" : "l"}`,
    );
    this.put(["q", strokeOf(stroke, width, dash), ...path, "S", "Q"].join(" "));
    if (arrow) this.head(points.at(-2)!, points.at(-1)!, width);
  }

  /** The same head as in SVG: six units long, five sixths of the line's width each, its point a little behind the end. */
  private head([fromX, fromY]: Point, [x, y]: Point, width: number): void {
    const length = Math.hypot(x - fromX, y - fromY) || 1;
    const unit = (width * 5) / 6;
    const [alongX, alongY] = [((x - fromX) / length) * unit, ((y - fromY) / length) * unit];
    const corner = (along: number, across: number): Point => [
      x + (along - 5.5) * alongX - (across - 3) * alongY,
      y + (along - 5.5) * alongY + (across - 3) * alongX,
    ];
    const corners = [corner(0, 0.4), corner(6, 3), corner(0, 5.6)];
    const path = corners.map((point, index) => `${at(point)} ${index ? "l" : "m"}`).join(" ");
    this.put(`${colour("ink")} rg ${path} f`);
  }

  private text({ x, y, text, size, weight, anchor, turned, fill }: Text): void {
    const runs = this.runsOf(text, weight);
    const length = runs.reduce((sum, run) => sum + run.width, 0) * size;
    const back = anchor === "start" ? 0 : anchor === "middle" ? length / 2 : length;
    const base = turned ? x - (size * (ASCENT - DESCENT)) / 2 : x;
    const matrix = turned ? `0 1 1 0 ${at([base, y - back])}` : `1 0 0 -1 ${at([base - back, y])}`;
    const shown = runs.map(({ font, glyphs }) => `/F${font} ${amount(size)} Tf <${glyphs}> Tj`);
    this.put(`BT ${colour(fill)} rg ${matrix} Tm ${shown.join(" ")} ET`);
  }

  /** A text in stretches of one font each, their widths in shares of the size. */
  private runsOf(text: string, weight: Weight): { font: number; glyphs: string; width: number }[] {
    const runs: { font: number; glyphs: string; width: number }[] = [];
    for (const letter of text) {
      const [font, glyph] = this.glyph(letter, weight);
      const width = this.written[font]!.font.advance(glyph) / 1000;
      const last = runs.at(-1);
      if (last?.font === font) [last.glyphs, last.width] = [last.glyphs + hex(glyph), last.width + width];
      else runs.push({ font, glyphs: hex(glyph), width });
    }
    return runs;
  }

  private glyph(letter: string, weight: Weight): [number, number] {
    const code = letter.codePointAt(0)!;
    const fonts = this.fonts[weight];
    const font = fonts.find((each) => each.glyph(code) > 0) ?? fonts[0]!;
    const glyph = font.glyph(code);
    if (glyph === 0) this.missing.add(letter);
    let place = this.written.findIndex((each) => each.font === font);
    if (place < 0) place = this.written.push({ font, used: new Map() }) - 1;
    this.written[place]!.used.set(glyph, letter);
    return [place, glyph];
  }

  private picture({ x, y, width, height }: Picture): void {
    if (!this.pictures[this.seen++]) return;
    // Pictures stand upright where y grows upwards.
    const matrix = `${amount(width)} 0 0 ${amount(-height)} ${at([x, y + height])} cm`;
    this.put(`q ${matrix} /P${this.shown++} Do Q`);
  }
}

function strokeOf(stroke: string, width: number, dash: boolean | undefined): string {
  const length = amount(Math.max(2, width * 3));
  return `${colour(stroke)} RG ${amount(width)} w${dash ? ` [${length}] 0 d` : ""}`;
}
