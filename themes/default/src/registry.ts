/** Every view of the theme, in one list. A new view is a folder in `views/` and a line here. */
import { view as architecture } from "../views/architecture/view.ts";
import { view as architectureDiff } from "../views/architecture-diff/view.ts";
import { view as binaryConfusion } from "../views/binary-confusion/view.ts";
import { view as confusionMatrix } from "../views/confusion-matrix/view.ts";
import { view as dataMap } from "../views/data-map/view.ts";
import { view as duplicates } from "../views/duplicates/view.ts";
import { view as errorMatrix } from "../views/error-matrix/view.ts";
import { view as fairvis } from "../views/fairvis/view.ts";
import { view as familiarity } from "../views/familiarity/view.ts";
import { view as inactiveUnits } from "../views/inactive-units/view.ts";
import { view as labelReview } from "../views/label-review/view.ts";
import { view as markdown } from "../views/markdown/view.ts";
import { view as parameters } from "../views/parameters/view.ts";
import { view as pfa } from "../views/pfa/view.ts";
import { view as provenance } from "../views/provenance/view.ts";
import { view as samples } from "../views/samples/view.ts";
import { view as scatter } from "../views/scatter/view.ts";
import { view as summary } from "../views/summary/view.ts";
import { view as table } from "../views/table/view.ts";
import { view as toolbar } from "../views/toolbar/view.ts";
import { view as training } from "../views/training/view.ts";
import { view as vegaLite } from "../views/vega-lite/view.ts";
import type { View } from "./view.ts";

const VIEWS = [
  architecture,
  architectureDiff,
  binaryConfusion,
  confusionMatrix,
  dataMap,
  duplicates,
  errorMatrix,
  fairvis,
  familiarity,
  inactiveUnits,
  labelReview,
  markdown,
  parameters,
  pfa,
  provenance,
  samples,
  scatter,
  summary,
  table,
  toolbar,
  training,
  vegaLite,
] as unknown as readonly View<unknown>[];

const views = new Map(VIEWS.map((view) => [view.name, view]));

/** Adds a view of the report's theme, or puts it in the place of the one of its name. */
export function addView(view: View<unknown>): void {
  views.set(view.name, view);
}

export function allViews(): readonly View<unknown>[] {
  return [...views.values()];
}

export function findView(name: string): View<unknown> | null {
  return views.get(name) ?? null;
}
