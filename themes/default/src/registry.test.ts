import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findView as findLive, liveOf, loadViews } from "./live/registry.ts";
import { allViews, findView } from "./registry.ts";

const FOLDER = new URL("../views/", import.meta.url);
const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

test("every folder of views is registered under its own name, and nothing else is", () => {
  expect(
    allViews()
      .map((view) => view.name)
      .sort(),
  ).toEqual(folders);
});

test("every view is found in the browser, with the live half that it has", async () => {
  expect(
    allViews()
      .map(({ name }) => name)
      .filter((name) => findLive(name)),
  ).not.toContain("data-map");
  await loadViews(folders);
  for (const name of folders) {
    const hasLive = readdirSync(new URL(`${name}/`, FOLDER)).includes("live.ts");
    expect(findLive(name), name).toBe(findView(name));
    expect(liveOf(name) !== null, name).toBe(hasLive);
  }
});

test("the import rules name every folder of views", () => {
  const source = readFileSync(new URL("../eslint.config.js", import.meta.url), "utf8");
  const [, listed] = /viewFolders = \[([^\]]*)\]/.exec(source)!;
  expect([...listed!.matchAll(/"([^"]+)"/g)].map((match) => match[1]).sort()).toEqual(folders);
});

test("a view is found by its name, and an unknown one is not", () => {
  expect(findView("samples")?.name).toBe("samples");
  expect(findView("sample")).toBeNull();
});

test("every view has a summary in one sentence and a meaning for each option", () => {
  for (const view of allViews()) {
    expect(view.summary).toMatch(/\.$/);
    expect(Object.values(view.options).every(Boolean)).toBe(true);
  }
});
