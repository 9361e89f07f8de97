import { afterEach, expect, test, vi } from "vitest";
import { openEngine } from "../../tests/engine.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** As on a machine where a statement's every step takes longer than the engine lets it go on. */
function slow(): void {
  const now = performance.now.bind(performance);
  let late = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now() + (late += 150));
}

test("a statement that takes long is answered as one that does not", async () => {
  const engine = await openEngine();
  slow();
  const sql = "SELECT hash(range) AS name, [range, 2 * range] AS list FROM range(20000) ORDER BY name";
  const found = await engine.query(sql);
  expect(found.rows).toBe(20_000);
  expect(await engine.query("SELECT 1 AS one")).toMatchObject({ rows: 1 });
});

test("the clock goes on when a statement is answered, or refused", async () => {
  const engine = await openEngine();
  await engine.query("SELECT 1 AS one");
  await expect(engine.query("SELECT nothing")).rejects.toThrow("nothing");
  const before = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(performance.now() - before).toBeGreaterThan(10);
  expect(Object.hasOwn(performance, "now")).toBe(false);
});
