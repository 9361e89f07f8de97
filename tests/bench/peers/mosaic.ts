/** Three cross-filtered histograms as one would write them by hand with Mosaic and Vega. */
import { clauseInterval, Coordinator, MosaicClient, Selection, type Connector } from "@uwdata/mosaic-core";
import { count, Query, sql, type FilterExpr } from "@uwdata/mosaic-sql";
import { changeset, parse, truthy, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { open, readSetup, type Setup } from "./engine.ts";
import { histogram, type Bins } from "./histogram.ts";

type Row = { bin: number; end: number; rows: number };

class Histogram extends MosaicClient {
  private view: View | null = null;
  private readonly element: HTMLElement;

  constructor(
    private readonly cross: Selection,
    private readonly field: string,
    private readonly bins: Bins,
  ) {
    super(cross);
    this.element = document.getElementById(field)!;
  }

  override query(filter?: FilterExpr): Query {
    const { start, step, stop } = this.bins;
    const last = Math.round((stop - start) / step) - 1;
    const index = sql`least(${last}, floor((${this.field}::DOUBLE - ${start}) / ${step}))::INTEGER`;
    return Query.from("table0")
      .select({ index, rows: count() })
      .where(filter ?? [])
      .groupby("index");
  }

  override queryResult(data: unknown): this {
    const { start, step } = this.bins;
    const rows = (data as Iterable<{ index: number; rows: number }>)[Symbol.iterator]();
    const filtered = Array.from({ [Symbol.iterator]: () => rows }, ({ index, rows: counted }) => ({
      bin: start + index * step,
      end: start + (index + 1) * step,
      rows: Number(counted),
    }));
    if (this.view) void this.view.change("filtered", changeset().remove(truthy).insert(filtered)).runAsync();
    else this.start(filtered);
    return this;
  }

  private start(whole: Row[]): void {
    const spec = histogram(this.field, this.bins, whole) as unknown as TopLevelSpec;
    this.view = new View(parse(compile(spec).spec), {
      renderer: "svg",
      container: this.element,
      hover: true,
    });
    this.view.data("whole", whole).data("filtered", whole).run();
    this.view.addSignalListener("selected_x", (_name, value) => this.brushed(value as number[]));
    this.element.addEventListener("pointerenter", () => this.cross.activate(this.clause([0, 1])));
  }

  private brushed(pixels: number[]): void {
    const snapped = pixels.length === 2 && pixels[0] !== pixels[1] ? pixels : null;
    const ends = snapped?.map((pixel) => Math.round(pixel)).sort((a, b) => a - b) ?? null;
    this.cross.update(this.clause(ends));
  }

  private clause(pixels: number[] | null): ReturnType<typeof clauseInterval> {
    const scale = this.view!.scale("x") as unknown as {
      domain(): number[];
      range(): number[];
      invert(at: number): number;
    };
    const value = pixels && [scale.invert(pixels[0]!), scale.invert(pixels[1]! - 0.001)];
    const described = { type: "linear", domain: scale.domain(), range: scale.range() };
    return clauseInterval(this.field, value as [number, number] | null, {
      source: this,
      clients: new Set([this]),
      scale: described as never,
    });
  }
}

async function start(setup: Setup & { bins: Record<string, Bins> }): Promise<void> {
  const [connection] = await open(setup);
  const query = async (request: { type: string; sql: string }): Promise<unknown> => {
    if (request.type === "exec") return connection.query(request.sql);
    return connection.useUnsafe((bindings, id) => bindings.runQuery(id, request.sql));
  };
  const coordinator = new Coordinator({ query } as Connector, { logger: null });
  const cross = Selection.crossfilter();
  const clients = Object.entries(setup.bins).map(([field, bins]) => new Histogram(cross, field, bins));
  clients.forEach((client) => coordinator.connect(client));
  await Promise.all(clients.map((client) => client.pending));
  document.documentElement.dataset["state"] = "live";
}

await start((await readSetup()) as Setup & { bins: Record<string, Bins> });
