/** The page's font as a PDF embeds it: which letters it has, how wide they are, and a file of those alone that are used. */
import { unzlibSync } from "fflate";

/** Tables without which a letter cannot be drawn. */
const NEEDED = ["cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"];

/** Flags of a letter that is made of others. */
const COMPOSITE = { words: 1, scale: 8, more: 32, scales: 64, matrix: 128 };

export class Font {
  /** Units in the size of the font. */
  readonly units: number;
  readonly ascent: number;
  readonly descent: number;
  readonly box: readonly number[];
  private readonly tables: ReadonlyMap<string, DataView>;
  private readonly places: ReadonlyMap<number, number>;
  private readonly advances: number;
  private readonly count: number;

  /** ``woff`` is a WOFF 1 file of TrueType outlines. */
  constructor(
    woff: Uint8Array,
    readonly name: string,
  ) {
    this.tables = tablesOf(woff);
    const [head, hhea] = [this.table("head"), this.table("hhea")];
    this.units = head.getUint16(18);
    this.box = [36, 38, 40, 42].map((at) => this.thousandths(head.getInt16(at)));
    [this.ascent, this.descent] = [4, 6].map((at) => this.thousandths(hhea.getInt16(at))) as [number, number];
    this.advances = hhea.getUint16(34);
    this.count = this.table("maxp").getUint16(4);
    this.places = placesOf(this.table("cmap"));
  }

  /** The number of a letter's glyph; 0 where the font has none. */
  glyph(code: number): number {
    return this.places.get(code) ?? 0;
  }

  /** How far a glyph leads on, in thousandths of the font's size. */
  advance(glyph: number): number {
    const last = Math.min(glyph, this.advances - 1);
    return this.thousandths(this.table("hmtx").getUint16(last * 4));
  }

  /** A file with the outlines of these glyphs alone; every glyph keeps its number. */
  subset(glyphs: Iterable<number>): Uint8Array {
    const kept = this.withParts(glyphs);
    const outlines: Uint8Array[] = [];
    const loca = new DataView(new ArrayBuffer((this.count + 1) * 4));
    let at = 0;
    for (let glyph = 0; glyph < this.count; glyph++) {
      loca.setUint32(glyph * 4, at);
      if (!kept.has(glyph)) continue;
      const outline = padded(bytesOf(this.outline(glyph)));
      outlines.push(outline);
      at += outline.length;
    }
    loca.setUint32(this.count * 4, at);
    const head = new Uint8Array(bytesOf(this.table("head")));
    new DataView(head.buffer).setInt16(50, 1);
    const changed = new Map([
      ["glyf", joined(outlines)],
      ["head", head],
      ["loca", bytesOf(loca)],
    ]);
    const names = NEEDED.filter((name) => this.tables.has(name));
    return fileOf(names.map((name) => [name, changed.get(name) ?? bytesOf(this.table(name))]));
  }

  private thousandths(value: number): number {
    return Math.round((value * 1000) / this.units);
  }

  private table(name: string): DataView {
    const found = this.tables.get(name);
    if (!found) throw new Error(`the font has no table ${name}`);
    return found;
  }

  private outline(glyph: number): DataView {
    const isLong = this.table("head").getInt16(50) === 1;
    const loca = this.table("loca");
    const [from, to] = [glyph, glyph + 1].map((each) =>
      isLong ? loca.getUint32(each * 4) : loca.getUint16(each * 2) * 2,
    ) as [number, number];
    const glyf = this.table("glyf");
    return new DataView(glyf.buffer, glyf.byteOffset + from, to - from);
  }

  /** These glyphs, the one for what is missing, and those of which they are made. */
  private withParts(glyphs: Iterable<number>): Set<number> {
    const kept = new Set([0, ...glyphs]);
    for (const glyph of kept) for (const part of partsOf(this.outline(glyph))) kept.add(part);
    return kept;
  }
}

/** The glyphs of which one is made; none of a simple one. */
function partsOf(outline: DataView): number[] {
  if (outline.byteLength < 10 || outline.getInt16(0) >= 0) return [];
  const found: number[] = [];
  for (let at = 10, flags = COMPOSITE.more; flags & COMPOSITE.more;) {
    flags = outline.getUint16(at);
    found.push(outline.getUint16(at + 2));
    at += flags & COMPOSITE.words ? 8 : 6;
    at += flags & COMPOSITE.scale ? 2 : flags & COMPOSITE.scales ? 4 : flags & COMPOSITE.matrix ? 8 : 0;
  }
  return found;
}

function tablesOf(woff: Uint8Array): Map<string, DataView> {
  const view = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  const count = view.getUint16(12);
  const tables = Array.from({ length: count }, (_, index): [string, DataView] => {
    const at = 44 + index * 20;
    const [offset, packed, length] = [4, 8, 12].map((place) => view.getUint32(at + place)) as [
      number,
      number,
      number,
    ];
    const name = String.fromCharCode(...woff.subarray(at, at + 4));
    const bytes = woff.subarray(offset, offset + packed);
    const whole = packed < length ? unzlibSync(bytes) : bytes;
    return [name, new DataView(whole.buffer, whole.byteOffset, whole.byteLength)];
  });
  return new Map(tables);
}

/** Glyphs by the codes of their letters: of the table that covers most of Unicode. */
function placesOf(cmap: DataView): Map<number, number> {
  const count = cmap.getUint16(2);
  const formats = Array.from({ length: count }, (_, index) => cmap.getUint32(4 + index * 8 + 4));
  const at = (format: number): number | undefined => formats.find((each) => cmap.getUint16(each) === format);
  const [wide, narrow] = [at(12), at(4)];
  if (wide !== undefined) return wideOf(cmap, wide);
  if (narrow === undefined) throw new Error("the font tells of no letters");
  return narrowOf(cmap, narrow);
}

function wideOf(cmap: DataView, start: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let group = 0; group < cmap.getUint32(start + 12); group++) {
    const at = start + 16 + group * 12;
    const [from, to, glyph] = [0, 4, 8].map((place) => cmap.getUint32(at + place)) as [
      number,
      number,
      number,
    ];
    for (let code = from; code <= to; code++) found.set(code, glyph + code - from);
  }
  return found;
}

function narrowOf(cmap: DataView, start: number): Map<number, number> {
  const found = new Map<number, number>();
  const segments = cmap.getUint16(start + 6) / 2;
  const ends = start + 14;
  for (let segment = 0; segment < segments; segment++) {
    const place = (list: number): number => ends + 2 + list * segments * 2 + segment * 2;
    const [to, from] = [cmap.getUint16(ends + segment * 2), cmap.getUint16(place(1))];
    const [delta, range] = [cmap.getUint16(place(2)), cmap.getUint16(place(3))];
    for (let code = from; code <= to && code < 0xffff; code++) {
      const listed = range === 0 ? code : cmap.getUint16(place(3) + range + (code - from) * 2);
      const glyph = listed === 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph) found.set(code, glyph);
    }
  }
  return found;
}

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A TrueType file of tables, which come in the order of their names. */
function fileOf(tables: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const count = tables.length;
  const power = 2 ** Math.floor(Math.log2(count));
  const head = new DataView(new ArrayBuffer(12 + count * 16));
  head.setUint32(0, 0x00010000);
  for (const [index, value] of [count, power * 16, Math.log2(power), (count - power) * 16].entries())
    head.setUint16(4 + index * 2, value);
  let offset = head.byteLength;
  const bodies = tables.map(([name, bytes], index) => {
    const [at, body] = [12 + index * 16, padded(bytes)];
    for (let letter = 0; letter < 4; letter++) head.setUint8(at + letter, name.charCodeAt(letter));
    for (const [place, value] of [sumOf(body), offset, bytes.length].entries())
      head.setUint32(at + 4 + place * 4, value);
    offset += body.length;
    return body;
  });
  return joined([bytesOf(head), ...bodies]);
}

function sumOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + view.getUint32(at)) >>> 0;
  return sum;
}
