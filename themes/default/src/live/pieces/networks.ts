/** The view that brings a layout engine with it. */
import { live as architecture } from "../../../views/architecture/live.ts";
import { view as architectureView } from "../../../views/architecture/view.ts";
import type { Halves } from "../registry.ts";

export const VIEWS: readonly Halves[] = [{ view: architectureView, live: architecture }];
