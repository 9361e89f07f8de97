import type { PageCoordinator } from "../data/connector.ts";
import { beforeEach, expect, test, vi } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { Page } from "../live/page.ts";
import type { PageState } from "../live/state.ts";
import type { PagePayload } from "../page.ts";
import { KernelAddress } from "./address.ts";
import type { WidgetModel } from "./model.ts";

const samples = tableOf(
  { id: "int32 id", label: "string label" },
  { name: "data/samples", relation: "data" },
);

const payload = {
  version: 1,
  base: "",
  assets: { live: "", worker: "", wasm: "" },
  relations: [{ name: "data", sql: "", rows: 3, tables: [] }],
  views: [
    {
      view: "samples",
      id: "samples",
      title: null,
      help: null,
      width: 12,
      height: null,
      options: {},
      table: samples.name,
    },
  ],
  tables: { [samples.name]: samples },
} satisfies PagePayload;

/** The kernel's side of a trait: what was saved there, and a change made there. */
class Trait {
  readonly saved: PageState[] = [];
  state: PageState = { filter: "", views: {} };

  readonly model = {
    get: () => this.state,
    set: (_: string, value: unknown) => void (this.state = value as PageState),
    save_changes: () => void this.saved.push(this.state),
  } as unknown as WidgetModel;
}

function opened(state?: PageState): { trait: Trait; page: Page; address: KernelAddress } {
  const trait = new Trait();
  if (state) trait.state = state;
  const address = new KernelAddress(trait.model);
  const page = new Page(payload, {} as PageCoordinator, address);
  address.follow(page);
  return { trait, page, address };
}

beforeEach(() => void vi.useFakeTimers());

test("a page starts as the kernel says", () => {
  const { trait, page } = opened({ filter: "datum.label == 'a'", views: { samples: { ids: [2] } } });
  expect(page.state).toEqual({ filter: "datum.label == 'a'", views: { samples: { ids: [2] } } });
  expect(trait.saved).toEqual([]);
});

test("what the page does the kernel hears once, and says nothing back", () => {
  const { trait, page, address } = opened();
  page.setFilter("datum.label == 'a'", "commit");
  expect(trait.saved).toEqual([{ filter: "datum.label == 'a'", views: {} }]);
  const told = vi.fn();
  page.listen(told);
  address.heard();
  expect(told).not.toHaveBeenCalled();
  expect(trait.saved).toHaveLength(1);
});

test("what the kernel does the page hears once, and says nothing back", () => {
  const { trait, page, address } = opened();
  const told = vi.fn();
  page.listen(told);
  trait.state = { filter: "datum.label == 'b'", views: {} };
  address.heard();
  expect(told).toHaveBeenCalledTimes(1);
  expect(page.state.filter).toBe("datum.label == 'b'");
  expect(trait.saved).toEqual([]);
});

test("what a page cannot take on is left out in the kernel, too", () => {
  const { trait, page, address } = opened();
  trait.state = { filter: "datum.none == 1", views: { other: { ids: [1] } } };
  address.heard();
  expect(page.state).toEqual({ filter: "", views: {} });
  expect(trait.saved).toEqual([{ filter: "", views: {} }]);
});

test("of a drag the kernel hears now and then, and its end at once", () => {
  const { trait, page } = opened();
  const drag = (at: number): void => page.publish("samples", { at }, new Map(), "drag");
  for (const at of [1, 2, 3]) drag(at);
  expect(trait.saved).toEqual([]);
  vi.runAllTimers();
  expect(trait.saved.map(({ views }) => views)).toEqual([{ samples: { at: 3 } }]);
  drag(4);
  page.publish("samples", { at: 5 }, new Map(), "commit");
  vi.runAllTimers();
  expect(trait.saved.map(({ views }) => views)).toEqual([{ samples: { at: 3 } }, { samples: { at: 5 } }]);
});

test("what is too long for a link is not too long for the kernel, on either way", () => {
  const many = (first: number): number[] => Array.from({ length: 60_000 }, (_, index) => first + index);
  const { trait, page, address } = opened({ filter: "", views: { samples: { ids: many(0) } } });
  expect(page.state.views["samples"]).toEqual({ ids: many(0) });
  expect(trait.saved).toEqual([]);
  page.setFilter("datum.label == 'a'", "commit");
  expect(trait.state).toEqual({ filter: "datum.label == 'a'", views: { samples: { ids: many(0) } } });
  expect(page.linkProblem).toBe("");
  page.publish("samples", { ids: many(7) }, new Map(), "commit");
  expect(trait.state.views["samples"]).toEqual({ ids: many(7) });
  trait.state = { filter: "", views: { samples: { ids: many(9) } } };
  address.heard();
  expect(page.state).toEqual({ filter: "", views: { samples: { ids: many(9) } } });
  expect(trait.saved).toHaveLength(2);
});

test("a report that has ended says nothing more of a drag", () => {
  const { trait, page, address } = opened();
  page.publish("samples", { at: 1 }, new Map(), "drag");
  address.end();
  vi.runAllTimers();
  page.setFilter("datum.label == 'a'", "commit");
  expect(trait.saved).toEqual([]);
});
