import { Query } from "@uwdata/mosaic-sql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import type { Result } from "../data/result.ts";
import { tableOf } from "../../tests/tables.ts";
import { Panel, type Place } from "./panel.ts";

/** An element as far as a panel knows it. */
function element(): HTMLElement {
  const self = {
    dataset: {},
    isConnected: false,
    closest: () => self,
    querySelector: () => self,
    before: (other: { isConnected: boolean }) => (other.isConnected = true),
    remove: () => (self.isConnected = false),
    contains: () => false,
    setAttribute: () => undefined,
    removeAttribute: () => undefined,
    addEventListener: () => undefined,
  };
  return self as unknown as HTMLElement;
}

beforeAll(() => void vi.stubGlobal("document", { createElement: element, activeElement: null }));
afterAll(() => void vi.unstubAllGlobals());

/** A panel of one question, asked of an engine that fails as often as it is told. */
function panelOf(failures: number): Panel {
  let left = failures;
  const answer = (): Promise<Result> =>
    left-- > 0 ? Promise.reject(new Error("stopped")) : Promise.resolve({ rows: 1, columns: { rows: [1] } });
  const place = {
    page: { coordinator: { answer }, state: { views: {} }, isLost: false },
    view: {
      name: "no-live-half",
      queries: () => ({ total: { filtered: false, sql: () => Query.from("data").select("rows") } }),
    },
    options: {},
    context: contextOf(tableOf({ rows: "int32" }), {}),
    condition: null,
    clients: new Set(),
    figure: element(),
    body: element(),
  };
  return new Panel(place as unknown as Place);
}

test("a panel that could not be asked is one that answers once it has", async () => {
  const panel = panelOf(1);
  await expect(panel.askUnfiltered()).rejects.toThrow("stopped");
  panel.fail(new Error("stopped"));
  expect(panel.isUnanswered).toBe(true);
  await panel.askUnfiltered();
  await panel.connect();
  await panel.schedule();
  expect(panel.isUnanswered).toBe(false);
});
