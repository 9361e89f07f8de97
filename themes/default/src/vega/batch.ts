/**
 * Thousands of marks in a static drawing, as one path per look. A dot is a zero-length line with a round cap
 * (`M12.3,45h0`), a cell a closed box: 12,000 points take some 100 kB where one element each takes 3.5 MB, and the
 * colours stay CSS variables, which an image could not have.
 */

interface Item {
  x: number;
  y: number;
  width?: number;
  height?: number;
  size?: number;
  fill?: string;
  fillOpacity?: number;
  opacity?: number;
}

export interface SceneNode {
  marktype?: string;
  items?: (Item & { items?: SceneNode[] })[];
}

/** Replaces every group of more than `most` points or cells, in place. */
export function batchMarks(root: SceneNode, most: number): void {
  for (const item of root.items ?? []) {
    for (const child of item.items ?? []) batchMarks(child, most);
  }
  if ((root.items?.length ?? 0) <= most) return;
  if (root.marktype === "symbol") batch(root, dotLook, dotPath);
  if (root.marktype === "rect") batch(root, cellLook, cellPath);
}

type Look = Record<string, unknown>;

function batch(mark: SceneNode, look: (item: Item) => Look, path: (item: Item) => string): void {
  const groups = new Map<string, { look: Look; paths: string[] }>();
  for (const item of mark.items!) {
    const drawn = look(item);
    const key = JSON.stringify(drawn);
    if (!groups.has(key)) groups.set(key, { look: drawn, paths: [] });
    groups.get(key)!.paths.push(path(item));
  }
  const items = [...groups.values()].map((group) => ({
    mark,
    x: 0,
    y: 0,
    ...group.look,
    path: group.paths.join(""),
  }));
  Object.assign(mark, { marktype: "path", items });
}

function dotLook(item: Item): Look {
  const diameter = tenth(2 * Math.sqrt((item.size ?? 64) / Math.PI));
  const opacity = (item.opacity ?? 1) * (item.fillOpacity ?? 1);
  return { stroke: item.fill, strokeWidth: diameter, strokeCap: "round", opacity };
}

function dotPath(item: Item): string {
  return `M${tenth(item.x)},${tenth(item.y)}h0`;
}

function cellLook(item: Item): Look {
  return { fill: item.fill, opacity: (item.opacity ?? 1) * (item.fillOpacity ?? 1) };
}

function cellPath(item: Item): string {
  return `M${tenth(item.x)},${tenth(item.y)}h${tenth(item.width ?? 0)}v${tenth(item.height ?? 0)}h${tenth(-(item.width ?? 0))}z`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
