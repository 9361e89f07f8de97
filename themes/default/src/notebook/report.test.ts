import { beforeEach, expect, test, vi } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import type { KernelMessage } from "../data/kernel.ts";
import type { PagePayload } from "../page.ts";
import type { WidgetModel } from "./model.ts";
import { warn } from "./place.ts";
import { Report } from "./report.ts";

vi.mock("./place.ts", () => ({ layer: vi.fn(), pageWith: vi.fn(() => []), retire: vi.fn(), warn: vi.fn() }));

/** Of the window, which these tests have none of. */
const hidden = new EventTarget();
vi.stubGlobal("addEventListener", hidden.addEventListener.bind(hidden));

const table = tableOf({ id: "int32 id" }, { name: "data/samples", relation: "data" });
const sheet = { kind: "sheet", url: "images.webp", width: 6, height: 6, tile_width: 6, tile_height: 6 };

function payload(generation = 1): PagePayload & { generation: number } {
  return {
    version: 1,
    base: "",
    assets: { live: "", worker: "", wasm: "" },
    relations: [{ name: "data", sql: "", rows: 3, tables: [] }],
    views: [],
    tables: { "data/samples": { ...table, media: [sheet] } },
    generation,
  };
}

type Callback = (...parts: unknown[]) => void;

/** A model of a kernel that answers, or refuses. */
class Model {
  readonly model_id = "report";
  readonly traits: Record<string, unknown> = { payload: payload(), state: { filter: "", views: {} } };
  readonly heard: [string, Callback][] = [];
  readonly asked: Record<string, unknown>[] = [];
  problem: string | undefined;

  get = (name: string): unknown => this.traits[name];
  set = (name: string, value: unknown): void => void (this.traits[name] = value);
  save_changes = vi.fn();
  on = (event: string, callback: Callback): void => void this.heard.push([event, callback]);
  off = (event: string, callback: Callback): void => {
    const at = this.heard.findIndex((each) => each[0] === event && each[1] === callback);
    this.heard.splice(at, at < 0 ? 0 : 1);
  };

  send = (content: Record<string, unknown>): void => {
    this.asked.push(content);
    const problem = this.problem === undefined ? {} : { problem: this.problem };
    const said = { kind: "answer", number: content["number"], reader: content["reader"], ...problem };
    queueMicrotask(() => this.fire("msg:custom", said as KernelMessage, [new DataView(new ArrayBuffer(1))]));
  };

  fire(event: string, ...parts: unknown[]): void {
    for (const [name, callback] of [...this.heard]) if (name === event) callback(...parts);
  }

  kinds(): unknown[] {
    return this.asked.map(({ kind }) => kind);
  }
}

function opened(): { model: Model; report: Report; ended: () => void } {
  const model = new Model();
  const ended = vi.fn();
  return { model, ended, report: new Report(model as unknown as WidgetModel, ended) };
}

const place = {} as HTMLElement;
const output = (): { markup: string; place: HTMLElement } => ({ markup: "", place });
const said = (): unknown[] => vi.mocked(warn).mock.calls.map(([, problem]) => problem);

beforeEach(() => {
  vi.clearAllMocks();
  vi.stubGlobal(
    "DOMParser",
    class {
      parseFromString = (): object => ({ querySelectorAll: () => [] });
    },
  );
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

test("a sheet that failed is said, and fetched anew by the next try", async () => {
  const { model, report } = opened();
  model.problem = "the disk is full";
  await report.mount(output());
  expect(said()).toEqual([new Error("the disk is full")]);
  model.problem = undefined;
  await report.mount(output());
  expect(said().slice(1)).toEqual([null, null]);
  expect(model.kinds()).toEqual(["sheet", "sheet"]);
  await report.mount(output());
  expect(model.kinds()).toHaveLength(2);
});

test("views that come later get past a sheet that failed, and the page that stood goes on", async () => {
  const { model, report } = opened();
  await report.mount(output());
  model.problem = "lost";
  const other = { ...sheet, url: "more.webp" };
  model.traits["payload"] = { ...payload(2), tables: { "data/samples": { ...table, media: [other] } } };
  model.fire("change:payload");
  await vi.waitFor(() => expect(said().at(-1)).toEqual(new Error("lost")));
  model.problem = undefined;
  model.fire("change:payload");
  await vi.waitFor(() => expect(said().at(-1)).toBeNull());
  expect(model.kinds()).toEqual(["sheet", "sheet", "sheet"]);
});

test("with its last output a report ends: nothing is heard, and the kernel gives back what it had", async () => {
  const { model, report, ended } = opened();
  const [first, second] = [output(), output()];
  await report.mount(first);
  await report.mount(second);
  report.unmount(first);
  expect(ended).not.toHaveBeenCalled();
  report.unmount(second);
  expect(ended).toHaveBeenCalledTimes(1);
  expect(model.heard).toEqual([]);
  const { reader } = model.asked[0]!;
  expect(model.asked.at(-1)).toMatchObject({ kind: "leave", reader });
  model.fire("change:state");
  expect(model.kinds()).toEqual(["sheet", "leave"]);
});

test("a report whose kernel is gone ends all the same", async () => {
  const { model, report } = opened();
  const one = output();
  await report.mount(one);
  model.fire("comm:close");
  report.unmount(one);
  expect(model.heard).toEqual([]);
  expect(model.kinds()).toEqual(["sheet"]);
});

test.each([
  [false, ["sheet", "leave"]],
  [true, ["sheet"]],
])(
  "a window that closes takes leave of the kernel; where the browser keeps it (%s) it stays",
  async (persisted, kinds) => {
    const { model, report } = opened();
    const one = output();
    await report.mount(one);
    hidden.dispatchEvent(Object.assign(new Event("pagehide"), { persisted }));
    expect(model.kinds()).toEqual(kinds);
    report.unmount(one);
  },
);
