/** What glyphs are as large as: sizes of data on scales that all glyphs of a figure share. */
import type { Aggregation } from "./aggregate.ts";
import type { Edge, Glyph } from "./detail.ts";
import type { Layer } from "./network.ts";
import type { Preferences } from "./preferences.ts";
import { sayNumber } from "../words.ts";

/** A glyph's data: what comes in at its left, and what goes out at its right. */
export interface Facts {
  /** The layer that the glyph is about; null for a group of several. */
  carrier: Layer | null;
  given: readonly number[];
  made: readonly number[];
  features: number | null;
  /** Of the layers of which it is known; null where it is known of none. */
  parameters: number | null;
  flops: number | null;
  bytes: number | null;
  /** Of which of these some of the layers say nothing, so that the whole is at least what is told. */
  lacking: ReadonlySet<Cost>;
  isDense: boolean;
  /** Whether nobody knows how large its data is, at its left and at its right. */
  isOpen: readonly [given: boolean, made: boolean];
  /** The sizes of what stands before, where its own are not known: it is drawn as high as that. */
  carried?: readonly [given: readonly number[], made: readonly number[]];
}

/** What layers hold and cost. */
export const COSTS = ["parameters", "flops", "bytes"] as const;
export type Cost = (typeof COSTS)[number];

interface Total {
  value: number | null;
  isWhole: boolean;
}

/** The sum of what is known of layers, null where nothing is, and whether it is known of all. */
export function totalOf(layers: readonly Layer[], cost: Cost): Total {
  const known = layers.map((layer) => layer[cost]).filter((value) => value !== null);
  const value = known.length ? known.reduce((sum, each) => sum + each, 0) : null;
  return { value, isWhole: known.length === layers.length };
}

export function factsOf({ network, maker, graph }: Aggregation, glyph: Glyph): Facts {
  const layers = glyph.layers.map((index) => network.layers[index]!);
  const first = network.layers[entryOf(graph, glyph.layers)]!;
  const last = layers.at(-1)!;
  const carrier = maker.carrier(glyph.part);
  const totals = {
    parameters: totalOf(layers, "parameters"),
    flops: totalOf(layers, "flops"),
    bytes: totalOf(layers, "bytes"),
  };
  const isOpen = isOpenAt(last, last.outputResolution);
  return {
    carrier,
    isOpen: [isGivenOpen(first), isOpen],
    given: first.kind === "input" ? first.outputResolution : first.inputResolution,
    made: last.outputResolution,
    features: last.features,
    parameters: totals.parameters.value,
    flops: totals.flops.value,
    bytes: totals.bytes.value,
    lacking: new Set(COSTS.filter((cost) => totals[cost].value !== null && !totals[cost].isWhole)),
    isDense:
      !isOpen &&
      last.outputResolution.length === 0 &&
      (first.inputResolution.length === 0 || carrier !== null),
  };
}

/** Whether sizes at an end of a layer are not known: a size of 0 that is known leaves an array without bytes. */
function isOpenAt({ bytes, features }: Layer, resolution: readonly number[]): boolean {
  return bytes === null && (resolution.includes(0) || (resolution.length === 0 && features === null));
}

/** Whether nobody knows what a layer takes, be what it gives known or not, as behind a pool over all places. */
function isGivenOpen(layer: Layer): boolean {
  if (layer.kind === "input") return isOpenAt(layer, layer.outputResolution);
  const { inputResolution, inputShapes } = layer;
  // Samples are counted along the first axis: how many there are is known of no network.
  const isUnsaid = inputResolution.includes(0) && (inputShapes[0]?.slice(1).includes(null) ?? false);
  return isUnsaid || isOpenAt(layer, inputResolution);
}

/** Glyphs in order, those of unknown sizes with the sizes of what leads to them. */
export function carriedOver(facts: readonly Facts[], edges: readonly Edge[]): Facts[] {
  const sources = new Map<number, number>();
  for (const { source, target } of edges) if (!sources.has(target)) sources.set(target, source);
  const found: Facts[] = [];
  for (const [index, fact] of facts.entries()) found.push(carried(fact, found[sources.get(index) ?? -1]));
  return found;
}

function carried(fact: Facts, before: Facts | undefined): Facts {
  const [isGivenOpen, isMadeOpen] = fact.isOpen;
  if (!isGivenOpen && !isMadeOpen) return fact;
  const given = isGivenOpen && before ? (before.carried?.[1] ?? before.made) : fact.given;
  const known = given.every((size) => size > 0) ? given : [];
  return { ...fact, carried: [known, isMadeOpen ? known : fact.made] };
}

/** The first layer that something outside leads to. */
function entryOf({ previous }: Aggregation["graph"], layers: readonly number[]): number {
  const inside = new Set(layers);
  return layers.find((index) => previous[index]!.some((source) => !inside.has(source))) ?? layers[0]!;
}

/** From a size of data to a size on the page, and the values that its legend shows. */
export class Scale {
  private readonly low: number;
  private readonly high: number;

  constructor(
    values: readonly number[],
    private readonly kind: Preferences["heightScale"],
    private readonly ends: readonly [number, number],
  ) {
    const found = values.filter((value) => value > 0);
    this.low = found.reduce((least, value) => Math.min(least, value), Infinity);
    this.high = found.reduce((most, value) => Math.max(most, value), 0);
  }

  get isEmpty(): boolean {
    return this.high === 0;
  }

  at(value: number): number {
    const [least, most] = this.ends;
    if (this.isEmpty || !(value > 0)) return least;
    if (this.low === this.high) return (least + most) / 2;
    // Sizes that are not far apart are drawn as what they are to each other.
    const floor = Math.max(least, (most * this.low) / this.high);
    const [low, high, own] = [this.low, this.high, value].map((each) => this.bent(each)) as [
      number,
      number,
      number,
    ];
    return Math.min(most, Math.max(floor, floor + ((own - low) / (high - low)) * (most - floor)));
  }

  private bent(value: number): number {
    return this.kind === "log" ? Math.log(value) : this.kind === "sqrt" ? Math.sqrt(value) : value;
  }

  /** Up to three of the values, the ends among them, as far apart on the page as they can be. */
  samples(values: readonly number[]): number[] {
    const known = [...new Set(values.filter((value) => value > 0))].sort((a, b) => a - b);
    if (known.length <= 2) return known;
    const middle = (this.at(known[0]!) + this.at(known.at(-1)!)) / 2;
    const inner = known
      .slice(1, -1)
      .reduce((best, value) =>
        Math.abs(this.at(value) - middle) < Math.abs(this.at(best) - middle) ? value : best,
      );
    return [known[0]!, inner, known.at(-1)!];
  }
}

export interface Scales {
  height: Scale;
  units: Scale;
  width: Scale;
  heights: readonly number[];
  widths: readonly number[];
}

/** The scales of a figure, over all of its glyphs. */
export function scalesOf(facts: readonly Facts[], preferences: Preferences): Scales {
  const { minHeight, maxHeight, minWidth, maxWidth, heightScale, widthScale } = preferences;
  const heights = facts.flatMap(({ given, made }) => [...given.slice(-2), ...made.slice(-2)]);
  const units = facts.filter(({ isDense }) => isDense).map(({ features }) => features ?? 0);
  const widths = facts
    .filter(({ isDense }) => !isDense || preferences.width !== "features")
    .map((each) => amountOf(each, preferences.width) ?? 0);
  return {
    height: new Scale(heights, heightScale, [minHeight, maxHeight]),
    units: new Scale(units, widthScale, [minHeight, maxHeight * 0.75]),
    width: new Scale(widths, widthScale, [minWidth, maxWidth]),
    heights,
    widths,
  };
}

export function amountOf(facts: Facts, by: Preferences["width"] | Preferences["colour"]): number | null {
  if (by === "features") return facts.features;
  if (by === "parameters") return facts.parameters;
  if (by === "flops") return facts.flops;
  return by === "bytes" ? facts.bytes : null;
}

/** A large number in few letters: `1.2k`, `25.6M`, `4.1G`. */
export function brief(value: number): string {
  const units: readonly [number, string][] = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  const found = units.find(([size]) => value >= size * 0.9995);
  if (!found) return sayNumber(String(Number(value.toPrecision(3))));
  const scaled = value / found[0];
  return sayNumber(String(scaled >= 99.5 ? Math.round(scaled) : Number(scaled.toPrecision(3)))) + found[1];
}

/** A size in full, as code has it, unless it is very large. */
export const counted = (amount: number): string => (amount < 1e5 ? String(amount) : brief(amount));

/** Sizes of places as people write them; ? where any fits. */
export const dimensions = (sizes: readonly number[]): string =>
  sizes.map((size) => (size > 0 ? String(size) : "?")).join("×");
