/**
 * A figure as a PDF of one page that is exactly as large as it: a unit of the figure is a point, text stays text, with
 * the letters that it needs embedded. Two of one figure are equal to the last byte: nothing in it tells of when or where.
 */
import { zlibSync } from "fflate";
import type { Scene } from "../scene.ts";
import { contentOf, type Drawn, type Written } from "./content.ts";
import { joined, type Font } from "./fonts.ts";
import { amount, hex, units } from "./operands.ts";
import { tileOf, TILE } from "./textures.ts";

/** Pixels of a picture, three bytes each. */
export interface Pixels {
  width: number;
  height: number;
  rgb: Uint8Array;
}

export interface Printed {
  bytes: Uint8Array;
  /** Letters that no font has, each once: boxes stand in their places. */
  missing: string;
}

export interface Wish {
  title: string;
  /** The fonts of each weight; of several with a letter the first is taken. */
  fonts: Readonly<Record<Weight, readonly Font[]>>;
  /** Pixels of the pictures, in the order in which they stand in the figure; null for those that are left out. */
  pictures?: readonly (Pixels | null)[];
}

export type Weight = 400 | 650;

export function pdfOf(scene: Scene, wish: Wish): Printed {
  const drawn = contentOf(
    scene,
    wish.fonts,
    (wish.pictures ?? []).map((pixels) => pixels !== null),
  );
  const file = new File();
  const pictures = (wish.pictures ?? []).flatMap((pixels) => (pixels ? [pictureIn(file, pixels)] : []));
  const content = file.stream(drawn.content);
  const resources = resourcesOf(file, drawn, pictures, scene.height);
  const box = `[0 0 ${amount(scene.width)} ${amount(scene.height)}]`;
  // A page and the list of pages name each other.
  const page = file.next;
  file.add(
    `<</Type/Page/Parent ${page + 1} 0 R/MediaBox${box}/Contents ${content} 0 R/Resources ${resources}>>`,
  );
  const pages = file.add(`<</Type/Pages/Kids[${page} 0 R]/Count 1>>`);
  const info = file.add(`<</Title<FEFF${units(wish.title)}>/Producer(sitegen)>>`);
  const root = file.add(`<</Type/Catalog/Pages ${pages} 0 R>>`);
  return { bytes: file.finished(root, info), missing: [...drawn.missing].join("") };
}

/** Objects by number, from 1. */
class File {
  private readonly objects: Uint8Array[] = [];

  /** The number that the next object will have. */
  get next(): number {
    return this.objects.length + 1;
  }

  add(text: string): number {
    return this.objects.push(latin(text));
  }

  stream(content: Uint8Array, more = ""): number {
    const packed = zlibSync(content, { level: 9 });
    const head = `<</Length ${packed.length}/Filter/FlateDecode${more}>>\nstream\n`;
    return this.objects.push(joined([latin(head), packed, latin("\nendstream")]));
  }

  finished(root: number, info: number): Uint8Array {
    // The bytes beyond ASCII tell programs that hand files on that it is none of text.
    const parts = [latin("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n")];
    let at = parts[0]!.length;
    const places = this.objects.map((body, index) => {
      const whole = joined([latin(`${index + 1} 0 obj\n`), body, latin("\nendobj\n")]);
      parts.push(whole);
      at += whole.length;
      return at - whole.length;
    });
    const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
    const size = places.length + 1;
    parts.push(
      latin(
        `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<</Size ${size}/Root ${root} 0 R/Info ${info} 0 R>>\nstartxref\n${at}\n%%EOF\n`,
      ),
    );
    return joined(parts);
  }
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function resourcesOf(file: File, drawn: Drawn, pictures: readonly number[], height: number): string {
  const fonts = drawn.fonts.map((written, index) => `/F${index} ${fontIn(file, written)} 0 R`);
  const textures = [...drawn.textures].sort((a, b) => a - b);
  const patterns = textures.map((texture) => `/T${texture} ${patternIn(file, texture, height)} 0 R`);
  const images = pictures.map((picture, index) => `/P${index} ${picture} 0 R`);
  return `<</Font<<${fonts.join("")}>>/Pattern<<${patterns.join("")}>>/XObject<<${images.join("")}>>>>`;
}

/** Letters by the numbers of their glyphs, with a table that tells readers which they are. */
function fontIn(file: File, { font, used }: Written): number {
  const glyphs = [...used.keys()].sort((a, b) => a - b);
  const name = `${tagOf(glyphs)}+${font.name}`;
  const data = font.subset(glyphs);
  const embedded = file.stream(data, `/Length1 ${data.length}`);
  const { ascent, descent, box } = font;
  const descriptor = file.add(
    `<</Type/FontDescriptor/FontName/${name}/Flags 4/FontBBox[${box.join(" ")}]/ItalicAngle 0/Ascent ${ascent}/Descent ${descent}/CapHeight ${ascent}/StemV 80/FontFile2 ${embedded} 0 R>>`,
  );
  const widths = glyphs.map((glyph) => `${glyph}[${font.advance(glyph)}]`).join("");
  const inner = file.add(
    `<</Type/Font/Subtype/CIDFontType2/BaseFont/${name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ${descriptor} 0 R/CIDToGIDMap/Identity/W[${widths}]>>`,
  );
  const letters = file.stream(latin(lettersOf(used)));
  return file.add(
    `<</Type/Font/Subtype/Type0/BaseFont/${name}/Encoding/Identity-H/DescendantFonts[${inner} 0 R]/ToUnicode ${letters} 0 R>>`,
  );
}

/** Six letters that tell one choice of glyphs from another. */
function tagOf(glyphs: readonly number[]): string {
  let sum = 7;
  for (const glyph of glyphs) sum = (sum * 31 + glyph) % 308_915_776;
  return Array.from({ length: 6 }, (_, place) =>
    String.fromCharCode(65 + (Math.floor(sum / 26 ** place) % 26)),
  ).join("");
}

function lettersOf(used: Written["used"]): string {
  const rows = [...used].map(([glyph, letter]) => `<${hex(glyph)}><${units(letter)}>`);
  // A list holds at most 100.
  const lists = Array.from({ length: Math.ceil(rows.length / 100) }, (_, index) =>
    rows.slice(index * 100, index * 100 + 100),
  );
  const body = lists.map((list) => `${list.length} beginbfchar\n${list.join("\n")}\nendbfchar`).join("\n");
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000><FFFF>
endcodespacerange
${body}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}

function patternIn(file: File, texture: number, height: number): number {
  const matrix = `/Matrix[1 0 0 -1 0 ${amount(height)}]`;
  return file.stream(
    latin(tileOf(texture)),
    `/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 ${TILE} ${TILE}]/XStep ${TILE}/YStep ${TILE}${matrix}/Resources<<>>`,
  );
}

function pictureIn(file: File, { width, height, rgb }: Pixels): number {
  return file.stream(
    rgb,
    `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8`,
  );
}
