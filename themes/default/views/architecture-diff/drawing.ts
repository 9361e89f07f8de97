/** Two networks one above the other, as the page has them: what differs is coloured, signed, and said in words. */
import { countsIn, networkIn, type Counts } from "../../src/architecture/asking.ts";
import type { Change, Pair } from "../../src/architecture/compare.ts";
import { differencesFigure, saidOf, type Differences } from "../../src/architecture/differences.ts";
import { AUTOMATIC } from "../../src/architecture/detail.ts";
import { WANTED, type Figure, type Wanted } from "../../src/architecture/figure.ts";
import type { Layer, Network } from "../../src/architecture/network.ts";
import { PAPERS, sized } from "../../src/architecture/papers.ts";
import { textsBy, type Scene } from "../../src/architecture/scene.ts";
import { PAGE, svgOf } from "../../src/architecture/svg.ts";
import { escape, shorten, trusted, type Markup } from "../../src/markup.ts";
import type { Context, DataTable, Results } from "../../src/view.ts";
import { say, sayCount } from "../../src/words.ts";
import type { Options } from "./options.ts";
import type { DiffState } from "./state.ts";

/** What of the answers is of which network. */
export const SIDES = ["first.", "second."] as const;

export interface Shown {
  options: Options;
  state: DiffState;
  context: Context;
  networks: readonly [Network, Network];
  differences: Differences;
  counts: readonly [Counts, Counts];
}

/** A glyph of one of the two figures. */
export interface Pointed {
  side: 0 | 1;
  glyph: Figure["shown"]["glyphs"][number];
}

export function shownOf(options: Options, results: Results, state: DiffState, context: Context): Shown {
  const networks = SIDES.map((of) => networkIn(results, of)) as [Network, Network];
  const counts = SIDES.map((of) => countsIn(results, of)) as [Counts, Counts];
  const differences = differencesFigure(networks, options.names, wantedOf(options, state));
  return { options, state, context, networks, differences, counts };
}

const wantedOf = ({ preferences }: Options, { detail }: DiffState): Wanted => ({
  ...WANTED,
  preferences,
  detail: { ...AUTOMATIC, level: detail },
});

/** The figure as it stands here, or laid out anew for the column of a paper. */
export function paperOf({ options, state, networks, differences }: Shown): Scene {
  const paper = PAPERS[state.paper ?? ""];
  if (!paper) return differences.scene;
  const wanted = wantedOf(options, state);
  const looks = { preferences: sized(wanted.preferences, paper), width: paper.width, isExact: true };
  return differencesFigure(networks, options.names, { ...wanted, ...looks }).scene;
}

/** The levels that are open, and the deepest: of the network that has more. */
export function levelsOf({ differences, state }: Shown): [level: number, deepest: number] {
  const shown = differences.figures.map((figure) => figure.shown);
  const [level, deepest] = [
    Math.max(...shown.map((each) => each.level)),
    Math.max(...shown.map((each) => each.deepest)),
  ];
  return [state.detail ?? level, deepest];
}

export function pointedAt({ differences }: Shown, index: number): Pointed {
  const [first, second] = differences.figures.map(({ shown }) => shown.glyphs);
  const isFirst = index < first!.length;
  return isFirst ? { side: 0, glyph: first![index]! } : { side: 1, glyph: second![index - first!.length]! };
}

/** Ids of a glyph's layers, and of those in the other network that stand for the same. */
export function idsOf(
  { networks, differences }: Shown,
  { side, glyph }: Pointed,
): Pick<DiffState, "first" | "second"> {
  const own = new Set(glyph.layers);
  const pairs = differences.comparison.pairs.filter((pair) => {
    const place = side === 0 ? pair.first : pair.second;
    return place !== null && own.has(place);
  });
  const named = (network: Network, places: readonly (number | null)[]): string[] =>
    places.flatMap((place) => (place === null ? [] : [network.layers[place]!.id]));
  return {
    first: named(
      networks[0],
      pairs.map(({ first }) => first),
    ),
    second: named(
      networks[1],
      pairs.map(({ second }) => second),
    ),
  };
}

export function svgMarkup(shown: Shown): Markup {
  const { context, differences } = shown;
  const written = textsBy(differences.scene.marks);
  const group = context.group ? `-${context.group.heading}` : "";
  return trusted(
    svgOf(differences.scene, {
      id: `${context.request.id}-net${group}`,
      title: summary(shown),
      ink: PAGE,
      attributes: 'class="chart chart-wider network" role="group" data-paper',
      glyph: (index) => attributesOf(shown, index, written.get(index)),
    }),
  );
}

function attributesOf(shown: Shown, index: number, written = ""): string {
  const { networks, state, counts } = shown;
  const pointed = pointedAt(shown, index);
  const { side, glyph } = pointed;
  const ids = glyph.layers.map((layer) => networks[side].layers[layer]!.id);
  const chosen = new Set(side === 0 ? state.first : state.second);
  const { passing } = counts[side];
  const isOut = passing !== null && !ids.some((id) => passing.has(id));
  const name = `${glyph.name.slice(0, 60)}${glyph.count > 1 ? ` ×${glyph.count}` : ""}`;
  const label = [name, written, changeIn(shown, pointed)].filter(Boolean).join(", ");
  return `class="network-glyph${isOut ? " network-out" : ""}" data-glyph="${index}" data-key="glyph-${side}-${escape(glyph.id.slice(0, 200))}" tabindex="${index === 0 ? 0 : -1}" role="button" aria-pressed="${String(ids.some((id) => chosen.has(id)))}" aria-label="${escape(label)}"`;
}

/** What of a glyph's layers differs, in words. */
function changeIn({ differences }: Shown, { side, glyph }: Pointed): string {
  const own = new Set(glyph.layers);
  const found = new Set<Change>();
  for (const { first, second, change } of differences.comparison.pairs)
    if (own.has((side === 0 ? first : second) ?? -1)) found.add(change);
  return saidOf(found.size === 1 ? [...found][0]! : "changed");
}

/** Both in one sentence: how many layers are alike, and how many are not. */
export function summary({ options, differences }: Shown): string {
  const { same, changed, removed, added } = differences.comparison.counts;
  const [first, second] = options.names.map((name) => shorten(name, 60));
  const only = (n: number, name: string): string[] =>
    n === 0 ? [] : [sayCount(n, "{n} is only in {name}", "{n} are only in {name}", { n, name })];
  const parts = [
    sayCount(same, "{n} layer has the same settings", "{n} layers have the same settings", { n: same }),
    ...(changed ? [sayCount(changed, "{n} is changed", "{n} are changed", { n: changed })] : []),
    ...only(removed, first!),
    ...only(added, second!),
  ];
  return `${say("{first} and {second}", { first: first!, second: second! })}: ${parts.join(", ")}.`;
}

/** Each pair, those that differ first. */
export function dataTable({ options, networks, differences }: Shown): DataTable {
  const title = (name: string, what: string): string => `${shorten(name, 40)}: ${what}`;
  const [first, second] = options.names;
  const rows = differences.comparison.pairs.map((pair) => rowOf(pair, networks));
  const same = saidOf("same");
  return {
    caption: say("What differs"),
    columns: [
      { name: "change", title: say("Change") },
      { name: "first", title: title(first, say("layer")) },
      { name: "second", title: title(second, say("layer")) },
      { name: "type", title: say("Type") },
      { name: "before", title: title(first, say("parameters")) },
      { name: "after", title: title(second, say("parameters")) },
      { name: "what", title: say("What is other") },
    ],
    rows: [...rows.filter(({ change }) => change !== same), ...rows.filter(({ change }) => change === same)],
  };
}

function rowOf(
  { first, second, change, differences }: Pair,
  networks: Shown["networks"],
): Record<string, unknown> {
  const layers = [first, second].map((place, side) =>
    place === null ? null : networks[side]!.layers[place]!,
  );
  const [a, b] = layers as [Layer | null, Layer | null];
  return {
    ...{ change: saidOf(change), type: (a ?? b)!.type, what: differences.join(", ") || null },
    ...(a && { first: a.id, before: a.parameters }),
    ...(b && { second: b.id, after: b.parameters }),
  };
}
