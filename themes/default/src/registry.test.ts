import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findView, VIEWS } from "./registry.ts";

const FOLDER = new URL("../views/", import.meta.url);
const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

test("every folder of views is registered under its own name, and nothing else is", () => {
  expect(VIEWS.map((view) => view.name).sort()).toEqual(folders);
});

test("every view with a live half is in the live registry, under its name", () => {
  const source = readFileSync(new URL("live/registry.ts", import.meta.url), "utf8");
  const live = folders.filter((name) => readdirSync(new URL(`${name}/`, FOLDER)).includes("live.ts"));
  const imported = [...source.matchAll(/views\/([a-z-]+)\/live\.ts"/g)].map((match) => match[1]);
  expect(imported.sort()).toEqual(live);
  const [, listed] = /LIVE[^{]*\{([^}]*)\}/.exec(source)!;
  const names = listed!.split(",").map((entry) => entry.split(":")[0]!.trim().replace(/"/g, ""));
  expect(names.filter(Boolean).sort()).toEqual(live);
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
  for (const view of VIEWS) {
    expect(view.summary).toMatch(/\.$/);
    expect(Object.values(view.options).every(Boolean)).toBe(true);
  }
});
