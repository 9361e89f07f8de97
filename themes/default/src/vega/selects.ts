/** Selections as Vega-Lite has them, for charts of every kind: a brush over channels, and marks that are clicked. */
import type { Json } from "./channels.ts";

/**
 * Within the chart, where Vega-Lite by itself would listen to the window: every chart of a page would then run at every
 * move of the pointer. The live chart captures the pointer, so a drag may leave it.
 */
const DRAG = "[pointerdown, view:pointerup] > view:pointermove!";

/** A brush over channels. */
export function interval(channels: readonly string[]): Json {
  const mark = {
    fill: "var(--chart-accent)",
    fillOpacity: 0.12,
    stroke: "var(--chart-accent)",
    strokeOpacity: 0.8,
    cursor: "move",
  };
  return { type: "interval", encodings: [...channels], mark, on: DRAG, translate: DRAG };
}

/** Marks clicked, by what they show in channels; `name` is the parameter's. */
export function point(name: string, channels: readonly string[]): Json {
  return { type: "point", encodings: [...channels], ...clicks(name) };
}

/** How marks are chosen: a click chooses one, with shift one more, a second click or a double one lets go. */
export function clicks(name: string): Json {
  const store = JSON.stringify(`${name}_store`);
  const isOnlyChosen =
    `datum && item().mark.marktype !== 'group' && length(data(${store})) === 1 && ` +
    `vlSelectionTest(${store}, datum)`;
  return {
    toggle: `event.shiftKey || event.metaKey || event.ctrlKey || (${isOnlyChosen})`,
    clear: "dblclick",
  };
}

/**
 * The marks chosen after one is chosen by itself, or with `keep` beside the others; one that was chosen is released. As
 * `clicks` has it, for the keyboard.
 */
export function chosenWith<Point>(
  before: readonly Point[],
  points: readonly Point[],
  keep: boolean,
): readonly Point[] {
  const isSame = (a: Point, b: Point): boolean => JSON.stringify(a) === JSON.stringify(b);
  const others = before.filter((point) => !points.some((each) => isSame(each, point)));
  const isChosen = points.length > 0 && others.length < before.length;
  if (keep) return isChosen ? others : [...before, ...points];
  return isChosen && before.length === 1 ? [] : points;
}
