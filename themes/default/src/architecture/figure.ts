/** A figure of a network: from its layers and what a person wants of them to marks on a plane. */
import { aggregate, type Aggregation, type ManualGroup } from "./aggregate.ts";
import { cellOf, type Cell } from "./cells.ts";
import { AUTOMATIC, shownOf, type Detail, type Frame, type Shown } from "./detail.ts";
import { marksOf, type Sample } from "./glyphs.ts";
import { endsOf, frameTitle, place, TITLE_INSET, TITLE_WEIGHT } from "./layout.ts";
import {
  flowed,
  groupKey,
  groupsIn,
  keyOf,
  layerKey,
  legendOf,
  openEntry,
  rampEntry,
  TITLES,
  type LegendEntry,
  type Paints,
} from "./legend.ts";
import { amountOf, carriedOver, factsOf, scalesOf, type Facts, type Scales } from "./measures.ts";
import { Matcher } from "./matches.ts";
import { withoutTypes, withSplits, type Network } from "./network.ts";
import { groupPaint, isColour, paintAt, rampAt, type Paint } from "./palettes.ts";
import { isFollower } from "./parts.ts";
import { DEFAULTS, NO_STYLES, type Preferences, type Styles } from "./preferences.ts";
import { widerThan } from "./papers.ts";
import { nested } from "./nested.ts";
import { asOneRow, rowed, type Rowed } from "./rows.ts";
import { extentOf, moved, type Box, type Mark, type Scene } from "./scene.ts";
import { formatFixed } from "../markup.ts";
import { say } from "../words.ts";

export interface NamedGroup {
  name: string;
  /** Ids of layers. */
  layers: readonly string[];
  isActive: boolean;
}

export interface Wanted {
  preferences: Preferences;
  styles: Styles;
  detail: Detail;
  groups: readonly NamedGroup[];
  /** The width that it must not exceed; null for as wide as it is. */
  width: number | null;
  /** Whether it is exactly as wide as that. */
  isExact: boolean;
  /** Images for inputs, if the dataset has any. */
  sample: Sample | null;
  /** The colour of a glyph in place of that of its type: in a comparison. */
  paint?: (layers: readonly number[]) => Paint | null;
  /** What else is drawn on the same scales: another network beside it. */
  beside?: readonly Facts[];
}

export const WANTED: Wanted = {
  ...{
    preferences: DEFAULTS,
    styles: NO_STYLES,
    detail: AUTOMATIC,
    groups: [],
    width: null,
    isExact: false,
    sample: null,
  },
};

export interface Figure {
  scene: Scene;
  shown: Shown;
  aggregation: Aggregation;
  facts: readonly Facts[];
  /** Where each glyph's cell is. */
  cells: readonly Box[];
  notices: readonly string[];
}

/** Sizes of glyphs that are tried, from as wanted to as small as can be read, before text becomes smaller. */
const COMPACT = [1, 0.8, 0.62, 0.48];
const MARGIN = 4;
/** Share of its size to which text may become smaller before a figure is laid out in another way. */
const READABLE = 0.7;

export function figureOf(network: Network, wanted: Wanted): Figure {
  const prepared = preparedOf(network, wanted);
  const aggregation = aggregate(prepared, manualGroups(prepared, wanted.groups));
  return figureOfParts(aggregation, wanted);
}

/** What a figure of a network would show, without drawing it. */
export function factsFor(network: Network, wanted: Wanted): Facts[] {
  const prepared = preparedOf(network, wanted);
  const aggregation = aggregate(prepared, manualGroups(prepared, wanted.groups));
  return shownOf(aggregation, wanted.detail).glyphs.map((glyph) => factsOf(aggregation, glyph));
}

/** The network without the types that are hidden, with splits where they are wanted. */
export function preparedOf(
  network: Network,
  { styles, preferences }: Pick<Wanted, "styles" | "preferences">,
): Network {
  const kept = withoutTypes(network, new Set(styles.hidden));
  return preferences.splits ? withSplits(kept) : kept;
}

/**
 * Active groups by the places of their layers, and then every other place in which the same stand alike; of
 * layers that are not there the group is what is left.
 */
export function manualGroups(network: Network, groups: readonly NamedGroup[]): ManualGroup[] {
  const places = new Map(network.layers.map(({ id }, index) => [id, index]));
  const own = groups
    .filter(({ isActive }) => isActive)
    .map(({ name, layers }) => ({
      name,
      layers: layers.map((id) => places.get(id)).filter((index) => index !== undefined),
    }));
  if (own.length === 0) return [];
  const matcher = new Matcher(network);
  const all: ManualGroup[] = [...own];
  for (const { name, layers: group } of own) {
    const others = all.map(({ layers }) => new Set(layers));
    const found = matcher.matches(group).filter((match) => others.every((each) => isNested(each, match)));
    all.push(...found.map((layers) => ({ name, layers })));
  }
  return all;
}

/** Whether one of two groups holds the other, or they have nothing in common. */
function isNested(one: ReadonlySet<number>, other: readonly number[]): boolean {
  const both = other.filter((layer) => one.has(layer)).length;
  return both === 0 || both === Math.min(one.size, other.length);
}

export function figureOfParts(aggregation: Aggregation, wanted: Wanted): Figure {
  const shown = shownOf(aggregation, wanted.detail);
  const own = shown.glyphs.map((glyph) => factsOf(aggregation, glyph));
  const facts = carriedOver(own, shown.edges);
  const drawing = new Drawing(aggregation, shown, facts, wanted);
  const { scene, cells, share } = drawing.drawn();
  const small = share < 0.999 ? [smallIn(aggregation, shown.level, share, wanted)] : [];
  const notices = [...aggregation.network.notices, ...shown.notices, ...small];
  return { scene, shown, aggregation, facts, cells, notices };
}

/** How small the text became, and, of one that nobody reads, what would make it larger. */
function smallIn(aggregation: Aggregation, level: number, share: number, wanted: Wanted): string {
  const size = formatFixed(wanted.preferences.fontSize * share, 1);
  if (share >= READABLE)
    return say(
      "The figure is too wide for its column, so its text is {size} pt: choose a wider preset or less detail.",
      {
        size,
      },
    );
  const ways = [lessDetail(aggregation, level, wanted), widerPaper(aggregation, wanted)].filter(Boolean);
  const what = ways.join(` ${say("or")} `) || say("a wider preset and less detail");
  return say(
    "The figure is too wide for its column, so its text is {size} pt, too small to be read: choose {what}.",
    {
      ...{ size, what },
    },
  );
}

/** How much smaller text is in a figure that is like this one otherwise. */
function shareAt(aggregation: Aggregation, wanted: Wanted): number {
  const shown = shownOf(aggregation, wanted.detail);
  const facts = carriedOver(
    shown.glyphs.map((glyph) => factsOf(aggregation, glyph)),
    shown.edges,
  );
  return new Drawing(aggregation, shown, facts, wanted).drawn().share;
}

/** The deepest level whose text can be read in this column. */
function lessDetail(aggregation: Aggregation, level: number, wanted: Wanted): string | null {
  for (let less = level - 1; less > 0; less--)
    if (shareAt(aggregation, { ...wanted, detail: { ...AUTOMATIC, level: less } }) >= READABLE)
      return say("the level of detail {level}", { level: less });
  return null;
}

/** The narrowest wider column of the same paper, or a slide, in which all of it can be read. */
function widerPaper(aggregation: Aggregation, wanted: Wanted): string | null {
  for (const [name, preferences, width] of widerThan(wanted.width, wanted.preferences))
    if (shareAt(aggregation, { ...wanted, preferences, width }) >= READABLE)
      return say("the preset {name}", { name });
  return null;
}

interface Laid {
  rows: Rowed;
  cells: readonly Cell[];
  scales: Scales;
  preferences: Preferences;
}

class Drawing {
  private readonly paints: Paints;

  constructor(
    private readonly aggregation: Aggregation,
    private readonly shown: Shown,
    private readonly facts: readonly Facts[],
    private readonly wanted: Wanted,
  ) {
    this.paints = paintsOf(aggregation, shown, wanted);
  }

  drawn(): { scene: Scene; cells: Box[]; share: number } {
    const { width } = this.wanted;
    const room = width === null ? null : width - 2 * MARGIN;
    // On a page, what is too wide is scrolled; on paper it must fit.
    const tries = room === null || !this.wanted.isExact ? [1] : COMPACT;
    const lying = this.best(tries, room, false);
    if (room === null || lying.rows.width <= room) return this.composed(lying, room);
    // Narrower than any row, and higher: only where a row would not do.
    const standing = this.best(tries, room, true);
    const mayLie = room / lying.rows.width >= READABLE && !isLow(standing.rows, room);
    return this.composed(mayLie ? lying : standing, room);
  }

  private best(tries: readonly number[], room: number | null, mayStand: boolean): Laid {
    let best = this.laid(tries[0]!, room, mayStand);
    for (const share of tries.slice(1)) {
      if (room === null || (best.rows.rows === 1 && best.rows.width <= room && isLow(best.rows, room))) break;
      const next = this.laid(share, room, mayStand);
      if (isBetter(next.rows, best.rows, room)) best = next;
    }
    return best;
  }

  private laid(share: number, room: number | null, mayStand: boolean): Laid {
    const preferences = compact(this.wanted.preferences, share);
    const { glyphs, frames, edges } = this.shown;
    const scales = scalesOf([...this.facts, ...(this.wanted.beside ?? [])], preferences);
    const ends = endsOf(glyphs.length, edges);
    const cells = glyphs.map((glyph, index) => {
      const isSplit = this.facts[index]!.carrier?.type === "Split";
      const needs = { ins: ends[index]!.ins.length, outs: ends[index]!.outs.length, isSplit };
      return cellOf(glyph, this.facts[index]!, scales, preferences, this.wanted.styles, needs);
    });
    const standing = frames.length === 0 ? nested(glyphs.length, edges, ends, cells, preferences) : null;
    const placed = standing && mayStand ? standing : place(glyphs, frames, edges, ends, cells, preferences);
    // Rows would tear apart what skips hold together.
    const rows = standing ? asOneRow(placed) : rowed(placed, cells, room);
    return { rows, cells, scales, preferences };
  }

  private composed(
    { rows, cells, scales, preferences }: Laid,
    room: number | null,
  ): { scene: Scene; cells: Box[]; share: number } {
    const shrink = room !== null && this.wanted.isExact && rows.width > room ? room / rows.width : 1;
    const marks = this.marks(rows, cells, preferences).map((mark) => moved(mark, 0, 0, shrink));
    const legend = flowed(
      this.entries(scales, preferences),
      Math.max(this.wanted.isExact ? (room ?? 0) : 0, Math.min(rows.width * shrink, 1200), 240),
      preferences,
    );
    const used = Math.max(rows.width * shrink, legend.width);
    const width = this.wanted.isExact && this.wanted.width !== null ? this.wanted.width : used + 2 * MARGIN;
    const shift = (width - rows.width * shrink) / 2;
    const top = MARGIN;
    const below = top + rows.height * shrink + (legend.marks.length ? preferences.fontSize * 1.6 : 0);
    const scene = {
      width,
      height: below + legend.height + MARGIN,
      marks: [
        ...marks.map((mark) => moved(mark, shift, top)),
        ...legend.marks.map((mark) => moved(mark, (width - legend.width) / 2, below)),
      ],
    };
    const boxes = rows.cells.map(([x, y], index) => ({
      ...{
        x: x * shrink + shift,
        y: y * shrink + top,
        width: cells[index]!.width * shrink,
        height: cells[index]!.height * shrink,
      },
    }));
    return { scene: whole(scene, this.wanted.isExact), cells: boxes, share: shrink };
  }

  private marks(rows: Rowed, cells: readonly Cell[], preferences: Preferences): Mark[] {
    const { frames, glyphs } = this.shown;
    return [
      ...frames.flatMap((frame, index) => frameMarks(frame, rows.frames[index]!, preferences)),
      ...rows.edges.flatMap((ways) =>
        ways.map((points, at): Mark => ({
          ...{ kind: "line", points, stroke: "ink", width: preferences.stroke },
          ...(preferences.arrows && at === ways.length - 1 ? { arrow: true } : {}),
        })),
      ),
      ...glyphs.flatMap((glyph, index) => {
        const own = this.wanted.paint?.(glyph.layers) ?? this.paintOf(index);
        const sample =
          this.facts[index]!.carrier?.kind === "input" && this.facts[index]!.given.length === 2
            ? this.wanted.sample
            : null;
        return marksOf(cells[index]!, rows.cells[index]!, own, preferences, sample).map((mark) => ({
          ...mark,
          glyph: index,
        }));
      }),
    ];
  }

  private paintOf(index: number): Paint {
    const { colour } = this.wanted.preferences;
    const amount = amountOf(this.facts[index]!, colour);
    if (colour === "none") return { fill: "#d9d9d9", texture: -1 };
    if (colour === "type" || colour === "category")
      return (
        this.paints.get(keyOf(this.aggregation, this.shown.glyphs[index]!.part)) ?? {
          fill: "#bbbbbb",
          texture: -1,
        }
      );
    const [low, high] = this.ends();
    if (amount === null || !(amount > 0)) return { fill: "#eeeeee", texture: -1 };
    return { fill: rampAt(high > low ? Math.log(amount / low) / Math.log(high / low) : 0.5), texture: -1 };
  }

  /** The least and greatest of what colours show. */
  private ends(): [number, number] {
    const found = this.facts
      .map((each) => amountOf(each, this.wanted.preferences.colour) ?? 0)
      .filter((amount) => amount > 0);
    return [
      found.reduce((least, each) => Math.min(least, each), Infinity),
      found.reduce((most, each) => Math.max(most, each), 0),
    ];
  }

  private entries(scales: Scales, preferences: Preferences): LegendEntry[] {
    const { colour } = preferences;
    const isRamp = ["parameters", "flops", "bytes"].includes(colour);
    const [low, high] = this.ends();
    const ramp =
      isRamp && high > 0 && preferences.legend
        ? [
            rampEntry(
              say("Colour: {more}, log", { more: say(TITLES[colour]!) }),
              low,
              high,
              rampAt,
              preferences,
            ),
          ]
        : [];
    const isKeyed = colour === "type" || colour === "category";
    const legend = legendOf(
      this.aggregation,
      this.shown,
      this.paints,
      scales,
      { ...preferences, legend: preferences.legend && isKeyed },
      this.wanted.styles,
    );
    const isAnyOpen = this.facts.some(({ carried }) => carried !== undefined);
    return [...ramp, ...legend, ...(isAnyOpen && preferences.legend ? [openEntry(preferences)] : [])];
  }
}

/** Sizes of glyphs and spaces by a share; text keeps its size. */
function compact(preferences: Preferences, share: number): Preferences {
  const { minHeight, maxHeight, minWidth, maxWidth, spacing, gap } = preferences;
  const [least, size] = [Math.max(share, 0.7), (value: number) => value * share];
  return {
    ...preferences,
    ...{
      minHeight: minHeight * least,
      maxHeight: size(maxHeight),
      minWidth: minWidth * least,
      maxWidth: size(maxWidth),
    },
    ...{ spacing: Math.max(7, size(spacing)), gap: Math.max(6, size(gap)) },
  };
}

/** Fewer rows are better; where the best so far is wider than its room, or too high for it, a smaller one is. */
function isBetter(next: Rowed, best: Rowed, room: number): boolean {
  const isTooLarge = best.width > room || (best.rows === 1 && !isLow(best, room));
  return next.rows < best.rows || (isTooLarge && next.width < best.width);
}

/** Whether it leaves room for text: in points, below it on a page, and all around on a slide of 16:9. */
const isLow = ({ height }: Rowed, room: number): boolean => height <= Math.max(420, room * 0.5);

/** What each type of layer has its colour by; those that only follow others come last. */
function colouredTypes({ layers }: Network, { colour }: Preferences): Map<string, string> {
  const types = new Map<string, string>();
  const inner = layers.filter(({ kind }) => kind !== "input" && kind !== "output");
  for (const isLast of [false, true])
    for (const { type, category } of inner)
      if (isFollower(category) === isLast && !types.has(type))
        types.set(type, colour === "category" ? category : type);
  return types;
}

/** A colour for each type and each group, in the order in which the network has them. */
function paintsOf(aggregation: Aggregation, shown: Shown, { preferences, styles }: Wanted): Paints {
  const { network } = aggregation;
  const types = colouredTypes(network, preferences);
  const order = [...new Set(types.values())];
  const paints = new Map<string, Paint>();
  const own = (name: string, paint: Paint): Paint =>
    isColour(styles.colours[name]) ? { fill: styles.colours[name], texture: -1 } : paint;
  for (const [type, kind] of types)
    paints.set(layerKey(type), own(type, paintAt(order.indexOf(kind), preferences)));
  const lead = [...types.values()].filter(
    (_, index) => !isFollower(categoryOf(network, [...types.keys()][index]!)),
  ).length;
  for (const [[name]] of groupsIn(aggregation, shown)) {
    const key = groupKey(name!);
    if (paints.has(key)) continue;
    const count = [...paints.keys()].filter((each) => each.startsWith("group:")).length;
    paints.set(key, own(name!, own(key.slice(6), groupPaint(count, lead, preferences))));
  }
  return paints;
}

const categoryOf = (network: Network, type: string): string =>
  network.layers.find((layer) => layer.type === type)?.category ?? "";

function frameMarks(frame: Frame, box: Box, { fontSize, stroke }: Preferences): Mark[] {
  const { x, y, width, height } = box;
  const points: [number, number][] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  return [
    { kind: "area", points, fill: "panel", stroke: "quiet", width: stroke * 0.75, round: 4 },
    {
      kind: "text",
      x: x + TITLE_INSET,
      y: y + fontSize * 1.15,
      text: frameTitle(frame),
      size: fontSize,
      weight: TITLE_WEIGHT,
      anchor: "start",
      fill: "ink",
    },
  ];
}

/** With every mark inside: nothing that is drawn is cut off. */
function whole(scene: Scene, isExact: boolean): Scene {
  const boxes = scene.marks.map(extentOf);
  const left = boxes.reduce((least, { x }) => Math.min(least, x), 0);
  const top = boxes.reduce((least, { y }) => Math.min(least, y), 0);
  const right = boxes.reduce((most, { x, width }) => Math.max(most, x + width), 0);
  const bottom = boxes.reduce((most, { y, height }) => Math.max(most, y + height), 0);
  const overhang = Math.max(0, right - scene.width) - Math.min(0, left);
  if (isExact && overhang > 0) {
    const share = scene.width / (scene.width + overhang);
    return {
      width: scene.width,
      height: (Math.max(scene.height, bottom) - top) * share,
      marks: scene.marks.map((mark) => moved(mark, -left * share, -top * share, share)),
    };
  }
  return {
    width: Math.max(scene.width, right) - left,
    height: Math.max(scene.height, bottom) - top,
    marks: scene.marks.map((mark) => moved(mark, -left, -top)),
  };
}
