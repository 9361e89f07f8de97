/** Turns a static page into a live one: engine, tables, cross-filter, views, link. The only wiring. */
import { coordinate } from "../data/connector.ts";
import { Database } from "../data/duckdb.ts";
import { createRelation, download, fetchBytes } from "../data/relations.ts";
import type { PagePayload } from "../page.ts";
import { findView } from "../registry.ts";
import { windowAddress } from "./address.ts";
import { scriptingHandle } from "./handle.ts";
import { LiveFigure } from "./mount.ts";
import { Page } from "./page.ts";

/** Called once by the boot script, with the page's payload. Rejects when the page cannot be live. */
export async function start(payload: PagePayload): Promise<void> {
  const files = download(payload.relations, fetchBytes);
  const absolute = (url: string): string => new URL(url, document.baseURI).href;
  const { worker, wasm } = payload.assets;
  const database = await Database.open({ worker: absolute(worker), wasm: absolute(wasm) });
  for (const relation of payload.relations) await createRelation(database, relation, files);
  const page = new Page(payload, coordinate(database), windowAddress());
  page.restore();
  const figures = mountAll(page);
  await Promise.all(figures.map((figure) => figure.start()));
  followHistory(page);
  scriptingHandle(page, database, figures);
  document.documentElement.dataset["sitegen"] = "live";
}

/** Figures in the order of the page; a view without its figure, or of an unknown kind, stays static. */
function mountAll(page: Page): LiveFigure[] {
  return page.payload.views.flatMap((request) => {
    const figure = document.getElementById(request.id);
    const view = findView(request.view);
    return figure && view ? [new LiveFigure(page, figure, request, view)] : [];
  });
}

/** Marks the entries of the browser's history whose link this page wrote. */
const OURS = { sitegen: true };

/**
 * Back and Forward restore the state of their link. A link within the page leads to an entry that is not ours and
 * names an anchor only: it moves the reader, and the state stays.
 */
function followHistory(page: Page): void {
  history.replaceState(OURS, "");
  addEventListener("popstate", (event) => {
    const isOurs = (event.state as typeof OURS | null)?.sitegen === true;
    if (isOurs || location.hash.includes("~") || location.hash === "") page.restore();
    else page.follow();
    history.replaceState(OURS, "");
  });
  document.getElementById(page.anchor)?.scrollIntoView();
}
