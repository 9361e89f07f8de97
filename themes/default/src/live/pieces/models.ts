/** Views of what a model does, which pages of their own show. */
import { live as binaryConfusion } from "../../../views/binary-confusion/live.ts";
import { view as binaryConfusionView } from "../../../views/binary-confusion/view.ts";
import { live as confusionMatrix } from "../../../views/confusion-matrix/live.ts";
import { view as confusionMatrixView } from "../../../views/confusion-matrix/view.ts";
import { live as duplicates } from "../../../views/duplicates/live.ts";
import { view as duplicatesView } from "../../../views/duplicates/view.ts";
import { live as fairvis } from "../../../views/fairvis/live.ts";
import { view as fairvisView } from "../../../views/fairvis/view.ts";
import { live as familiarity } from "../../../views/familiarity/live.ts";
import { view as familiarityView } from "../../../views/familiarity/view.ts";
import { live as inactiveUnits } from "../../../views/inactive-units/live.ts";
import { view as inactiveUnitsView } from "../../../views/inactive-units/view.ts";
import { live as pfa } from "../../../views/pfa/live.ts";
import { view as pfaView } from "../../../views/pfa/view.ts";
import { live as training } from "../../../views/training/live.ts";
import { view as trainingView } from "../../../views/training/view.ts";
import type { Halves } from "../registry.ts";

export const VIEWS: readonly Halves[] = [
  { view: binaryConfusionView, live: binaryConfusion },
  { view: confusionMatrixView, live: confusionMatrix },
  { view: duplicatesView, live: duplicates },
  { view: fairvisView, live: fairvis },
  { view: familiarityView, live: familiarity },
  { view: inactiveUnitsView, live: inactiveUnits },
  { view: pfaView, live: pfa },
  { view: trainingView, live: training },
];
