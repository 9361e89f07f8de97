/**
 * The cell of each glyph: its body, and around it the room for its labels and prongs. Cells never overlap, so neither
 * do labels, whatever the network.
 */
import { shorten } from "../markup.ts";
import { textWidth } from "../vega/widths.ts";
import type { Glyph } from "./detail.ts";
import { brief, counted, dimensions, type Facts, type Scales } from "./measures.ts";
import type { Preferences, Styles } from "./preferences.ts";
import { ASCENT, LINE, type Text } from "./scene.ts";

export type Kind = "layer" | "dense" | "group" | "sample";

/** All places are from the cell's left upper corner. */
export interface Cell {
  width: number;
  height: number;
  kind: Kind;
  /** Left end of the body, and the height in which data flows. */
  left: number;
  axis: number;
  /** Size of the body: across, at its left, at its right. */
  body: readonly [width: number, given: number, made: number];
  /** The same two heights for the other place of arrays that are not square; null where they are. */
  other: readonly [given: number, made: number] | null;
  /** How far its top is moved to show depth. */
  depth: readonly [x: number, y: number];
  /** Heights in which connections come in and go out. */
  ins: readonly number[];
  outs: readonly number[];
  /** Length of its prongs at each side. */
  prongs: readonly [left: number, right: number];
  labels: readonly Text[];
  /** Whether its height is that of what stands before it, since its own is not known. */
  isOpen: boolean;
}

export interface Needs {
  ins: number;
  outs: number;
  /** Whether several ends go out at places of their own. */
  isSplit: boolean;
}

const MARGIN = 3;
/** Widest line of a label, in sizes of its text. */
const WIDEST = 6.5;
const DEPTH = [0.32, 0.22] as const;

export function cellOf(
  glyph: Glyph,
  facts: Facts,
  scales: Scales,
  preferences: Preferences,
  styles: Styles,
  needs: Needs,
): Cell {
  const kind = kindOf(glyph, facts, preferences);
  const body = bodyOf(kind, facts, scales, preferences);
  const other = kind === "dense" ? null : otherOf(facts, scales);
  const depth = depthOf(kind, facts, scales, preferences);
  const tall = Math.max(body[1], body[2], ...(other ?? []));
  const ins = spreadOf(needs.ins, tall, preferences);
  const outs = spreadOf(needs.isSplit ? needs.outs : 1, tall, preferences);
  const labels: Labels = {
    badge: badgeOf(glyph),
    lines: linesBelow(glyph, kind, facts, preferences, styles),
    strip: needs.isSplit ? null : stripText(glyph, facts, preferences),
  };
  const room: Room = {
    ...{ half: (body[0] + depth[0]) / 2, above: Math.max(tall / 2 + depth[1], ins / 2, outs / 2) },
    ...{ below: Math.max(tall / 2, ins / 2, outs / 2), prongs: prongsOf(needs, preferences) },
  };
  const { centre, axis, ...frame } = framed(room, labels, preferences);
  return {
    ...{
      ...frame,
      kind,
      isOpen: facts.carried !== undefined,
      left: centre - room.half,
      axis,
      body,
      other,
      depth,
      prongs: room.prongs,
    },
    ins: portsAt(needs.ins, axis, ins),
    outs: needs.isSplit ? portsAt(needs.outs, axis, outs) : [axis],
  };
}

interface Labels {
  /** Over the body, below it, and turned at its right; empty or null for none. */
  badge: string;
  lines: readonly string[];
  strip: string | null;
}

/** What the body takes, from its middle. */
interface Room {
  half: number;
  above: number;
  below: number;
  prongs: Cell["prongs"];
}

/** The cell around a body and its labels. The body's middle is that of its labels, so that it is plain whose they are. */
function framed(
  { half, above, below, prongs }: Room,
  { badge, lines, strip }: Labels,
  preferences: Preferences,
): Pick<Cell, "width" | "height" | "axis" | "labels"> & { centre: number } {
  const { fontSize } = preferences;
  const stripWidth = strip ? fontSize + 2 * MARGIN : 0;
  const widths = [...lines.map((line) => textWidth(line, fontSize)), textWidth(badge, fontSize, 650)];
  const wide = Math.max(...widths) / 2 + MARGIN;
  const centre = Math.max(prongs[0] + half, wide);
  const width = Math.ceil(centre + Math.max(half + Math.max(stripWidth, prongs[1]), wide));
  const top = badge ? fontSize * LINE + MARGIN : 0;
  // Whole numbers, as the layout rounds: what is in line stays so.
  const axis = Math.ceil(top + above);
  const stripLength = strip ? textWidth(strip, fontSize) + MARGIN : 0;
  const base = axis + Math.max(below, strip && wide > half ? stripLength : 0) + MARGIN;
  const lowest = Math.max(base + lines.length * fontSize * LINE, axis + below, axis + stripLength);
  const at = (index: number): number => base + (index + ASCENT + 0.1) * fontSize * LINE;
  const labels = [
    ...(badge ? [textAt(centre, axis - above - MARGIN, badge, preferences, 650)] : []),
    ...lines.map((line, index) => textAt(centre, at(index), line, preferences)),
    ...(strip ? [turnedAt(centre + half + stripWidth / 2, axis + MARGIN, strip, preferences)] : []),
  ];
  return { width, height: Math.ceil(lowest + MARGIN), axis, labels, centre };
}

function kindOf({ part }: Glyph, { carrier, isDense }: Facts, { samples }: Preferences): Kind {
  if (samples && (carrier?.kind === "input" || carrier?.kind === "output")) return "sample";
  if (part.kind === "group" && !carrier) return "group";
  return isDense ? "dense" : "layer";
}

function bodyOf(kind: Kind, facts: Facts, scales: Scales, preferences: Preferences): Cell["body"] {
  const { features, carried } = facts;
  const [given, made] = carried ?? [facts.given, facts.made];
  const isLost = facts.isOpen[1] && made.length === 0;
  // Of what nothing tells the size, not even what stands before: as high as neither the least nor the greatest.
  const middle = (preferences.minHeight + preferences.maxHeight) / 2;
  const units = (): number => (isLost ? middle : scales.units.at(features ?? 0));
  const side = (sizes: readonly number[]): number =>
    sizes.length ? scales.height.at(sizes.at(-2) ?? sizes.at(-1)!) : units();
  if (kind === "sample") {
    const height = made.length ? side(made) : Math.min(units(), preferences.maxHeight / 2);
    return [Math.min(height, preferences.maxHeight * 0.6), height, height];
  }
  if (kind === "dense") return [widthOf(facts, scales, preferences, true), units(), units()];
  return [widthOf(facts, scales, preferences, false), given.length ? side(given) : side(made), side(made)];
}

function widthOf(facts: Facts, scales: Scales, preferences: Preferences, isDense: boolean): number {
  const { width, minWidth, maxWidth } = preferences;
  if (width === "none") return (minWidth + maxWidth) / 3;
  if (width === "features") return isDense ? minWidth : scales.width.at(facts.features ?? 0);
  return scales.width.at(facts[width] ?? 0);
}

/** The heights of the second place where arrays are not square. */
function otherOf({ carried, ...facts }: Facts, scales: Scales): Cell["other"] {
  const [given, made] = carried ?? [facts.given, facts.made];
  const isSquare = (sizes: readonly number[]): boolean => sizes.length < 2 || sizes.at(-1) === sizes.at(-2);
  if (isSquare(given) && isSquare(made)) return null;
  const side = (sizes: readonly number[], beside: readonly number[]): number =>
    scales.height.at((sizes.length ? sizes : beside).at(-1) ?? 0);
  return [side(given, made), side(made, given)];
}

function depthOf(
  kind: Kind,
  { made, carried }: Facts,
  scales: Scales,
  { style, minHeight }: Preferences,
): Cell["depth"] {
  if (style !== "3d" || kind === "sample") return [0, 0];
  const sizes = carried?.[1] ?? made;
  const size = kind === "dense" || sizes.length === 0 ? minHeight : scales.height.at(sizes.at(-1)!);
  return [size * DEPTH[0], size * DEPTH[1]];
}

function prongsOf({ ins, outs, isSplit }: Needs, { joins, spacing }: Preferences): Cell["prongs"] {
  const length = Math.min(16, Math.max(7, spacing * 0.7));
  return [ins > 1 && joins === "prongs" ? length : 0, isSplit && outs > 1 && joins === "prongs" ? length : 0];
}

/** Room that several ends take: as high as the body, or more where it is too small for them. */
function spreadOf(count: number, tall: number, { fontSize }: Preferences): number {
  return count < 2 ? 0 : Math.max(tall * (1 - 1 / count), (count - 1) * Math.max(7, fontSize * 0.8));
}

const portsAt = (count: number, axis: number, spread: number): number[] =>
  Array.from({ length: Math.max(1, count) }, (_, index) =>
    count < 2 ? axis : Math.round(axis - spread / 2 + (spread * index) / (count - 1)),
  );

const badgeOf = ({ count, isParallel }: Glyph): string =>
  count > 1 ? `${isParallel ? "∥ " : ""}×${count}` : "";

/** The number of features, and the name in lines that are not too wide. */
function linesBelow(
  glyph: Glyph,
  kind: Kind,
  facts: Facts,
  preferences: Preferences,
  styles: Styles,
): string[] {
  const { names, fontSize } = preferences;
  const isOfGroups = names === "groups" && (kind === "group" || kind === "sample");
  const isNamed = names === "all" || names === "types" || glyph.isLoose || isOfGroups;
  const said = names === "all" ? ownName(glyph, kind, facts, styles) : nameOf(glyph, kind, facts, styles);
  const name = isNamed ? wrapped(said, WIDEST * fontSize, fontSize) : [];
  return [...amountIn(facts, preferences), ...name];
}

function amountIn(facts: Facts, { features, width }: Preferences): string[] {
  const isOfFeatures = width === "features" || width === "none";
  const amount = isOfFeatures ? facts.features : facts[width];
  if (!features || amount === null) return [];
  return [isOfFeatures ? counted(amount) : brief(amount)];
}

function nameOf(glyph: Glyph, kind: Kind, facts: Facts, { aliases }: Styles): string {
  const name = kind === "sample" ? facts.carrier!.name : glyph.name;
  return Object.hasOwn(aliases, glyph.name) ? aliases[glyph.name]! : name;
}

/** A layer as its code calls it; copies have names that differ, and are called as what they are. */
function ownName(glyph: Glyph, kind: Kind, facts: Facts, styles: Styles): string {
  const { carrier } = facts;
  if (glyph.count > 1 || !carrier?.name) return nameOf(glyph, kind, facts, styles);
  if (Object.hasOwn(styles.aliases, carrier.name)) return styles.aliases[carrier.name]!;
  // A number alone, as places of a sequence have it, says nothing without what holds it.
  return /^\d+$/.test(carrier.name) ? carrier.id.split(/[./]/).slice(-2).join(".") : carrier.name;
}

/** A name in at most three lines, broken between its words; what is too long loses its middle. */
export function wrapped(name: string, limit: number, size: number): string[] {
  const words = name.slice(0, 200).match(/[A-Z]?[^A-Z\s_.-]+[\s_.-]?|[A-Z]+(?![a-z])[\s_.-]?|[\s_.-]/g) ?? [
    name.slice(0, 200),
  ];
  const lines: string[] = [];
  for (const word of words) {
    const joined = (lines.at(-1) ?? "") + word;
    if (lines.length && textWidth(joined.trim(), size) <= limit) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  const cut = lines.map((line) => fitting(line.trim(), limit, size)).filter(Boolean);
  return cut.length > 3 ? [cut[0]!, "…", cut.at(-1)!] : cut;
}

function fitting(line: string, limit: number, size: number): string {
  let [text, length] = [line, line.length];
  while (length > 3 && textWidth(text, size) > limit) text = shorten(line, --length);
  return text;
}

/** The places of what goes out, where they are others than those of what comes in. */
function stripText(
  { part }: Glyph,
  { given, made, carrier }: Facts,
  preferences: Preferences,
): string | null {
  const isChanged = carrier?.kind === "input" || given.join() !== made.join();
  if (!preferences.dimensions || !made.length || !isChanged || carrier?.kind === "output") return null;
  return part.kind === "layer" || made.length ? dimensions(made.slice(-3)) : null;
}

const textAt = (
  x: number,
  y: number,
  text: string,
  { fontSize }: Preferences,
  weight: Text["weight"] = 400,
): Text => ({
  ...{ kind: "text", x, y, text, size: fontSize, weight, anchor: "middle", fill: "ink" },
});

const turnedAt = (x: number, y: number, text: string, { fontSize }: Preferences): Text => ({
  ...{ kind: "text", x, y, text, size: fontSize, weight: 400, anchor: "start", fill: "quiet", turned: true },
});
