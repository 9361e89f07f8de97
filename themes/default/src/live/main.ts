/** Turns a static page into a live one: engine, tables, cross-filter, views, link. The only wiring. */
import { coordinate } from "../data/connector.ts";
import { Database } from "../data/duckdb.ts";
import { createRelation, download, fetchBytes } from "../data/relations.ts";
import type { PagePayload } from "../page.ts";
import { findView } from "../registry.ts";
import { scriptingHandle } from "./handle.ts";
import { LiveFigure } from "./mount.ts";
import { Page, type Address } from "./page.ts";

/** Called once by the boot script, with the page's payload. Rejects when the page cannot be live. */
export async function start(payload: PagePayload): Promise<void> {
  const files = download(payload.relations, fetchBytes);
  const absolute = (url: string): string => new URL(url, document.baseURI).href;
  const { worker, wasm } = payload.assets;
  const database = await Database.open({ worker: absolute(worker), wasm: absolute(wasm) });
  for (const relation of payload.relations) await createRelation(database, relation, files);
  const page = new Page(payload, coordinate(database), windowAddress());
  page.restore();
  await Promise.all(mountAll(page).map((figure) => figure.start()));
  addEventListener("popstate", () => page.restore());
  document.documentElement.dataset["sitegen"] = "live";
  scriptingHandle(page, database);
}

/** Figures in the order of the page; a view without its figure, or of an unknown kind, stays static. */
function mountAll(page: Page): LiveFigure[] {
  return page.payload.views.flatMap((request) => {
    const figure = document.getElementById(request.id);
    const view = findView(request.view);
    return figure && view ? [new LiveFigure(page, figure, request, view)] : [];
  });
}

function windowAddress(): Address {
  const bare = (): string => location.pathname + location.search;
  return {
    hash: () => location.hash,
    replace: (hash) => history.replaceState(history.state, "", hash || bare()),
    push: (hash) => {
      if (hash !== location.hash) history.pushState(null, "", hash || bare());
    },
  };
}
