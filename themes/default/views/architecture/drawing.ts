/** The figure as the page has it: its SVG, whose glyphs can be reached by pointer and keys. */
import { countsIn, networkIn, type Counts } from "../../src/architecture/asking.ts";
import type { Figure, Wanted } from "../../src/architecture/figure.ts";
import { figureOf, WANTED } from "../../src/architecture/figure.ts";
import type { Network } from "../../src/architecture/network.ts";
import { PAPERS, sized } from "../../src/architecture/papers.ts";
import { textsBy, type Scene } from "../../src/architecture/scene.ts";
import { PAGE, svgOf } from "../../src/architecture/svg.ts";
import { escape, trusted, type Markup } from "../../src/markup.ts";
import type { Context, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { sampleIn } from "./queries.ts";
import { wantedOf, type ArchitectureState } from "./state.ts";
import { summary, titleOf } from "./words.ts";
import { say } from "../../src/words.ts";

export interface Shown {
  options: Options;
  state: ArchitectureState;
  context: Context;
  /** All layers, whatever of them is hidden. */
  network: Network;
  figure: Figure;
  counts: Counts;
  /** The file that the network is of; null for the page's own. */
  file: string | null;
  wanted: Wanted;
}

export interface NetworkFile {
  /** Short enough to be shown. */
  name: string;
  network: Network;
}

/** Width of a column of the page's grid, in px, without the frame around the view. */
const COLUMN = 92;

export function shownOf(
  options: Options,
  results: Results,
  state: ArchitectureState,
  context: Context,
): Shown {
  const network = networkIn(results);
  const wanted = wantedHere(options, results, state, context);
  const figure = figureOf(network, wanted);
  return { options, state, context, network, figure, counts: countsIn(results), file: null, wanted };
}

/** A network that is not of the page's data: nothing filters it, and there are no samples of what it takes. */
export function shownOfFile(
  options: Options,
  { name: file, network }: NetworkFile,
  state: ArchitectureState,
  context: Context,
): Shown {
  const wanted = { ...WANTED, ...wantedOf(state), width: context.request.width * COLUMN };
  const figure = figureOf(network, wanted);
  const total = network.layers.length;
  const counts = { rows: total, total, passing: null };
  return { options, state, context, network, figure, counts, file, wanted };
}

export function wantedHere(
  options: Options,
  results: Results,
  state: ArchitectureState,
  { request }: Context,
): Wanted {
  return { ...WANTED, ...wantedOf(state), width: request.width * COLUMN, sample: sampleIn(options, results) };
}

/** The figure as it stands here, or laid out anew for the column of a paper. */
export function paperOf({ network, figure, wanted, state }: Shown): Scene {
  const paper = PAPERS[state.paper ?? ""];
  if (!paper) return figure.scene;
  const preferences = sized(wanted.preferences, paper);
  return figureOf(network, { ...wanted, preferences, width: paper.width, isExact: true }).scene;
}

export function svgMarkup({ figure, state, network, counts, context }: Shown): Markup {
  const { width, height } = figure.scene;
  const { zoom, ids } = state;
  const chosen = new Set(ids);
  const id = `${context.request.id}-net${context.group ? `-${context.group.heading}` : ""}`;
  const layers = figure.aggregation.network.layers;
  const written = textsBy(figure.scene.marks);
  const glyph = (index: number): string => {
    const { name, count, layers: members, id: own, part } = figure.shown.glyphs[index]!;
    const isChosen = members.some((layer) => chosen.has(layers[layer]!.id));
    const isOut = counts.passing !== null && !members.some((layer) => counts.passing!.has(layers[layer]!.id));
    const classes = `network-glyph${isOut ? " network-out" : ""}${part.kind === "group" ? " network-group" : ""}`;
    const said = [
      titleOf(name, count, state.aliases),
      say("{members} layers", { members: members.length }),
      written.get(index) ?? "",
    ];
    const label = said.filter((part, at) => part && (at !== 1 || members.length > 1)).join(", ");
    return `class="${classes}" data-glyph="${index}" data-key="glyph-${escape(own.slice(0, 200))}" tabindex="${index === 0 ? 0 : -1}" role="button" aria-pressed="${String(isChosen)}" aria-label="${escape(label)}"`;
  };
  const sized = { ...figure.scene, marks: figure.scene.marks };
  const drawn = svgOf(sized, {
    id,
    title: summary(network, figure),
    ink: PAGE,
    attributes: 'class="chart chart-wider network" role="group" data-paper',
    glyph,
  });
  // The zoom is the drawing's own size, so that the browser moves it about.
  const zoomed = drawn.replace(
    /width="[^"]*" height="[^"]*"/,
    `width="${Math.round(width * zoom)}" height="${Math.round(height * zoom)}"`,
  );
  return trusted(zoom === 1 ? drawn : zoomed);
}
