/** The view that brings the world's borders with it. */
import { live as dataMap } from "../../../views/data-map/live.ts";
import { view as dataMapView } from "../../../views/data-map/view.ts";
import type { Halves } from "../registry.ts";

export const VIEWS: readonly Halves[] = [{ view: dataMapView, live: dataMap }];
