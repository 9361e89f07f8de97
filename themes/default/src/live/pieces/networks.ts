/** The views that bring a layout engine with them. */
import { live as architecture } from "../../../views/architecture/live.ts";
import { view as architectureView } from "../../../views/architecture/view.ts";
import { live as difference } from "../../../views/architecture-diff/live.ts";
import { view as differenceView } from "../../../views/architecture-diff/view.ts";
import type { Halves } from "../registry.ts";

export const VIEWS: readonly Halves[] = [
  { view: architectureView, live: architecture },
  { view: differenceView, live: difference },
];
