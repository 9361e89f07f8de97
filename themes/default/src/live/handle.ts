/** `document.sitegen`: for people who script a page. Everything it gives is read through the page's own filters. */
import { fromBytes, joined, type Result } from "../data/result.ts";
import type { Engine } from "../data/engine.ts";
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
    },
    query: async (sql) => fromBytes(joined(await database.query(sql))),
  };
  Object.defineProperty(document, "sitegen", { value: handle, configurable: true });
}
