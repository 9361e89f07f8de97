/** What tells how to read a figure: its types, what its groups are made of, and what its sizes mean. */
import { textWidth } from "../vega/widths.ts";
import type { Aggregation } from "./aggregate.ts";
import type { Shown } from "./detail.ts";
import { brief, counted, type Scales } from "./measures.ts";
import { neighboursOf } from "./network.ts";
import { darker, lighter, type Paint } from "./palettes.ts";
import { isFollower, layersIn, type GroupPart, type Part } from "./parts.ts";
import type { Preferences, Styles } from "./preferences.ts";
import { ASCENT, extentOf, moved, type Mark, type Point, type Scene } from "./scene.ts";
import { say } from "../words.ts";

export interface LegendEntry {
  width: number;
  height: number;
  marks: readonly Mark[];
}

/** Colours by what has one: `layer:Conv2d`, `group:Bottleneck`. */
export type Paints = ReadonlyMap<string, Paint>;

export const layerKey = (type: string): string => `layer:${type}`;
export const groupKey = (name: string): string => `group:${name.replace(/ \d+(?: \S+ \d+)?$/, "")}`;

/** Parts of a group that its legend shows. */
const MOST_MEMBERS = 12;
/** Entries of groups, and of groups of one name. */
const MOST_GROUPS = 14;
const MOST_KINDS = 4;
const GAP = 5;

export function legendOf(
  aggregation: Aggregation,
  shown: Shown,
  paints: Paints,
  scales: Scales,
  preferences: Preferences,
  styles: Styles,
): LegendEntry[] {
  const groups = groupsIn(aggregation, shown);
  const entries = preferences.legend
    ? [
        ...typesIn(aggregation, shown, groups).map(([type, followers]) =>
          typeEntry(type, followers, paints, preferences, styles),
        ),
        ...groups.map(([names, part]) => groupEntry(aggregation, names, part, paints, preferences, styles)),
      ]
    : [];
  if (preferences.legendReversed) entries.reverse();
  return [...entries, ...(preferences.scales ? beside(scaleEntries(scales, preferences)) : [])];
}

/** Types that have a glyph or stand in a group's entry, with what is drawn in one with them. */
function typesIn(
  { maker }: Aggregation,
  { glyphs }: Shown,
  groups: readonly [string[], GroupPart][],
): [string, string[]][] {
  const found = new Map<string, Set<string>>();
  const parts = [...glyphs.map(({ part }) => part), ...groups.flatMap(([, part]) => membersOf(part))];
  for (const part of parts) {
    const carrier = maker.carrier(part);
    if (!carrier || carrier.kind === "input" || carrier.kind === "output") continue;
    const followers = found.get(carrier.type) ?? new Set();
    if (part.kind === "group")
      for (const index of layersIn(part)) {
        const { type, category } = maker.network.layers[index]!;
        if (type !== carrier.type && isFollower(category)) followers.add(type);
      }
    found.set(carrier.type, followers);
  }
  return [...found].map(([type, followers]) => [type, [...followers]]);
}

/** Groups with an entry: those that are closed, and those in their entries, one for all that are made of the same. */
export function groupsIn(aggregation: Aggregation, { glyphs }: Shown): [string[], GroupPart][] {
  const found = new Map<string, [string[], GroupPart]>();
  const kinds = new Map<string, number>();
  const kindsOf = (name: string): number => kinds.get(groupKey(name)) ?? 0;
  const waiting = glyphs.map(({ part }) => part);
  for (const part of waiting) {
    if (!isListed(aggregation, part)) continue;
    const { name } = part as GroupPart;
    const members = membersOf(part as GroupPart);
    const key = groupKey(name) + compositionOf(aggregation, members);
    const names = found.get(key)?.[0] ?? [];
    if (!names.includes(name)) names.push(name);
    if (found.has(key) || kindsOf(name) >= MOST_KINDS || found.size >= MOST_GROUPS) continue;
    kinds.set(groupKey(name), kindsOf(name) + 1);
    found.set(key, [names, part as GroupPart]);
    waiting.push(...members);
  }
  return [...found.values()];
}

function isListed({ maker }: Aggregation, part: Part): boolean {
  return (
    part.kind === "group" &&
    !maker.carrier(part) &&
    part.role !== "section" &&
    part.role !== "network" &&
    part.role !== "open"
  );
}

/** What a group is made of; of one that holds a single group, what that is. */
function membersOf({ copies }: GroupPart): readonly Part[] {
  const parts = copies[0]!.flatMap((part) =>
    part.kind === "group" && part.role === "open" ? part.copies[0]! : [part],
  );
  const [only] = parts;
  return parts.length === 1 && only!.kind === "group" && only!.copies.length === 1 ? membersOf(only!) : parts;
}

function compositionOf({ maker }: Aggregation, parts: readonly Part[]): string {
  return parts
    .map(
      (part) =>
        `${maker.carrier(part)?.type ?? (part as GroupPart).name}×${part.kind === "group" ? part.copies.length : 1}`,
    )
    .join();
}

/** `Stage 1, 2`: names that differ in their numbers only. */
function joinedNames(names: readonly string[]): string {
  const [first = ""] = names;
  const stem = first.replace(/\d+$/, "");
  const isNumbered = stem !== first && names.every((name) => name.startsWith(stem));
  return isNumbered ? stem + names.map((name) => name.slice(stem.length)).join(", ") : names.join(", ");
}

const aliased = (name: string, { aliases }: Styles): string =>
  Object.hasOwn(aliases, name) ? aliases[name]! : name;

function typeEntry(
  type: string,
  followers: readonly string[],
  paints: Paints,
  preferences: Preferences,
  styles: Styles,
): LegendEntry {
  const said = followers.length
    ? ` ${say("with {followers}", { followers: followers.map((each) => aliased(each, styles)).join(", ") })}`
    : "";
  const swatch = swatchMarks([0, 0], layerKey(type), paints, preferences);
  return withText(
    swatch,
    preferences.legendWidth,
    `${aliased(type, styles)}${said}`.slice(0, 60),
    preferences,
  );
}

function withText(
  marks: readonly Mark[],
  width: number,
  text: string,
  { fontSize, legendHeight }: Preferences,
): LegendEntry {
  const x = width + GAP;
  const label: Mark = {
    ...{ kind: "text", x, y: legendHeight / 2 + (fontSize * (ASCENT - 0.24)) / 2, text, size: fontSize },
    ...{ weight: 400, anchor: "start", fill: "ink" },
  };
  return { width: x + textWidth(text, fontSize), height: legendHeight, marks: [...marks, label] };
}

function swatchMarks([x, y]: Point, key: string, paints: Paints, preferences: Preferences): Mark[] {
  const { legendWidth: width, legendHeight: height, textures, stroke } = preferences;
  const paint = paints.get(key) ?? { fill: "#bbbbbb", texture: -1 };
  const isGroup = key.startsWith("group:");
  const points: Point[] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  const edge = textures ? "#333333" : darker(paint.fill, isGroup ? 0.25 : 0.45);
  const fill = isGroup && !textures ? lighter(paint.fill, 0.45) : paint.fill;
  const area = { kind: "area", points, stroke: edge, width: isGroup ? stroke * 2.5 : stroke } as const;
  const texture: Mark[] =
    paint.texture < 0 ? [] : [{ ...area, fill: "none", stroke: "none", texture: paint.texture }];
  return [{ ...area, fill }, ...texture];
}

/** A group, its names, and what it is made of: `=` and its parts, with what leads where. */
function groupEntry(
  aggregation: Aggregation,
  names: readonly string[],
  part: GroupPart,
  paints: Paints,
  preferences: Preferences,
  styles: Styles,
): LegendEntry {
  const own = withText(
    swatchMarks([0, 0], groupKey(names[0]!), paints, preferences),
    preferences.legendWidth,
    `${joinedNames(names.map((name) => aliased(name, styles))).slice(0, 48)} =`,
    preferences,
  );
  const inner = compositionMarks(aggregation, part, paints, preferences);
  const box = inner.map(extentOf);
  const [top, bottom] = [
    Math.min(0, ...box.map(({ y }) => y)),
    Math.max(own.height, ...box.map(({ y, height }) => y + height)),
  ];
  const right = Math.max(0, ...box.map(({ x, width }) => x + width));
  const marks = [...own.marks, ...inner.map((mark) => moved(mark, own.width + GAP, 0))].map((mark) =>
    moved(mark, 0, -top),
  );
  return { width: own.width + GAP + right, height: bottom - top, marks };
}

/** The parts in columns by how far they are from the entry, with lines between them. */
function compositionMarks(
  aggregation: Aggregation,
  part: GroupPart,
  paints: Paints,
  preferences: Preferences,
): Mark[] {
  const { legendWidth: width, legendHeight: height, fontSize } = preferences;
  const members = membersOf(part);
  const parts = [...members].sort((a, b) => layersIn(a)[0]! - layersIn(b)[0]!).slice(0, MOST_MEMBERS);
  const left = members.length - parts.length;
  const { next, previous } = neighboursOf(parts.length, edgesAmong(aggregation, parts));
  const { columns, rows } = gridOf(previous);
  const isCounted = parts.some((each) => each.kind === "group" && each.copies.length > 1);
  const [stepX, stepY] = [width + 8, height + 4 + (isCounted ? fontSize * 0.8 : 0)];
  const middle = Math.max(...rows) / 2;
  const at = parts.map((_, index): Point => [columns[index]! * stepX, (rows[index]! - middle) * stepY]);
  const lines = parts.flatMap((_, source) =>
    next[source]!.map((target): Mark => {
      const y = at[source]![1] + height / 2;
      const bend = at[target]![0] - 8;
      const points: Point[] = [
        [at[source]![0] + width, y],
        ...(columns[target]! > columns[source]! + 1 ? [[bend, y] as Point] : []),
        [at[target]![0], at[target]![1] + height / 2],
      ];
      return { kind: "line", stroke: "quiet", width: 0.75, points };
    }),
  );
  const swatches = parts.flatMap((each, index) => [
    ...swatchMarks(at[index]!, keyOf(aggregation, each), paints, preferences),
    ...(each.kind === "group" && each.copies.length > 1
      ? [smallText(at[index]![0] + width / 2, at[index]![1] - 2, `×${each.copies.length}`, preferences)]
      : []),
  ]);
  const more =
    left > 0
      ? [
          smallText(
            (Math.max(...columns) + 1) * stepX + width / 2,
            height / 2 + fontSize / 3,
            `+${left}`,
            preferences,
          ),
        ]
      : [];
  return [...lines, ...swatches, ...more];
}

/** Columns by how far a part is from the entry; rows so that a branch stays in its own where it can. */
function gridOf(previous: readonly (readonly number[])[]): { columns: number[]; rows: number[] } {
  const [columns, rows]: [number[], number[]] = [[], []];
  const taken = new Set<string>();
  for (const sources of previous) {
    const column = Math.max(-1, ...sources.map((source) => columns[source] ?? -1)) + 1;
    let row = sources.length ? Math.min(...sources.map((source) => rows[source] ?? 0)) : 0;
    while (taken.has(`${column}/${row}`)) row++;
    taken.add(`${column}/${row}`);
    columns.push(column);
    rows.push(row);
  }
  return { columns, rows };
}

const smallText = (x: number, y: number, text: string, { fontSize }: Preferences): Mark => ({
  ...{ kind: "text", x, y, text, size: fontSize * 0.8, weight: 400, anchor: "middle", fill: "ink" },
});

export function keyOf({ maker }: Aggregation, part: Part): string {
  const carrier = maker.carrier(part);
  return carrier ? layerKey(carrier.type) : groupKey((part as GroupPart).name);
}

function edgesAmong({ network }: Aggregation, parts: readonly Part[]): { source: number; target: number }[] {
  const owner = new Map(
    parts.flatMap((part, index) => layersIn(part).map((layer) => [layer, index] as const)),
  );
  return network.connections.flatMap(({ source, target }) => {
    const [from, to] = [owner.get(source), owner.get(target)];
    return from === undefined || to === undefined || from >= to ? [] : [{ source: from, target: to }];
  });
}

/* Scales */

export const TITLES: Readonly<Record<string, string>> = {
  features: "features",
  parameters: "parameters",
  flops: "FLOPs",
  bytes: "bytes",
};
const SAID = { linear: "", sqrt: say(", square root"), log: say(", log") } as const;

function scaleEntries(scales: Scales, preferences: Preferences): LegendEntry[] {
  const { width, widthScale, heightScale } = preferences;
  const heights = scales.height.samples(scales.heights);
  const widths = width === "none" ? [] : scales.width.samples(scales.widths);
  return [
    ...(heights.length > 1
      ? [
          bars(
            say("Height: resolution{said}", { said: SAID[heightScale] }),
            heights,
            (value) => scales.height.at(value),
            preferences,
          ),
        ]
      : []),
    ...(widths.length > 1
      ? [
          bars(
            say("Width: {titles}{said}", { titles: say(TITLES[width]!), said: SAID[widthScale] }),
            widths,
            (value) => scales.width.at(value),
            preferences,
          ),
        ]
      : []),
  ];
}

/** Entries as one, so that they stay together. */
function beside(entries: readonly LegendEntry[]): LegendEntry[] {
  if (entries.length === 0) return [];
  let [x, height] = [0, 0];
  const marks: Mark[] = [];
  for (const entry of entries) {
    marks.push(...entry.marks.map((mark) => moved(mark, x, 0)));
    [x, height] = [x + entry.width + 16, Math.max(height, entry.height)];
  }
  return [{ width: x - 16, height, marks }];
}

/** Bars as long as glyphs of these values are high, or wide. */
function bars(
  title: string,
  values: readonly number[],
  at: (value: number) => number,
  { fontSize, stroke }: Preferences,
): LegendEntry {
  const size = fontSize * 0.9;
  const step = size * 1.15;
  const label = (x: number, y: number, text: string): Mark => ({
    ...{ kind: "text", x, y, text, size, weight: 400, anchor: "start", fill: "quiet" },
  });
  const longest = Math.max(...values.map(at));
  const rows = values.flatMap((value, index): Mark[] => {
    const y = step * (index + 1.5);
    const ends: Point[] = [
      [0, y],
      [at(value), y],
    ];
    const ticks = ends.map(([x]): Mark => ({
      kind: "line",
      stroke: "quiet",
      width: stroke,
      points: [
        [x, y - 2.5],
        [x, y + 2.5],
      ],
    }));
    return [
      { kind: "line", stroke: "quiet", width: stroke, points: ends },
      ...ticks,
      label(longest + GAP, y + size * 0.3, counted(value)),
    ];
  });
  const widest = Math.max(
    textWidth(title, size),
    longest + GAP + Math.max(...values.map((value) => textWidth(counted(value), size))),
  );
  return {
    width: widest,
    height: step * (values.length + 1),
    marks: [label(0, size * ASCENT, title), ...rows],
  };
}

/** What glyphs look like of which nobody knows how high they are. */
export function openEntry(preferences: Preferences): LegendEntry {
  const { legendWidth: width, legendHeight: height, stroke } = preferences;
  const points: Point[] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  const swatch: Mark = { kind: "area", points, fill: "none", stroke: "ink", width: stroke, dash: true };
  return withText([swatch], width, say("size not known"), preferences);
}

/** A ramp with what its ends mean. */
export function rampEntry(
  title: string,
  low: number,
  high: number,
  at: (share: number) => string,
  { fontSize }: Preferences,
): LegendEntry {
  const size = fontSize * 0.9;
  const [width, steps] = [72, 24];
  const label = (x: number, y: number, text: string, anchor: "start" | "end"): Mark => ({
    ...{ kind: "text", x, y, text, size, weight: 400, anchor, fill: "quiet" },
  });
  const cells = Array.from({ length: steps }, (_, index): Mark => {
    const [from, to] = [(width * index) / steps, (width * (index + 1)) / steps];
    const [top, bottom] = [size * 1.3, size * 1.3 + 8];
    return {
      kind: "area",
      points: [
        [from, top],
        [to, top],
        [to, bottom],
        [from, bottom],
      ],
      fill: at(index / (steps - 1)),
      stroke: "none",
      width: 0,
    };
  });
  const below = size * 1.3 + 8 + size;
  return {
    ...{ width: Math.max(width, textWidth(title, size)), height: below + size * 0.3 },
    marks: [
      label(0, size * ASCENT, title, "start"),
      ...cells,
      label(0, below, brief(low), "start"),
      label(width, below, brief(high), "end"),
    ],
  };
}

/** Entries in rows that are not wider than the figure. */
export function flowed(
  entries: readonly LegendEntry[],
  width: number,
  { legendSpacing, fontSize }: Preferences,
): Scene {
  const rows: { entry: LegendEntry; x: number }[][] = [[]];
  let x = 0;
  for (const entry of entries) {
    if (x > 0 && x + entry.width > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ entry, x });
    x += entry.width + legendSpacing;
  }
  let [y, widest] = [0, 0];
  const marks: Mark[] = [];
  for (const row of rows) {
    const tall = Math.max(0, ...row.map(({ entry }) => entry.height));
    for (const { entry, x: from } of row) {
      marks.push(...entry.marks.map((mark) => moved(mark, from, y + (tall - entry.height) / 2)));
      widest = Math.max(widest, from + entry.width);
    }
    y += tall + fontSize * 0.6;
  }
  return { width: widest, height: Math.max(0, y - fontSize * 0.6), marks };
}
