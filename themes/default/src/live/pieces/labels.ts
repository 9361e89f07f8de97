/** Views in which labels are judged and corrected, with what reads and writes patches. */
import { live as errorMatrix } from "../../../views/error-matrix/live.ts";
import { view as errorMatrixView } from "../../../views/error-matrix/view.ts";
import { live as labelReview } from "../../../views/label-review/live.ts";
import { view as labelReviewView } from "../../../views/label-review/view.ts";
import type { Halves } from "../registry.ts";

export const VIEWS: readonly Halves[] = [
  { view: errorMatrixView, live: errorMatrix },
  { view: labelReviewView, live: labelReview },
];
