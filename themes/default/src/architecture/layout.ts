/**
 * Where cells stand: ELK's layered layout, left to right, frames around what repeats. The engine is given, for it is
 * large: a page loads it only with its figures, and a build only when a view asks.
 */
import type { Cell } from "./cells.ts";
import type { Edge, Frame, Glyph } from "./detail.ts";
import type { Preferences } from "./preferences.ts";
import type { Box, Point } from "./scene.ts";
import { textWidth } from "../vega/widths.ts";

export interface ElkPort {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  layoutOptions?: Record<string, string>;
}

export interface ElkNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  ports?: ElkPort[];
  children?: ElkNode[];
  edges?: ElkEdge[];
  layoutOptions?: Record<string, string>;
}

export interface ElkEdge {
  id: string;
  sources: string[];
  targets: string[];
  sections?: { startPoint: Place; endPoint: Place; bendPoints?: Place[] }[];
}

interface Place {
  x: number;
  y: number;
}

export type Engine = (graph: ElkNode) => ElkNode;

/** Thrown where a layout is asked for before its engine is there. */
export class NoEngine extends Error {}

let engine: Engine | null = null;

export function useEngine(given: Engine): void {
  engine = given;
}

export interface Placed {
  width: number;
  height: number;
  cells: readonly Point[];
  frames: readonly Box[];
  /** The way of each edge, from body to body. */
  edges: readonly (readonly Point[])[];
}

/** Ends of each glyph, in the order in which they stand from top to bottom. */
export interface Ends {
  ins: readonly number[];
  outs: readonly number[];
}

/** Edges by glyph; what comes from farthest stands at the top, as skips are drawn over what they skip. */
export function endsOf(count: number, edges: readonly Edge[]): Ends[] {
  const ends = Array.from({ length: count }, () => ({ ins: [] as number[], outs: [] as number[] }));
  for (const [index, { source, target }] of edges.entries()) {
    ends[source]!.outs.push(index);
    ends[target]!.ins.push(index);
  }
  for (const { ins, outs } of ends) {
    ins.sort((a, b) => edges[a]!.source - edges[b]!.source);
    outs.sort((a, b) => edges[b]!.target - edges[a]!.target);
  }
  return ends;
}

const FRAME_PADDING = 8;
/** The least room that layers which are not connected have beside each other. */
const LOOSE_WIDTH = 240;

/** Weight of the text at the top of a frame, and how far it stands from the frame's sides. */
export const TITLE_WEIGHT = 650;
export const TITLE_INSET = 6;

/** What is written at the top of a frame: what repeats in it, and how often. */
export const frameTitle = ({ name, count, isParallel }: Frame): string =>
  `${name.slice(0, 40)} ${isParallel ? "∥ " : ""}×${count}`;

export function place(
  glyphs: readonly Glyph[],
  frames: readonly Frame[],
  edges: readonly Edge[],
  ends: readonly Ends[],
  cells: readonly Cell[],
  preferences: Preferences,
): Placed {
  const run = engine ?? (globalThis as { sitegenLayout?: Engine }).sitegenLayout;
  if (!run) throw new NoEngine("the layout engine is not loaded");
  const root = graphOf(glyphs, frames, edges, ends, cells, preferences);
  const placed = placedOf(run(root), glyphs, frames.length, edges, ends, cells);
  return glyphs.some(({ isLoose }) => isLoose) ? withLoose(placed, glyphs, cells, preferences) : placed;
}

/** What is not connected stands in rows below the rest. */
function withLoose(
  placed: Placed,
  glyphs: readonly Glyph[],
  cells: readonly Cell[],
  { gap }: Preferences,
): Placed {
  const places = [...placed.cells];
  const most = Math.max(placed.width, LOOSE_WIDTH);
  let [x, y, tall, width] = [2, placed.height + gap, 0, placed.width];
  for (const [index, { isLoose }] of glyphs.entries()) {
    if (!isLoose) continue;
    const cell = cells[index]!;
    if (x > 2 && x + cell.width > most) [x, y, tall] = [2, y + tall + gap, 0];
    places[index] = [x, y];
    width = Math.max(width, x + cell.width);
    [x, tall] = [x + cell.width + gap, Math.max(tall, cell.height)];
  }
  return { ...placed, cells: places, width, height: y + tall };
}

function graphOf(
  glyphs: readonly Glyph[],
  frames: readonly Frame[],
  edges: readonly Edge[],
  ends: readonly Ends[],
  cells: readonly Cell[],
  preferences: Preferences,
): ElkNode {
  const { fontSize } = preferences;
  const root: ElkNode = {
    id: "root",
    children: [],
    edges: [],
    layoutOptions: optionsOf(preferences, glyphs.length),
  };
  const top = FRAME_PADDING + fontSize * 1.3;
  const padding = `[top=${top},left=${FRAME_PADDING},bottom=${FRAME_PADDING},right=${FRAME_PADDING}]`;
  const held = frames.map((frame, index): ElkNode => ({
    id: `f${index}`,
    children: [],
    layoutOptions: {
      ...optionsOf(preferences, glyphs.length),
      "elk.padding": padding,
      // As wide as what is written at its top.
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      "elk.nodeSize.minimum": `(${Math.ceil(textWidth(frameTitle(frame), fontSize, TITLE_WEIGHT)) + 2 * TITLE_INSET},0)`,
    },
  }));
  for (const [index, { parent }] of frames.entries()) (held[parent] ?? root).children!.push(held[index]!);
  for (const [index, { frame, isLoose }] of glyphs.entries())
    if (!isLoose) (held[frame] ?? root).children!.push(nodeOf(index, cells[index]!));
  root.edges = edges.map(({ source, target }, index) => ({
    id: `e${index}`,
    sources: [`g${source}o${endAt(ends[source]!.outs, index, cells[source]!.outs)}`],
    targets: [`g${target}i${endAt(ends[target]!.ins, index, cells[target]!.ins)}`],
  }));
  return root;
}

/** Which end an edge has: one of its own, or the only one. */
const endAt = (order: readonly number[], edge: number, ports: readonly number[]): number =>
  ports.length > 1 ? order.indexOf(edge) : 0;

function nodeOf(index: number, cell: Cell): ElkNode {
  const port = (side: "i" | "o", y: number, at: number): ElkPort => ({
    ...{ id: `g${index}${side}${at}`, x: side === "i" ? 0 : cell.width, y, width: 0, height: 0 },
    layoutOptions: { "elk.port.side": side === "i" ? "WEST" : "EAST" },
  });
  return {
    ...{ id: `g${index}`, width: cell.width, height: cell.height },
    ports: [...cell.ins.map((y, at) => port("i", y, at)), ...cell.outs.map((y, at) => port("o", y, at))],
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
  };
}

function optionsOf({ spacing, gap, fontSize }: Preferences, count: number): Record<string, string> {
  const said = String;
  const edge = said(Math.max(5, fontSize * 0.6));
  return {
    "elk.algorithm": "layered",
    "elk.direction": "RIGHT",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.json.edgeCoords": "ROOT",
    "elk.json.shapeCoords": "ROOT",
    "elk.padding": "[top=2,left=2,bottom=2,right=2]",
    "elk.layered.spacing.nodeNodeBetweenLayers": said(spacing),
    "elk.spacing.nodeNode": said(gap),
    "elk.spacing.componentComponent": said(gap * 1.5),
    "elk.spacing.edgeNode": edge,
    "elk.spacing.edgeEdge": edge,
    "elk.layered.spacing.edgeNodeBetweenLayers": said(Math.max(4, spacing / 3)),
    "elk.layered.spacing.edgeEdgeBetweenLayers": said(Math.max(4, fontSize * 0.5)),
    "elk.layered.considerModelOrder.strategy": "PREFER_EDGES",
    "elk.layered.nodePlacement.strategy": count > 120 ? "BRANDES_KOEPF" : "NETWORK_SIMPLEX",
    "elk.layered.thoroughness": count > 120 ? "3" : "7",
    "elk.separateConnectedComponents": "true",
    "elk.aspectRatio": "10",
  };
}

function placedOf(
  root: ElkNode,
  glyphs: readonly Glyph[],
  frames: number,
  edges: readonly Edge[],
  ends: readonly Ends[],
  cells: readonly Cell[],
): Placed {
  const nodes = new Map<string, ElkNode>();
  const gather = (node: ElkNode): void => {
    nodes.set(node.id, node);
    node.children?.forEach(gather);
  };
  gather(root);
  const at = (id: string): Point => [nodes.get(id)!.x ?? 0, nodes.get(id)!.y ?? 0];
  const places = glyphs.map(({ isLoose }, index): Point => (isLoose ? [0, 0] : at(`g${index}`)));
  const ways = new Map((root.edges ?? []).map((edge) => [edge.id, wayOf(edge)]));
  return {
    ...{ width: root.width!, height: root.height!, cells: places },
    frames: Array.from({ length: frames }, (_, index) => {
      const { width, height } = nodes.get(`f${index}`)!;
      const [x, y] = at(`f${index}`);
      return { x, y, width: width!, height: height! };
    }),
    edges: edges.map((edge, index) =>
      fromBodyToBody(edge, index, ways.get(`e${index}`) ?? [], ends, cells, places),
    ),
  };
}

function wayOf({ sections = [] }: ElkEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [x, y]),
  );
}

/** ELK leads from cell to cell; the rest of the way lies within them. */
function fromBodyToBody(
  edge: Edge,
  index: number,
  way: readonly Point[],
  ends: readonly Ends[],
  cells: readonly Cell[],
  places: readonly Point[],
): Point[] {
  const [start, end] = endsOfEdge(edge, index, ends, cells, places);
  return straight([start, ...way, end]);
}

/** Where an edge leaves one body, and where it reaches the other. */
export function endsOfEdge(
  { source, target }: Edge,
  index: number,
  ends: readonly Ends[],
  cells: readonly Cell[],
  places: readonly Point[],
): [Point, Point] {
  const [from, to] = [cells[source]!, cells[target]!];
  const [x, y] = places[source]!;
  const [endX, endY] = places[target]!;
  const start: Point = [
    x + from.left + from.body[0] + from.depth[0] / 2 + from.prongs[1],
    y + from.outs[endAt(ends[source]!.outs, index, from.outs)]!,
  ];
  const end: Point = [endX + to.left - to.prongs[0], endY + to.ins[endAt(ends[target]!.ins, index, to.ins)]!];
  return [start, end];
}

/** Without points on a straight line between others. */
function straight(points: readonly Point[]): Point[] {
  return points.filter(([x, y], index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before || !after) return true;
    const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;
    return !((near(before[0], x) && near(x, after[0])) || (near(before[1], y) && near(y, after[1])));
  });
}
