/** `document.sitegen`: for people who script a page. Everything it gives is read through the page's own filters. */
import { fromBytes, joined, type Result } from "../data/result.ts";
import type { Engine } from "../data/engine.ts";
import { standalonePicture } from "./entries.ts";
import type { Standalone } from "./export/svg.ts";
import type { LiveFigure } from "./mount.ts";
import type { Page } from "./page.ts";
import type { PageState } from "./state.ts";

export interface Handle {
  /** The state as it stands in the link. */
  readonly state: PageState;
  /** Applies a filter expression, as typed into the toolbar. */
  filter(expression: string): void;
  reset(): void;
  /** Resolves when all that was selected or typed so far is answered and drawn. */
  settled(): Promise<void>;
  /** The link to the page as it is now, or to a view of it: what comes behind its address. */
  link(id?: string): { hash: string; isTooLong: boolean };
  /** A view's chart as SVG. */
  picture(id: string): Promise<Standalone>;
  /** Asks the page's tables. */
  query(sql: string): Promise<Result>;
}

/** `arranged` resolves when the figures are those that the state asks for. */
export function scriptingHandle(
  page: Page,
  database: Engine,
  figures: readonly LiveFigure[],
  arranged: () => Promise<void>,
): void {
  const handle: Handle = {
    get state() {
      return page.state;
    },
    filter: (expression) => page.setFilter(expression, "commit"),
    reset: () => page.reset(),
    settled: async () => {
      await arranged();
      await page.answered();
      await Promise.all(figures.map((figure) => figure.idle()));
      page.flush();
    },
    link: (id) => page.link(id),
    picture: async (id) => {
      const figure = figures.find((each) => each.context.request.id === id);
      if (!figure) throw new Error(`the page has no view "${id}"`);
      return standalonePicture(figure);
    },
    query: async (sql) => fromBytes(joined(await database.query(sql))),
  };
  Object.defineProperty(document, "sitegen", { value: handle, configurable: true });
}
