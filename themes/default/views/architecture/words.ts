/** A network and its glyphs in words: for tooltips, for those who do not see the figure, and for its data table. */
import type { Figure } from "../../src/architecture/figure.ts";
import { brief, dimensions, totalOf, type Cost, type Facts } from "../../src/architecture/measures.ts";
import type { Layer, Network, Shape } from "../../src/architecture/network.ts";
import { formatBytes, formatCount, shorten } from "../../src/markup.ts";
import type { DataTable } from "../../src/view.ts";
import { say, sayCount } from "../../src/words.ts";

export interface Fact {
  name: string;
  value: string;
}

const shapeText = (shape: Shape | undefined): string =>
  shape ? shape.map((size) => size ?? "?").join(" × ") : "";

/** What a tooltip says of a glyph: at most a dozen facts. */
export function factsInWords(
  { shown, facts, aggregation }: Figure,
  index: number,
  aliases: Readonly<Record<string, string>>,
): Fact[] {
  const glyph = shown.glyphs[index]!;
  const fact = facts[index]!;
  const layers = glyph.layers.map((layer) => aggregation.network.layers[layer]!);
  const [first, last] = [layers[0]!, layers.at(-1)!];
  const own = fact.carrier && layers.length === 1 ? hyperparameters(fact.carrier) : [];
  return [
    {
      name: layers.length > 1 ? say("Group") : say("Layer"),
      value: titleOf(glyph.name, glyph.count, aliases),
    },
    {
      name: layers.length > 1 ? say("Layers") : say("Path"),
      value: layers.length > 1 ? formatCount(layers.length) : shorten(first.id, 60),
    },
    { name: say("Takes"), value: shapeText(first.inputShapes[0]) },
    { name: say("Gives"), value: shapeText(last.outputShapes[0]) },
    { name: say("Parameters"), value: costInWords(fact, "parameters", formatCount) },
    { name: "FLOPs", value: costInWords(fact, "flops", brief) },
    { name: say("Activations"), value: costInWords(fact, "bytes", formatBytes) },
    ...own,
  ].filter(({ value }) => value !== "");
}

/** What a glyph's layers hold or cost; "" for nothing, and at least so much where some of them do not say. */
function costInWords(fact: Facts, cost: Cost, format: (value: number) => string): string {
  const value = fact[cost];
  if (value === null) return say("unknown");
  if (fact.lacking.has(cost)) return say("at least {n}", { n: format(value) });
  return value === 0 ? "" : format(value);
}

function hyperparameters({ hyperparameters: written, isTrainable, parameters }: Layer): Fact[] {
  const found = Object.entries(written).filter(([, value]) => value !== null && value !== false);
  const said = found.slice(0, 8).map(([name, value]) => ({
    name: shorten(name.replaceAll("_", " "), 30),
    value: shorten(typeof value === "string" ? value : JSON.stringify(value), 40),
  }));
  return isTrainable || parameters === 0 ? said : [...said, { name: say("Trainable"), value: "no" }];
}

export function titleOf(name: string, count: number, aliases: Readonly<Record<string, string>>): string {
  const said = shorten(Object.hasOwn(aliases, name) ? aliases[name]! : name, 60);
  return count > 1 ? `${said} ×${count}` : said;
}

/** The whole in one sentence, with the sums of what is known of its layers. */
export function summary(network: Network, { shown }: Figure): string {
  const [parameters, flops] = [totalOf(network.layers, "parameters"), totalOf(network.layers, "flops")];
  const amount = ({ value, isWhole }: typeof flops): string =>
    isWhole ? brief(value ?? 0) : say("at least {n}", { n: brief(value ?? 0) });
  const layers = sayCount(network.layers.length, "{n} layer", "{n} layers", {
    n: formatCount(network.layers.length),
  });
  const glyphs = sayCount(shown.glyphs.length, "{n} glyph", "{n} glyphs", {
    n: formatCount(shown.glyphs.length),
  });
  return [
    say("{layers} in {glyphs}", { layers, glyphs }),
    ...(parameters.value === null ? [] : [say("{n} parameters", { n: amount(parameters) })]),
    ...(flops.value === null ? [] : [say("{n} FLOPs for one sample", { n: amount(flops) })]),
  ]
    .join(", ")
    .concat(".");
}

/** The figure in the order of its data, for those who do not see it. */
export function inWords({ shown }: Figure, aliases: Readonly<Record<string, string>>): string {
  const names = shown.glyphs.slice(0, 40).map(({ name, count }) => titleOf(name, count, aliases));
  const more = shown.glyphs.length - names.length;
  return say("In order: {names}{more}.", {
    names: names.join(", "),
    more: more > 0 ? ` ${say("and {more} more", { more })}` : "",
  });
}

/** As a table tells them: numbers, or words where they are not all that is known. */
function costsOf(fact: Facts): Record<Cost, number | string | null> {
  const written = (cost: Cost): number | string | null => {
    const value = fact[cost];
    return value !== null && fact.lacking.has(cost) ? say("at least {n}", { n: formatCount(value) }) : value;
  };
  return { parameters: written("parameters"), flops: written("flops"), bytes: written("bytes") };
}

export function dataTable({ shown, facts, aggregation }: Figure): DataTable {
  return {
    caption: say("What the glyphs stand for"),
    columns: [
      ...[
        { name: "name", title: say("Glyph") },
        { name: "count", title: say("Copies") },
        { name: "layers", title: say("Layers") },
      ],
      ...[
        { name: "given", title: say("Resolution in") },
        { name: "made", title: say("Resolution out") },
        { name: "features", title: say("Features") },
      ],
      ...[
        { name: "parameters", title: say("Parameters") },
        { name: "flops", title: "FLOPs" },
        { name: "bytes", title: say("Activations (bytes)") },
      ],
      { name: "first", title: say("First layer") },
    ],
    rows: shown.glyphs.map(({ name, count, layers }, index) => {
      const fact = facts[index]!;
      const { given, made, features } = fact;
      const [sizes, first] = [
        { given: dimensions(given), made: dimensions(made) },
        aggregation.network.layers[layers[0]!]!.id,
      ];
      return { name, count, layers: layers.length, ...sizes, features, ...costsOf(fact), first };
    }),
  };
}
