/** Plain Vega-Lite: every row a point on a canvas, filtered by a param, with the rows in the page. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

interface Setup {
  /** One file of little-endian float32 per column. */
  columns: Record<string, string>;
}

async function rowsOf(setup: Setup): Promise<Record<string, number>[]> {
  const columns = await Promise.all(
    Object.entries(setup.columns).map(async ([name, url]) => {
      const response = await fetch(url);
      return [name, new Float32Array(await response.arrayBuffer())] as const;
    }),
  );
  return Array.from(columns[0]![1], (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]!])),
  );
}

const response = await fetch("vega-points.json");
const setup = (await response.json()) as Setup;
const axis = (field: string): object => ({ field, type: "quantitative", scale: { domain: [-16, 16] } });
const encoding = {
  x: axis("projection_x"),
  y: axis("projection_y"),
  color: { field: "class", type: "nominal" },
};
const spec = {
  data: { name: "rows" },
  width: 720,
  height: 420,
  params: [{ name: "high", value: 1e9 }],
  layer: [
    { mark: { type: "circle", color: "#ddd", size: 8 }, encoding: { ...encoding, color: { value: "#ddd" } } },
    { transform: [{ filter: "datum.score < high" }], mark: { type: "circle", size: 8 }, encoding },
  ],
};
const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), {
  renderer: "canvas",
  container: document.getElementById("all")!,
});
view.data("rows", await rowsOf(setup));
await view.runAsync();

/** Filters by another end; gives ms until the points are drawn. */
async function update(high: number): Promise<number> {
  const started = performance.now();
  await view.signal("high", high).runAsync();
  return performance.now() - started;
}

Object.assign(window, { update });
document.documentElement.dataset["state"] = "live";
