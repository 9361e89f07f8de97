/** Drawing a composed spec without a document: Vega's scenegraph to an SVG string, big mark groups as one path per look. */
import { parse, View, type Runtime } from "vega";
import { expressions } from "./evaluate.ts";
import { compile, type TopLevelSpec } from "vega-lite";
import { SVGStringRenderer } from "vega-scenegraph";
import { fitTitles } from "./axis-titles.ts";
import type { Json } from "./channels.ts";
import { fitRamps } from "./legend-ramps.ts";
import { fitLegendTitles, withWholeTitles } from "./legend-titles.ts";
import { showLonePoints } from "./lone-points.ts";
import type { Row } from "./compose.ts";
import { measureText } from "./metrics.ts";
import { batchMarks, type SceneNode } from "./batch.ts";

/** Marks of one group up to which each is an SVG element of its own. */
export const MOST_ELEMENTS = 1000;

/**
 * A Vega dataflow that needs no eval, with text measured by the theme's table. One that is to stand where a drawing
 * stands already keeps its height.
 */
export function runtimeOf(spec: Json, isStanding = false): Runtime {
  measureText();
  const vega = compile(spec as unknown as TopLevelSpec, { logger: SILENT }).spec;
  const titled = fitLegendTitles(showLonePoints(vega as unknown as Json));
  const fitted = fitRamps(fitTitles(titled, Number(spec["width"]), isStanding ? null : 0));
  return parse(fitted as unknown as typeof vega, undefined, { ast: true });
}

/** Vega-Lite warns about choices that are ours (dropped sorts, unions of domains); problems are thrown. */
export const SILENT = {
  level: () => SILENT,
  error: (...args: readonly unknown[]) => {
    throw new Error(args.map(String).join(" "));
  },
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
} as never;

/** No chart fetches anything: data comes from the page's tables alone. */
export const noLoader = {
  load: () => Promise.reject(new Error("charts load nothing")),
  sanitize: () => Promise.reject(new Error("charts link nowhere")),
  http: () => Promise.reject(new Error("charts load nothing")),
  file: () => Promise.reject(new Error("charts load nothing")),
};

export function drawSvg(spec: Json, data: { whole: Row[]; filtered: Row[] }): string {
  const view = new View(runtimeOf(spec), {
    renderer: "none",
    expr: expressions as never,
    loader: noLoader as never,
  });
  return drawnSvg(withRows(view, spec, data).run());
}

/** The view with its rows; a layer that the spec does not have takes none. */
export function withRows(view: View, spec: Json, data: { whole: Row[]; filtered: Row[] }): View {
  const layers = spec["layer"] as { data: { name: string } }[];
  for (const name of ["whole", "filtered"] as const)
    if (layers.some((layer) => layer.data.name === name)) view.data(name, data[name]);
  return view;
}

/**
 * The drawing of a view that has run, which then is gone. In a place of that width, in px, it has room at its right where
 * it is narrower, and keeps its size where it is wider.
 */
export function drawnSvg(view: View, place: number | null = null): string {
  const root = (view.scenegraph() as unknown as { root: SceneNode }).root;
  batchMarks(root, MOST_ELEMENTS);
  const { height, origin, ...drawn } = outerSize(view);
  const width = Math.max(drawn.width, place ?? 0);
  const renderer = new SVGStringRenderer(noLoader).initialize(null, width, height, origin, 1);
  const svg = withWholeTitles(renderer.render(root).svg(), root);
  view.finalize();
  return withOwnIds(tidy(svg, width, height, place !== null && drawn.width > place));
}

/** What Vega names by a number that runs through all its drawings, and every reference to it. */
const RUNNING = /(?<=id="|url\(#|href="#)(?:clip|gradient_)\d+(?=["')])/g;

/**
 * Names the drawing's clips and gradients after its content. So the same drawing is the same markup whatever was drawn
 * before it, and no two drawings of a page share a name for different shapes.
 */
export function withOwnIds(svg: string): string {
  const found = [...new Set(svg.match(RUNNING))];
  if (found.length === 0) return svg;
  const numbered = svg.replace(RUNNING, (id) => String(found.indexOf(id)));
  const name = fingerprint(numbered);
  return svg.replace(RUNNING, (id) => `d${name}-${found.indexOf(id)}`);
}

/** FNV-1a of the text's UTF-16 units, in base 36. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(36);
}

/** The drawing's outer size and where its plot begins, as Vega hands them to its own renderers. */
export function outerSize(view: View): { width: number; height: number; origin: [number, number] } {
  const inner = view as unknown as { _viewWidth: number; _viewHeight: number; _origin: [number, number] };
  const { left, right, top, bottom } = view.padding() as Record<"left" | "right" | "top" | "bottom", number>;
  return {
    width: inner._viewWidth + left + right,
    height: inner._viewHeight + top + bottom,
    origin: [left + inner._origin[0], top + inner._origin[1]],
  };
}

/** The SVG scales with its container, unless it is too wide for it; it is named by the figure, so it hides from screen readers. */
function tidy(svg: string, width: number, height: number, isWider: boolean): string {
  const name = isWider ? "chart chart-wider" : "chart";
  return svg
    .replace(
      /^<svg[^>]*>/,
      `<svg class="${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true" focusable="false">`,
    )
    .replace(/ style="[^"]*"/g, "");
}
