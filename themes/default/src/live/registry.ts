/**
 * The views in the browser, with their live halves. Those that most pages show come with the live module; the others in
 * pieces, each loaded by the pages that show one of its views.
 */
import { live as markdown } from "../../views/markdown/live.ts";
import { view as markdownView } from "../../views/markdown/view.ts";
import { view as parametersView } from "../../views/parameters/view.ts";
import { live as provenance } from "../../views/provenance/live.ts";
import { view as provenanceView } from "../../views/provenance/view.ts";
import { live as samples } from "../../views/samples/live.ts";
import { view as samplesView } from "../../views/samples/view.ts";
import { live as scatter } from "../../views/scatter/live.ts";
import { view as scatterView } from "../../views/scatter/view.ts";
import { live as summary } from "../../views/summary/live.ts";
import { view as summaryView } from "../../views/summary/view.ts";
import { live as table } from "../../views/table/live.ts";
import { view as tableView } from "../../views/table/view.ts";
import { live as toolbar } from "../../views/toolbar/live.ts";
import { view as toolbarView } from "../../views/toolbar/view.ts";
import { live as vegaLite } from "../../views/vega-lite/live.ts";
import { view as vegaLiteView } from "../../views/vega-lite/view.ts";
import { made, type Make } from "../own.ts";
import { isHeld, loadModule, runScript } from "../data/held.ts";
import type { View } from "../view.ts";
import type { LiveFactory } from "./host.ts";

/** A view, and its live half; one without is drawn anew as at build when its answers change. */
export interface Halves {
  view: object;
  live?: LiveFactory;
}

/** What most pages show. A function, for views and what they draw with name each other. */
const common = (): readonly Halves[] => [
  { view: markdownView, live: markdown },
  { view: parametersView },
  { view: provenanceView, live: provenance },
  { view: samplesView, live: samples },
  { view: scatterView, live: scatter },
  { view: summaryView, live: summary },
  { view: tableView, live: table },
  { view: toolbarView, live: toolbar },
  { view: vegaLiteView, live: vegaLite },
];

interface Piece {
  names: readonly string[];
  load: () => Promise<readonly Halves[]>;
}

const PIECES: readonly Piece[] = [
  {
    names: ["architecture", "architecture-diff"],
    load: async () => (await import("./pieces/networks.ts")).VIEWS,
  },
  { names: ["data-map"], load: async () => (await import("./pieces/maps.ts")).VIEWS },
  { names: ["error-matrix", "label-review"], load: async () => (await import("./pieces/labels.ts")).VIEWS },
  {
    names: [
      "binary-confusion",
      "confusion-matrix",
      "duplicates",
      "fairvis",
      "familiarity",
      "inactive-units",
      "pfa",
      "training",
    ],
    load: async () => (await import("./pieces/models.ts")).VIEWS,
  },
];

interface Known {
  view: View<unknown>;
  live: LiveFactory | null;
}

let known: Map<string, Known> | null = null;

function loaded(): Map<string, Known> {
  return (known ??= named(common()));
}

function named(halves: readonly Halves[]): Map<string, Known> {
  const entries = halves.map(({ view, live }): [string, Known] => {
    const { name } = view as View<unknown>;
    return [name, { view: view as View<unknown>, live: live ?? null }];
  });
  return new Map(entries);
}

/** Sees to it that views of these names are found; to be awaited before a page is made of them. */
export async function loadViews(names: readonly string[]): Promise<void> {
  const pieces = PIECES.filter((piece) => piece.names.some((name) => names.includes(name)));
  for (const halves of await Promise.all(pieces.map((piece) => piece.load())))
    for (const [name, view] of named(halves)) loaded().set(name, view);
}

declare global {
  var sitegen: { view: (make: Make, live?: LiveFactory) => void } | undefined;
}

/** Loads views of the report's theme. The live half of a view that is replaced goes with it: it draws its own. */
export async function loadOwnViews(urls: readonly string[]): Promise<void> {
  if (!urls.length) return;
  globalThis.sitegen = {
    view(make, live) {
      const view = made(make, findView);
      loaded().set(view.name, { view, live: live ?? null });
    },
  };
  const load = (url: string): Promise<unknown> => (isHeld(url) ? runScript(url) : loadModule(url));
  await Promise.all(urls.map(load));
}

/** A view that is loaded. */
export function findView(name: string): View<unknown> | null {
  return loaded().get(name)?.view ?? null;
}

export function liveOf(name: string): LiveFactory | null {
  return loaded().get(name)?.live ?? null;
}
