/** Plain Vega-Lite: the same three histograms, cross-filtered by its own params, with the rows in the page. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { SIZE, type Bins } from "./histogram.ts";

interface Setup {
  /** One file of little-endian float32 per column. */
  columns: Record<string, string>;
  bins: Record<string, Bins>;
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

function chart(field: string, { start, stop, step }: Bins): object {
  const encoding = {
    x: { field, type: "quantitative", bin: { extent: [start, stop], step } },
    y: { aggregate: "count", type: "quantitative" },
  };
  return {
    ...SIZE,
    layer: [
      {
        params: [{ name: "brush", select: { type: "interval", encodings: ["x"] } }],
        mark: { type: "bar", color: "#ddd" },
        encoding,
      },
      { transform: [{ filter: { param: "brush" } }], mark: "bar", encoding },
    ],
  };
}

const response = await fetch("vega-lite.json");
const setup = (await response.json()) as Setup;
const charts = Object.entries(setup.bins).map(([field, bins]) => chart(field, bins));
const spec = { data: { name: "rows" }, resolve: { scale: { y: "independent" } }, hconcat: charts };
const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), {
  renderer: "svg",
  container: document.getElementById("all")!,
});
view.data("rows", await rowsOf(setup));
await view.runAsync();
document.documentElement.dataset["state"] = "live";
