/** The matrix that is shown: the nodes along its axes, and the samples in its cells, rows and columns. */
import type { Pairs } from "./counts.ts";
import type { Options } from "./options.ts";
import type { Mark, MatrixState } from "./state.ts";
import { deepest, idOf, type Node, type Tree } from "./tree.ts";
import { greatest } from "../../src/extremes.ts";

/** One row, and the column of the same place. */
export interface Entry {
  mark: Mark;
  /** Null for all that is outside the node looked into. */
  node: Node | null;
  name: string;
  isClosed: boolean;
}

/** An open inner node beside its rows, from one of them to before another. */
export interface Band {
  node: Node;
  level: number;
  from: number;
  to: number;
}

export interface Axis {
  entries: readonly Entry[];
  bands: readonly Band[];
  levels: number;
  /** Which entry each class is part of. */
  places: Int32Array;
  /** The node that is looked into, with those above it; empty for the whole. */
  way: readonly Node[];
}

export interface Matrix {
  size: number;
  /** Samples of a cell, at row × size + column; cells without any are not there. */
  cells: ReadonlyMap<number, number>;
  rows: Float64Array;
  columns: Float64Array;
  /** Samples whose label and prediction are the very same class, by row. */
  exact: Float64Array;
  total: number;
}

/** So many rows are opened by themselves. */
const ROOM = 60;

export function isOpen(node: Node, options: Options, state: MatrixState, tree: Tree): boolean {
  if (node.children.length === 0) return false;
  const isToggled = (state.toggled ?? []).some((key) => idOf(key) === node.id);
  const isFirst = options.levels === null ? isRoomy(tree) || node === tree.root : node.depth < options.levels;
  return isFirst !== isToggled;
}

function isRoomy(tree: Tree): boolean {
  return tree.leaves.length <= ROOM || deepest(tree.root) <= 1;
}

export function axisOf(tree: Tree, options: Options, state: MatrixState): Axis {
  const wanted = state.focus ? tree.nodes.get(idOf(state.focus)) : undefined;
  const focus = wanted?.children.length ? wanted : tree.root;
  const entries: Entry[] = [];
  const bands: Band[] = [];
  const places = new Int32Array(tree.leaves.length).fill(-1);
  const visit = (node: Node, level: number): void => {
    const isFocus = node === focus;
    if (!isFocus && !isOpen(node, options, state, tree)) {
      place(node, entries.length, places);
      entries.push({ mark: node.key, node, name: node.name, isClosed: node.children.length > 0 });
      return;
    }
    const from = entries.length;
    for (const child of node.children) visit(child, isFocus ? 0 : level + 1);
    if (!isFocus) bands.push({ node, level, from, to: entries.length });
  };
  visit(focus, 0);
  if (focus !== tree.root) {
    const outside = { mark: { not: focus.key }, node: null, name: "elsewhere", isClosed: false };
    places.forEach((at, leaf) => at < 0 && (places[leaf] = entries.length));
    entries.push(outside);
  }
  const levels = greatest(
    bands.map((band) => band.level + 1),
    0,
  );
  return { entries, bands, levels, places, way: wayTo(focus) };
}

function place(node: Node, at: number, places: Int32Array): void {
  if (node.leaf >= 0) places[node.leaf] = at;
  for (const child of node.children) place(child, at, places);
}

function wayTo(node: Node): Node[] {
  return node.parent ? [...wayTo(node.parent), node] : [];
}

export function matrixOf(axis: Axis, pairs: Pairs): Matrix {
  const size = axis.entries.length;
  const cells = new Map<number, number>();
  const [rows, columns, exact] = [0, 1, 2].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let total = 0;
  for (let index = 0; index < pairs.n.length; index++) {
    const [row, column] = [axis.places[pairs.actual[index]!], axis.places[pairs.predicted[index]!]];
    if (row === undefined || column === undefined) continue;
    const n = pairs.n[index]!;
    const at = row * size + column;
    cells.set(at, (cells.get(at) ?? 0) + n);
    rows[row]! += n;
    columns[column]! += n;
    if (pairs.actual[index] === pairs.predicted[index]) exact[row]! += n;
    total += n;
  }
  return { size, cells, rows, columns, exact, total };
}

/** Samples whose label and prediction are both outside what is looked into: in no cell, though in N. */
export function isHidden({ entries }: Axis, row: number, column: number): boolean {
  return row === column && entries[row]!.node === null;
}
