/** Turns a static page into a live one: engine, tables, cross-filter, views, link. The only wiring. */
import { PageCoordinator } from "../data/connector.ts";
import type { Engine } from "../data/engine.ts";
import type { PagePayload } from "../page.ts";
import { windowAddress } from "./address.ts";
import { tellChangedData } from "./changed-data.ts";
import { Gallery, withOffered } from "./gallery.ts";
import { scriptingHandle } from "./handle.ts";
import { whenIdle } from "./idle.ts";
import { announceSelections } from "./announcing.ts";
import { followEngine, followMissing } from "./lost.ts";
import { addMenu } from "./menu.ts";
import { LiveFigure } from "./mount.ts";
import { Page } from "./page.ts";
import { tabMemory } from "../memory.ts";
import { followPrinting } from "./printing.ts";
import { findView, loadOwnViews, loadViews } from "./registry.ts";
import { Steps } from "./steps.ts";
import { followSteps } from "./traversal.ts";

/** Called once by the boot script, while the database is being opened. Rejects when the page cannot be live. */
export async function start(payload: PagePayload, opened: Promise<Engine>): Promise<void> {
  await loadViews(payload.views.map(({ view }) => view));
  await loadOwnViews(payload.assets.views ?? []);
  const steps = new Steps(history.state, tabMemory(`sitegen-steps ${location.pathname}`), isReloaded());
  const page = new Page(withOffered(payload), new PageCoordinator(opened), windowAddress(steps));
  page.restore();
  const figures = mountAll(page);
  // The engine starts in its worker; drawings are prepared meanwhile, and shown when it can answer.
  const [database] = await Promise.all([opened, prepareAll(figures)]);
  followEngine(page, database);
  followMissing(page, database);
  figures.forEach(addMenu);
  const gallery = new Gallery(page, figures);
  await gallery.arranged();
  await Promise.all(figures.map((figure) => figure.learn()));
  page.foresee(() => figures.forEach((figure) => figure.foresee()));
  await Promise.all(figures.filter((figure) => figure.isInSight()).map((figure) => figure.start()));
  if (page.isLost) return;
  followSteps(page, steps);
  announceSelections(page);
  followPrinting(document.documentElement);
  document.getElementById(page.anchor)?.scrollIntoView();
  scriptingHandle(page, database, figures, () => gallery.arranged());
  document.documentElement.dataset["sitegen"] = "live";
  await drawAll(figures);
  if (payload.claims) (await import("./claims.ts")).askClaims(page, database, payload.claims);
  await tellChangedData(page);
  whenIdle(() => void page.coordinator.prepare(payload.relations));
}

/** Whether the entries behind this one are still in the browser's history. */
function isReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload";
}

/** Those in sight first, each in a task of its own, so that a reader who already brushes is not kept waiting. */
async function drawAll(figures: readonly LiveFigure[]): Promise<void> {
  const [near, far] = [true, false].map((sight) => figures.filter((each) => each.isInSight() === sight));
  for (const figure of [...near!, ...far!]) {
    await new Promise((resolve) => setTimeout(resolve));
    await figure.idle();
  }
}

/** One figure at a time, each in a task of its own, so that the engine's messages are not kept waiting. */
async function prepareAll(figures: readonly LiveFigure[]): Promise<void> {
  for (const figure of figures) {
    await new Promise((resolve) => setTimeout(resolve));
    await figure.prepare();
  }
}

/** Figures in the order of the page; a view without its figure, or of an unknown kind, stays static. */
function mountAll(page: Page): LiveFigure[] {
  return page.payload.views.flatMap((request) => {
    const figure = document.getElementById(request.id);
    const view = findView(request.view);
    return figure && view ? [new LiveFigure(page, figure, request, view)] : [];
  });
}
