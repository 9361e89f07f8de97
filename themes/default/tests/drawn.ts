/** What a Vega view draws, by mark: the values of the rows behind its items. */
import { isObject } from "../src/vega/channels.ts";

interface Item {
  datum?: unknown;
  items?: Node[];
  y?: number;
  bounds: { y1: number; y2: number };
}

/** Tops and bottoms of what has a role in a drawing, in px from its upper edge. */
export function heightsOf(scene: unknown, role: string): { top: number; bottom: number }[] {
  const within = (mark: Node, above: number): { top: number; bottom: number }[] =>
    mark.items.flatMap((item) => {
      const own = mark.role === role ? [{ top: above + item.bounds.y1, bottom: above + item.bounds.y2 }] : [];
      return [...own, ...(item.items ?? []).flatMap((child) => within(child, above + (item.y ?? 0)))];
    });
  return within((scene as { root: Node }).root, 0);
}

interface Node {
  marktype: string;
  name?: string;
  role?: string;
  items: Item[];
}

/** The rows behind each mark's items, by the mark's name; guides and selections are left out. */
export function drawnRows(scene: unknown): Map<string, Record<string, unknown>[]> {
  const found = new Map<string, Record<string, unknown>[]>();
  visit((scene as { root: Node }).root, found);
  return found;
}

const GUIDES = /axis|legend|title|header|footer|scope|frame/;

function visit(mark: Node, found: Map<string, Record<string, unknown>[]>): void {
  if (mark.marktype === "group" || mark.items.some((item) => item.items)) {
    for (const child of mark.items.flatMap((item) => item.items ?? [])) visit(child, found);
    return;
  }
  const name = mark.name ?? "";
  if (!/marks$/.test(name) || GUIDES.test(mark.role ?? "")) return;
  const rows = mark.items.map((item) => item.datum).filter(isObject);
  found.set(name, [...(found.get(name) ?? []), ...rows]);
}

/** The fields that each mark of a compiled chart shows. */
export function shownFields(compiled: unknown): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isObject(value)) return;
    const name = value["name"];
    if (typeof name === "string" && name.endsWith("marks") && isObject(value["encode"])) {
      const {
        description: _d,
        tooltip: _t,
        ...update
      } = value["encode"]["update"] as Record<string, unknown>;
      const text = JSON.stringify([update, value["sort"] ?? null]);
      const fields = [...text.matchAll(/"field":"((?:[^"\\]|\\.)*)"|datum\[\\"((?:[^"\\]|\\.)*?)\\"\]/g)].map(
        ([, field, path]) => (field ?? path)!.replace(/\\+(.)/g, "$1"),
      );
      found.set(name, new Set(fields));
    }
    Object.values(value).forEach(walk);
  };
  walk(compiled);
  return found;
}
