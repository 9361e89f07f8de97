import { sql } from "@uwdata/mosaic-sql";
import type { PageCoordinator } from "../data/connector.ts";
import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import type { PagePayload, ViewRequest } from "../page.ts";
import { ProblemError } from "../problem.ts";
import { Page, type Address, type Change } from "./page.ts";
import type { PageState } from "./state.ts";

/** An address bar with its history; what was replaced is not in it. */
class Bar implements Address {
  readonly entries: string[];

  constructor(hash = "") {
    this.entries = [hash];
  }

  hash = (): string => this.entries.at(-1)!;
  replace = (hash: string): void => void this.entries.splice(-1, 1, hash);
  settle = this.replace;
  adjust = this.replace;
  push = (hash: string): void => void this.entries.push(hash);
}

const request = (id: string, table: string): ViewRequest => ({
  view: "samples",
  id,
  title: null,
  help: null,
  width: 6,
  height: null,
  options: {},
  table,
});

const TABLES = {
  "digits/samples": tableOf(
    { id: "int32 id", label: "string label" },
    { name: "digits/samples", relation: "digits" },
  ),
  "digits/points": tableOf({ id: "int32 id", x: "float32" }, { name: "digits/points", relation: "digits" }),
  "digits/training": tableOf({ epoch: "int32" }, { name: "digits/training", relation: "digits/training" }),
};

const PAYLOAD: PagePayload = {
  version: 1,
  base: "",
  assets: { live: "", worker: "", wasm: "" },
  relations: ["digits", "digits/training"].map((name) => ({ name, sql: "", rows: 1, tables: [] })),
  views: [request("images", "digits/samples"), request("points", "digits/points")],
  tables: TABLES,
};

/** A page asks its coordinator for nothing itself; its views do. */
const coordinator = {} as PageCoordinator;

function open(hash = ""): { page: Page; bar: Bar; told: Change[]; states: PageState[] } {
  const bar = new Bar(hash);
  const page = new Page(PAYLOAD, coordinator, bar);
  const [told, states]: [Change[], PageState[]] = [[], []];
  page.listen((state, change) => {
    told.push(change);
    states.push(state);
  });
  page.restore();
  return { page, bar, told, states };
}

const filterOf = (page: Page, relation: string): string =>
  [page.selection(relation).predicate(null as never)].flat().map(String).join(" AND ");

test("a page without a link is the unfiltered whole, and its address stays as it was", () => {
  const { page, bar } = open();
  expect(page.state).toEqual({ filter: "", views: {} });
  expect([page.problems, bar.entries, filterOf(page, "digits")]).toEqual([[], [""], ""]);
});

test("a filter reaches the relations that have its columns, and the link", () => {
  const { page, bar } = open();
  page.setFilter(" datum.label == 'cat' ", "commit");
  expect(filterOf(page, "digits")).toBe(`(("label") IS NOT DISTINCT FROM ('cat'))`);
  expect(filterOf(page, "digits/training")).toBe("");
  expect(bar.entries).toEqual(["", "#~filter=datum.label%20%3D%3D%20'cat'"]);
});

test("a filter on a column of another table of the relation is understood", () => {
  const { page } = open();
  page.setFilter("datum.x > 1", "commit");
  expect(filterOf(page, "digits")).toContain('"x"');
});

test("a filter that no relation understands is refused, and everything stays as it was", () => {
  const { page, bar } = open();
  page.setFilter("datum.label == 'cat'", "commit");
  expect(() => page.setFilter("datum.labl == 'cat'", "commit")).toThrow(ProblemError);
  expect(page.state.filter).toBe("datum.label == 'cat'");
  expect(filterOf(page, "digits")).toContain('"label"');
  expect(bar.entries).toHaveLength(2);
});

test("an emptied filter passes everything", () => {
  const { page, bar } = open("#~filter=datum.epoch%20%3E%203");
  page.setFilter("", "commit");
  expect([filterOf(page, "digits/training"), bar.hash()]).toEqual(["", ""]);
});

test("dragging replaces the link, letting go pushes it", () => {
  const { page, bar, told } = open();
  const publish = (low: number, change: Change): void => page.publish("points", { low }, new Map(), change);
  publish(1, "drag");
  publish(2, "drag");
  publish(3, "commit");
  expect(bar.entries).toEqual(["#~points=%7B%22low%22:2%7D", "#~points=%7B%22low%22:3%7D"]);
  expect(told).toEqual(["restore", "drag", "drag", "commit"]);
});

test("a link is restored as a whole: anchor, filter and views", () => {
  const link = "#training~filter=datum.epoch%20%3E%203&images=%7B%22at%22:2%7D";
  const { page, bar, told } = open(link);
  expect(page.state).toEqual({ filter: "datum.epoch > 3", views: { images: { at: 2 } } });
  expect([page.anchor, page.problems, bar.entries, told]).toEqual(["training", [], [link], ["restore"]]);
  page.publish("images", null, new Map(), "commit");
  expect(bar.hash()).toBe("#training~filter=datum.epoch%20%3E%203");
});

test.each([
  ["does not parse", "datum.label ==", /The link's filter was not applied: the filter does not parse/],
  ["names an unknown column", "datum.labl == 1", /column "labl" is not in table .*did you mean "label"\?/],
  ["is SQL", "1=1; DROP TABLE digits", /was not applied/],
])("a link whose filter %s is said, and the rest of it is restored", (_name, filter, problem) => {
  const { page } = open(`#~filter=${encodeURIComponent(filter)}&images=%7B%22at%22:2%7D`);
  expect(page.problems.join()).toMatch(problem);
  expect(page.state).toEqual({ filter: "", views: { images: { at: 2 } } });
  expect(filterOf(page, "digits")).toBe("");
});

test("a link that speaks of a view that the page lacks is said, and that part is dropped", () => {
  const { page } = open('#~gone={"page":1}&__proto__={"images":{"page":9}}');
  expect(page.problems).toHaveLength(2);
  expect(page.problems[0]).toContain('a view "gone" that this page does not have');
  expect([page.state.views["images"], Object.keys(page.state.views)]).toEqual([undefined, []]);
});

test("removing a view's selection keeps the filter, and the views are told to follow the state", () => {
  const { page, told } = open("#~filter=datum.epoch%20%3E%203&images=%7B%22at%22:2%7D");
  page.clear("images");
  expect(page.state).toEqual({ filter: "datum.epoch > 3", views: {} });
  page.clear("filter");
  expect([page.state, filterOf(page, "digits/training")]).toEqual([{ filter: "", views: {} }, ""]);
  expect(told).toEqual(["restore", "commit", "restore", "commit", "restore"]);
});

test("a filter that is given once more is asked and told once", async () => {
  const { page } = open();
  let [told, asked] = [0, 0];
  page.listen(() => void told++);
  page.selection("digits").addEventListener("value", () => void asked++);
  page.setFilter("datum.id > 3", "commit");
  page.setFilter(" datum.id > 3 ", "commit");
  await new Promise((resolve) => setTimeout(resolve));
  expect([told, asked]).toEqual([1, 1]);
  page.setFilter("", "commit");
  expect(filterOf(page, "digits")).toBe("");
});

test("a reset is one step back to the whole, and the anchor stays", () => {
  const { page, bar } = open("#training~filter=datum.epoch%20%3E%203");
  page.reset();
  expect([page.state, filterOf(page, "digits/training"), bar.hash()]).toEqual([
    { filter: "", views: {} },
    "",
    "#training",
  ]);
});

test("a state of several selections is taken on, and reset, with none of them alone in between", async () => {
  const { page, bar } = open();
  const [one, other] = [{}, {}];
  const select = (source: object, condition: string | null): void =>
    page.select("digits", {
      source,
      fields: [],
      value: condition,
      predicate: condition === null ? null : sql`${condition}`,
    });
  page.listen((_state, change) => {
    const isThere = bar.hash() !== "";
    if (change !== "restore") return;
    select(one, isThere ? "one" : null);
    select(other, isThere ? "other" : null);
  });
  const seen: string[] = [];
  page.selection("digits").addEventListener("value", () => void seen.push(filterOf(page, "digits")));
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const all = '((coalesce("id", 0)) > (3::DOUBLE)) AND one AND other';
  bar.push("#~filter=datum.id%20%3E%203");
  page.restore();
  await settle();
  expect(seen).toEqual([all]);
  page.reset();
  await settle();
  expect(seen).toEqual([all, ""]);
  page.reset();
  await settle();
  expect(seen).toEqual([all, ""]);
});

test("following a link within the page keeps the state and takes its anchor", () => {
  const { page, bar } = open("#~filter=datum.epoch%20%3E%203");
  bar.push("#images");
  page.follow();
  expect(bar.hash()).toBe("#images~filter=datum.epoch%20%3E%203");
});

test("a view of the whole page gets the first table, and an unknown table is a bug", () => {
  const { page } = open();
  expect(page.tableOf(null).name).toBe("digits/samples");
  expect(page.tableOf("digits/points").columns.map((column) => column.name)).toEqual(["id", "x", "label"]);
  expect(() => page.tableOf("digits/none")).toThrow('the page has no table "digits/none"');
});

test("what a link says of a view is taken as far as it fits, and the rest is told", () => {
  const state = (value: unknown): string => encodeURIComponent(JSON.stringify(value));
  const { page } = open(`#~images=${state({ ids: [1, "two", {}], zoom: 3 })}&points=${state({ page: -1 })}`);
  expect(page.state.views).toEqual({ images: { ids: [1] } });
  expect(page.problems).toEqual([
    'The link\'s state of "images" does not fit this view and was left out, whole or in part.',
    'The link\'s state of "points" does not fit this view and was left out, whole or in part.',
  ]);
});

test("a state too long for a link is said, until it is not", () => {
  const { page, bar } = open();
  page.publish("images", { points: ["x".repeat(100_001)] }, new Map(), "commit");
  expect([bar.hash(), page.linkProblem]).toEqual(["", "What is selected is too much for a link."]);
  page.clear("images");
  expect(page.linkProblem).toBe("");
});

test("a view with a filter of its author's shows the rows that are marked for it, in every query", () => {
  const { page } = open();
  const own = { ...request("images", "digits/samples"), member: "where:1" };
  expect(page.context(own).table.member).toBe("where:1");
  expect(page.context(request("images", "digits/samples")).table.member).toBe(
    TABLES["digits/samples"].member,
  );
});

/** How many random links are tried; `make fuzz` says ten thousand. */
const CASES = Number(process.env["SITEGEN_CASES"] ?? 300);

const PARTS = [
  ...[
    "#",
    "~",
    "&",
    "=",
    "filter=",
    "images=",
    "points=",
    "nothing=",
    "%",
    "%7B",
    "%00",
    "%E0%A4%A",
    "{",
    "}",
    "[",
    "]",
  ],
  ...[
    '{"ids":[1,2]}',
    '{"page":1}',
    '{"page":-1}',
    '{"page":1e999}',
    '{"ids":["<script>"]}',
    "null",
    "true",
    "{}",
    "\\",
  ],
  ...[
    "datum.label%20==%20'a'",
    "datum.x%20>%201",
    "alert(1)",
    "datum.__proto__",
    "constructor",
    "'; drop table x; --",
  ],
  ...[
    "javascript:alert(1)",
    "<img src=x onerror=alert(1)>",
    "😀",
    "\ud800",
    "__proto__=",
    ".data=",
    ".full=",
    ".tables=",
    "abcdef.012345",
    "images,points",
    "images,<b>,nothing",
    '{"__proto__":{"page":1}}',
  ],
];

test("any link is taken on as far as it fits, and the rest is said", () => {
  let state = 11;
  const pick = (below: number): number =>
    Math.floor(((state = (state * 48_271) % 2_147_483_647) / 2_147_483_647) * below);
  for (let round = 0; round < CASES; round++) {
    const hash = "#" + Array.from({ length: pick(9) }, () => PARTS[pick(PARTS.length)]).join("");
    const { page } = open(hash);
    page.restore();
    for (const [id, kept] of Object.entries(page.state.views)) {
      expect(["images", "points"]).toContain(id);
      expect(Object.keys(kept).every((key) => ["ids", "page"].includes(key))).toBe(true);
    }
    expect(() => page.setFilter(page.state.filter, "commit")).not.toThrow();
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("page");
});

test("groups are steps of the history, and belong to one relation", () => {
  const { page, bar, told } = open();
  page.setGroup("label");
  expect([bar.hash(), page.groupOf("digits")?.name, page.groupOf("digits/training")]).toEqual([
    "#~group=label",
    "label",
    null,
  ]);
  page.setFilter("datum.epoch > 3", "commit");
  page.clear("filter");
  expect(bar.hash()).toBe("#~group=label");
  page.setGroup(null);
  expect([bar.hash(), page.groupOf("digits"), page.isAsBuilt()]).toEqual(["", null, true]);
  expect(told.filter((change) => change === "commit")).toHaveLength(4);
});

test("the whole is hidden and shown, and a reset shows it", () => {
  const { page, bar } = open("#~whole=off&group=label");
  expect([page.state.whole, page.state.group, page.isAsBuilt()]).toEqual([false, "label", false]);
  page.setWhole(true);
  expect(bar.hash()).toBe("#~group=label");
  page.setWhole(false);
  page.reset();
  expect([page.state, bar.hash()]).toEqual([{ filter: "", views: {} }, ""]);
});

test.each(["id", "x", "nothing", "constructor"])("a link cannot group by %s, and it is said", (name) => {
  const { page } = open(`#~group=${name}`);
  expect(page.state).toEqual({ filter: "", views: {} });
  expect(page.problems.join()).toContain(`groups by "${name}"`);
});
