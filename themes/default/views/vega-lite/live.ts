/** The live half of a chart: of a single view, or of a composition. */
import type { LiveFactory } from "../../src/live/host.ts";
import { liveComposed } from "./live-composed.ts";
import { liveSingle } from "./live-single.ts";
import { isComposed, type Options } from "./view.ts";

export const live: LiveFactory = (host) =>
  isComposed(host.options as Options) ? liveComposed(host) : liveSingle(host);
