/** The matrix as SVG, at each width of its place: complete without a script, on paper and in a downloaded figure. */
import { html, type Markup } from "../../src/markup.ts";
import { cellShapes, cellsIn, diagonalShapes, MOST_CELLS, strokes } from "./cells.ts";
import { layoutOf, Sight, type Layout } from "./layout.ts";
import { margins, type Titles } from "./margins.ts";
import type { Model } from "./model.ts";
import { svgOf, type Shape } from "../../src/shapes.ts";
import type { Place } from "../../src/vega/size.ts";
import type { Window } from "./state.ts";

export function drawings(
  model: Model,
  titles: Titles,
  places: readonly Place[],
  look: { height: number | null; window: Window | null },
): Markup {
  const at = ({ width, names }: Place): Markup => {
    const height = names === "chart-narrow" ? null : look.height;
    const sight = new Sight(layoutOf(model, width, height), look.window);
    return html`<div class="${names}">${drawing(model, titles, sight)}</div>`;
  };
  return html`${places.map(at)}`;
}

function drawing(model: Model, titles: Titles, sight: Sight): Markup {
  const { width, height, left, top, side } = sight.layout;
  return html`<svg
    class="chart confusion-drawing"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    aria-hidden="true"
    focusable="false"
  >
    <rect x="${left}" y="${top}" width="${side}" height="${side}" fill="var(--page-surface)" />
    ${cellsMarkup(model, sight)}${inside(diagonalShapes(model, sight), sight.layout).map(svgOf)}
    ${margins(model, sight, titles).map(svgOf)}
  </svg>`;
}

function cellsMarkup(model: Model, sight: Sight): Markup {
  let seen = 0;
  for (const _cell of cellsIn(model, sight)) if (++seen > MOST_CELLS) break;
  if (seen > MOST_CELLS && sight.isWhole) return strokes(model, sight).markup;
  return html`${inside(cellShapes(model, sight), sight.layout).map(svgOf)}`;
}

/** What a window shows of cells at its edges: a canvas cuts them, and a drawing has to be cut by itself. */
function inside(shapes: readonly Shape[], layout: Layout): Shape[] {
  const [right, bottom] = [layout.left + layout.side, layout.top + layout.side];
  return shapes.flatMap((shape): Shape[] => {
    if (shape.kind === "line") return [shape];
    const [x, y] = [Math.max(shape.x, layout.left), Math.max(shape.y, layout.top)];
    if (shape.kind === "text")
      return x === shape.x && y === shape.y && x < right && y < bottom ? [shape] : [];
    const width = Math.min(shape.x + shape.width, right) - x;
    const height = Math.min(shape.y + shape.height, bottom) - y;
    return width > 0 && height > 0 ? [{ ...shape, x, y, width, height }] : [];
  });
}
