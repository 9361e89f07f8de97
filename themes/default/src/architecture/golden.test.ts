/** Figures of the zoo, compared as geometry: what stands where. With `SITEGEN_WRITE` they are written anew, to be looked at. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drawn, ZOO, zoo } from "../../tests/networks.ts";

type Glyph = readonly [name: string, count: number, x: number, y: number, width: number, height: number];

const FILE = new URL("../../tests/networks/figures.golden.json", import.meta.url);

function geometry(name: (typeof ZOO)[number]): Glyph[] {
  const { shown, cells } = drawn(zoo(name));
  return shown.glyphs.map(({ name: title, count }, index) => {
    const { x, y, width, height } = cells[index]!;
    const [left, top] = [x, y].map(Math.round) as [number, number];
    return [title, count, left, top, Math.round(width), Math.round(height)];
  });
}

if (process.env["SITEGEN_WRITE"]) {
  const lines = ZOO.map((name) => `${JSON.stringify(name)}:${JSON.stringify(geometry(name))}`);
  writeFileSync(FILE, `{\n${lines.join(",\n")}\n}\n`);
}
const golden = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Glyph[]>;

test.each(ZOO)("%s is drawn as it was", (name) => {
  const found = geometry(name);
  expect(found.map(([title, count]) => [title, count])).toEqual(
    golden[name]!.map(([title, count]) => [title, count]),
  );
  for (const [index, glyph] of found.entries())
    for (const axis of [2, 3, 4, 5] as const)
      expect(Math.abs(glyph[axis] - golden[name]![index]![axis]), `${name} ${glyph[0]}`).toBeLessThanOrEqual(
        1,
      );
});
