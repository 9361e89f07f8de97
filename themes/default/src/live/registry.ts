/** The live halves of the views; a view that is not here is drawn at build only. */
import { live as binaryConfusion } from "../../views/binary-confusion/live.ts";
import { live as confusionMatrix } from "../../views/confusion-matrix/live.ts";
import { live as dataMap } from "../../views/data-map/live.ts";
import { live as duplicates } from "../../views/duplicates/live.ts";
import { live as fairvis } from "../../views/fairvis/live.ts";
import { live as familiarity } from "../../views/familiarity/live.ts";
import { live as inactiveUnits } from "../../views/inactive-units/live.ts";
import { live as markdown } from "../../views/markdown/live.ts";
import { live as pfa } from "../../views/pfa/live.ts";
import { live as provenance } from "../../views/provenance/live.ts";
import { live as samples } from "../../views/samples/live.ts";
import { live as scatter } from "../../views/scatter/live.ts";
import { live as summary } from "../../views/summary/live.ts";
import { live as table } from "../../views/table/live.ts";
import { live as toolbar } from "../../views/toolbar/live.ts";
import { live as training } from "../../views/training/live.ts";
import { live as vegaLite } from "../../views/vega-lite/live.ts";
import type { LiveFactory } from "./host.ts";

const LIVE: Readonly<Record<string, LiveFactory>> = {
  "binary-confusion": binaryConfusion,
  "confusion-matrix": confusionMatrix,
  "data-map": dataMap,
  duplicates,
  fairvis,
  familiarity,
  "inactive-units": inactiveUnits,
  markdown,
  pfa,
  provenance,
  samples,
  scatter,
  summary,
  table,
  toolbar,
  training,
  "vega-lite": vegaLite,
};

export function liveOf(name: string): LiveFactory | null {
  return LIVE[name] ?? null;
}
