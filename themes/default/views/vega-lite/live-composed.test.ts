/** Drawings that overtake each other: what is shown in the end is the newest, with the newest answers. */
import { beforeEach, expect, test, vi } from "vitest";
import type { Host } from "../../src/live/host.ts";

/** A view that is drawn when the test says so. */
class FakeView {
  shown: unknown[] = [];
  isGone = false;
  finish: () => void = () => undefined;
  private drawn = false;
  constructor(readonly found: { data: Map<string, unknown[]> }) {
    views.push(this);
    this.shown = found.data.get("rows")!;
  }
  signal(): void {}
  change(_name: string, rows: unknown[]): void {
    this.shown = rows;
  }
  runAsync(): Promise<void> {
    if (this.drawn) return Promise.resolve();
    this.drawn = true;
    return new Promise((resolve) => (this.finish = resolve));
  }
  finalize(): void {
    this.isGone = true;
  }
  container(): unknown {
    return element();
  }
  addDataListener(): void {}
  addSignalListener(): void {}
  addEventListener(): void {}
}

let views: FakeView[] = [];
let themeChanged: () => void = () => undefined;

const element = (): unknown => ({
  style: {},
  classList: { toggle: () => undefined },
  className: "",
  childElementCount: 0,
  clientWidth: 600,
  addEventListener: () => undefined,
  querySelector: () => element(),
  querySelectorAll: () => [],
  replaceChildren: () => undefined,
});

vi.mock("vega", () => ({
  expressionFunction: () => undefined,
  changeset: () => ({ remove: () => ({ insert: (rows: unknown[]) => rows }) }),
}));
vi.mock("../../src/live/mount.ts", () => ({ updateFrame: () => undefined }));
vi.mock("../../src/live/colours.ts", () => ({
  onThemeChange: (changed: () => void) => (themeChanged = changed),
  resolveVariable: () => "",
}));
vi.mock("../../src/live/resizing.ts", () => ({ onResize: () => undefined }));
vi.mock("../../src/live/drags.ts", () => ({ captureDrags: () => undefined }));
vi.mock("../../src/live/tooltip.ts", () => ({
  Tooltip: class {
    hide(): void {}
  },
}));
vi.mock("../../src/live/walk.ts", () => ({
  Walker: class {
    attach(): void {}
  },
  marksOf: () => [],
}));
vi.mock("../../src/live/canvas.ts", () => ({ CANVAS: "canvas" }));
vi.mock("../../src/vega/theme.ts", () => ({ canvasVega: () => ({}), config: { legend: {} } }));
vi.mock("../../src/vega/draw.ts", () => ({ MOST_ELEMENTS: 1000, outerSize: () => ({ width: 600 }) }));
vi.mock("../../src/vega/composed/draw.ts", () => ({
  copied: (rows: unknown[]) => rows,
  fitted: () => ({}),
  viewOf: (_vega: unknown, found: FakeView["found"]) => new FakeView(found),
}));
vi.mock("../../src/vega/composed/chart.ts", () => ({
  answered: (_chart: unknown, rows: unknown[]) => ({
    total: 1,
    sources: [],
    data: new Map([["rows", rows]]),
    chart: { shown: [] },
  }),
  arrangedAt: () => ({ vega: {} }),
  sourcesOf: () => [
    { origins: new Map([["x", { node: "x", type: "number" }]]), table: { relation: "data" } },
  ],
}));
vi.mock("./composed.ts", () => ({
  frame: () => ({}),
  stateOf: (_options: unknown, written: object | null) => ({ selected: {}, values: {}, ...written }),
}));
vi.mock("./composed-tooltip.ts", () => ({ tooltipRows: () => [], tooltipsOf: () => new Map() }));

beforeEach(() => {
  views = [];
  vi.stubGlobal("document", { createElement: element, activeElement: null, getElementById: () => null });
  vi.stubGlobal("addEventListener", () => undefined);
});

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const told: unknown[] = [];

async function drawn(signal = new AbortController().signal) {
  const { liveComposed } = await import("./live-composed.ts");
  const params = {
    variables: new Map(),
    targets: new Map(),
    filtering: ["picked"],
    cleared: [],
    selectable: new Map(["picked", "zoomed"].map((name) => [name, [[{ field: "x", type: "E" }]]])),
  };
  const host = {
    select: (clause: unknown, relation: string) => told.push([clause, relation]),
    sourceOf: (name: string) => name,
    options: { composed: { params } },
    body: element(),
    figure: element(),
    context: { request: { options: {}, id: "chart", title: null, height: null } },
    clients: () => new Set(),
    showsWhole: () => true,
    signal,
  } as unknown as Host;
  const chart = liveComposed(host);
  const first = chart.draw([1] as never);
  await turns();
  views[0]!.finish();
  await first;
  return chart;
}

test("answers that come while a chart is drawn anew reach the new drawing", async () => {
  const chart = await drawn();
  themeChanged();
  await turns();
  await chart.draw([2] as never);
  views[1]!.finish();
  await turns();
  expect(views.map(({ isGone }) => isGone)).toEqual([true, false]);
  expect(views[1]!.shown).toEqual([2]);
});

test("of two drawings the one begun last is shown, whichever is done first", async () => {
  await drawn();
  themeChanged();
  themeChanged();
  await turns();
  views[2]!.finish();
  await turns();
  views[1]!.finish();
  await turns();
  expect(views.map(({ isGone }) => isGone)).toEqual([true, true, false]);
});

test("a drawing ends with its group, one that is being made included", async () => {
  const life = new AbortController();
  await drawn(life.signal);
  themeChanged();
  await turns();
  life.abort();
  views[1]!.finish();
  await turns();
  expect(views.map(({ isGone }) => isGone)).toEqual([true, true]);
});

test("a link selects in a chart what filters, and nothing by what only zooms", async () => {
  const chart = await drawn();
  told.length = 0;
  const chosen = [{ values: [1] }];
  chart.foresee!({}, { selected: { zoomed: chosen } });
  expect(told).toEqual([]);
  chart.foresee!({}, { selected: { zoomed: chosen, picked: chosen } });
  expect(told).toMatchObject([[{ source: "picked" }, "data"]]);
});
