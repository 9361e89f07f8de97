/**
 * Classes as a tree. A class is a tuple of values, one for each nested column, and a value may be a path: with the
 * columns `kind` and `split`, `animal:dog` and `test` lie below `animal`, then `animal:dog`.
 */
import { greatest } from "../../src/extremes.ts";
import { say } from "../../src/words.ts";

/** A node by the values of the columns nested so far; the last may end within a path. Empty for all together. */
export type Key = readonly string[];

export interface Node {
  /** The key as text, for maps. */
  id: string;
  key: Key;
  /** What tells it from its siblings. */
  name: string;
  parent: Node | null;
  children: Node[];
  /** Its place among the classes; -1 for an inner node. */
  leaf: number;
  depth: number;
}

export interface Tree {
  root: Node;
  /** Nodes without children, by the place of their class. */
  leaves: Node[];
  nodes: ReadonlyMap<string, Node>;
}

export function idOf(key: Key): string {
  return JSON.stringify(key);
}

/** A node in words: its path, with nested columns apart. */
export function fullName(key: Key): string {
  return key.map((value) => value || "“”").join(" · ");
}

/** The tree over classes; each of them is a leaf, also one that is a path's beginning. */
export function treeOf(classes: readonly Key[], separator: string): Tree {
  const root = nodeOf([], "", null);
  const nodes = new Map<string, Node>([[root.id, root]]);
  const ends = classes.map((values) => grow(root, values, separator, nodes));
  const leaves = ends.map((end, index) => {
    const leaf = end.children.length ? itself(end, separator, nodes) : end;
    leaf.leaf = index;
    return leaf;
  });
  shortened(root, separator);
  return { root, leaves, nodes };
}

function nodeOf(key: Key, name: string, parent: Node | null): Node {
  return { id: idOf(key), key, name, parent, children: [], leaf: -1, depth: parent ? parent.depth + 1 : 0 };
}

function grow(root: Node, values: Key, separator: string, nodes: Map<string, Node>): Node {
  let node = root;
  values.forEach((value, dimension) => {
    const parts = partsOf(value, separator);
    parts.forEach((part, level) => {
      const key = [...values.slice(0, dimension), parts.slice(0, level + 1).join(separator)];
      node = childOf(node, key, part, nodes);
    });
  });
  return node;
}

/** Sets of labels, {a, b}, are no paths. */
function partsOf(value: string, separator: string): string[] {
  return separator && !value.startsWith("{") ? value.split(separator) : [value];
}

function childOf(node: Node, key: Key, name: string, nodes: Map<string, Node>): Node {
  const id = idOf(key);
  let child = nodes.get(id);
  if (!child) {
    child = nodeOf(key, name, node);
    node.children.push(child);
    nodes.set(id, child);
  }
  return child;
}

/** The leaf of a class that has others below it: `animal:` for those that are `animal` and no more. */
function itself(node: Node, separator: string, nodes: Map<string, Node>): Node {
  const key = [...node.key.slice(0, -1), node.key.at(-1)! + separator];
  const leaf = childOf(node, key, say("{node} itself", { node: node.name }), nodes);
  return leaf;
}

/** A node with one child stands for it: nothing is told apart between them. */
function shortened(node: Node, separator: string): void {
  node.children = node.children.map((child) => {
    let kept = child;
    while (kept.children.length === 1) {
      const only = kept.children[0]!;
      const between = only.key.length > kept.key.length ? " · " : separator;
      only.name = `${kept.name}${between}${only.name}`;
      kept = only;
    }
    kept.parent = node;
    kept.depth = node.depth + 1;
    return kept;
  });
  for (const child of node.children) shortened(child, separator);
}

/** The leaves below a node. */
export function leavesOf(node: Node): number[] {
  return node.leaf >= 0 ? [node.leaf] : node.children.flatMap(leavesOf);
}

export function deepest(node: Node): number {
  return greatest(node.children.map(deepest), node.depth);
}
