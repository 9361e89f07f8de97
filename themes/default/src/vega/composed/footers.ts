/**
 * Axes below and right of the cells of a facet. Vega stands them all on one line beyond the last row or column, and so
 * leaves an axis under nothing where the last row is not full. Here each stands at the last cell of its own column or row.
 */
import { transforms, type View } from "vega";

interface Bounds {
  x2: number;
  y2: number;
  clear(): void;
  union(other: Bounds): void;
  translate(across: number, down: number): void;
}

interface Item {
  x: number;
  y: number;
  bounds: Bounds;
  mark: { bounds: Bounds; items: Item[] };
}

interface Mark {
  marktype: string;
  role?: string;
  items: Item[];
}

interface Parameters {
  mark: { items: { items: Mark[] }[] };
  layout?: { columns?: number };
}

interface Pulse {
  dataflow: View & { dirty(item: Item): void };
}

type Layout = new (parameters: unknown) => { transform(parameters: Parameters, pulse: Pulse): unknown };

/** Groups that stand around the cells, which have no such role. */
const AROUND = /axis|legend|title|header|footer/;

let isInstalled = false;

/** Makes Vega move the footers of facets to their cells after its own layout. Idempotent. */
export function closeFooters(): void {
  if (isInstalled) return;
  isInstalled = true;
  const registered = transforms as unknown as Record<string, Layout>;
  registered["viewlayout"] = class extends registered["viewlayout"]! {
    override transform(parameters: Parameters, pulse: Pulse): unknown {
      const answer = super.transform(parameters, pulse);
      const { mark, layout } = parameters;
      const columns = layout?.columns;
      if (columns) for (const { items } of mark.items) moveFooters(items, columns, pulse.dataflow);
      return answer;
    }
  };
}

function moveFooters(marks: readonly Mark[], columns: number, view: Pulse["dataflow"]): void {
  const cells = itemsOf(marks, (role) => !AROUND.test(role));
  const inLastRow = cells.length % columns;
  if (inLastRow === 0 || cells.length < columns) return;
  const lastRow = cells.slice(-inLastRow);
  const above = cells.slice(-columns, -inLastRow);
  const below = itemsOf(marks, (role) => role === "column-footer").slice(inLastRow, columns);
  const right = itemsOf(marks, (role) => role === "row-footer").slice(-1);
  // Cells that share an axis are of one size, so the axis keeps its distance by moving as far as its cell is away.
  const up = above[0]!.y - lastRow[0]!.y;
  const left = lastRow.at(-1)!.x - cells[columns - 1]!.x;
  for (const footer of below) move(footer, 0, up, view);
  for (const footer of right) move(footer, left, 0, view);
}

function itemsOf(marks: readonly Mark[], isWanted: (role: string) => boolean): Item[] {
  const groups = marks.filter(({ marktype, role }) => marktype === "group" && isWanted(role ?? ""));
  return groups.flatMap(({ items }) => items);
}

/** Both where it stood and where it stands now is drawn anew. */
function move(footer: Item, across: number, down: number, view: Pulse["dataflow"]): void {
  view.dirty(footer);
  footer.x += across;
  footer.y += down;
  footer.bounds.translate(across, down);
  footer.mark.bounds.clear();
  for (const { bounds } of footer.mark.items) footer.mark.bounds.union(bounds);
  view.dirty(footer);
}
