/** The parameters of a chart: variables, and selections with the fields and the plots that they belong to. */
import { isObject, type Json } from "../channels.ts";
import type { Projected, Selectable } from "./state.ts";
import { viewsIn } from "./views.ts";

export interface Params {
  /** Variables and the values that the author gave them. */
  variables: ReadonlyMap<string, unknown>;
  selectable: Selectable;
  /** Selections that filter the page: not those that zoom or that follow the pointer. */
  filtering: readonly string[];
  /** Those of them that a double click lets go of. */
  cleared: readonly string[];
  /** The selection that a mark is chosen for, by the mark's name. */
  targets: ReadonlyMap<string, Target>;
  /** Selections of one part by the plots that they are made in. */
  homes: ReadonlyMap<string, ReadonlySet<string>>;
  /** What draws each plot, as text: which data sets it reads is found in it. */
  plots: ReadonlyMap<string, string>;
  /** The selections of other plots that a data set follows without being told to. */
  followed: (data: string) => readonly string[];
}

/** What choosing a mark selects. */
export interface Target {
  name: string;
  /** Which of the views that share the selection the mark is in. */
  of: number;
  fields: readonly Projected[];
}

export function readParams(spec: Json, compiled: Json): Params {
  const written = paramsOf(spec);
  const plots = plotsOf(compiled);
  const selectable = new Map<string, Projected[][]>();
  const homes = new Map<string, Set<string>>();
  const targets = new Map<string, Target>();
  for (const { plot, signals } of plots.signals)
    for (const signal of signals) {
      const name = /^(.+)_tuple_fields$/.exec(String(signal["name"]))?.[1];
      if (name === undefined || !Array.isArray(signal["value"])) continue;
      const [fields, before] = [signal["value"] as Projected[], selectable.get(name) ?? []];
      selectable.set(name, [...before, fields]);
      targets.set(markOf(name, signals), { name, of: before.length, fields });
      homes.set(name, (homes.get(name) ?? new Set()).add(plot));
    }
  const variables = written.filter((param) => !("select" in param) && "value" in param);
  const filtering = [...selectable.keys()].filter((name) =>
    written.some((param) => param["name"] === name && isFiltering(param)),
  );
  return {
    variables: new Map(variables.map((param) => [String(param["name"]), param["value"]])),
    selectable,
    filtering,
    cleared: filtering.filter((name) => isCleared(written.find((param) => param["name"] === name)!)),
    targets: new Map([...targets].filter(([, { name }]) => filtering.includes(name))),
    homes,
    plots: plots.texts,
    followed: (data) => followed(data, plots, filtering, homes),
  };
}

/** The mark of the view that a selection is made in, by the name that the compiler gives it. */
function markOf(name: string, signals: readonly Json[]): string {
  const tuple = signals.find((signal) => signal["name"] === `${name}_tuple`);
  const unit = /unit: \\"(.*?)\\"/.exec(JSON.stringify(tuple ?? {}))?.[1] ?? "";
  return unit ? `${unit}_marks` : "marks";
}

/** A selection of a plot that reads nothing of the data set, and that the plots which do read it do not speak of. */
function followed(
  data: string,
  { readers, texts }: Plots,
  filtering: readonly string[],
  homes: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const plots = readers.filter(({ text }) => text.has(data)).map(({ plot }) => plot);
  return filtering.filter((name) => {
    const home = homes.get(name)!;
    const isApart = plots.length > 0 && plots.every((plot) => !home.has(plot));
    return isApart && !plots.some((plot) => texts.get(plot)!.includes(`${name}_store`));
  });
}

interface Plots {
  signals: { plot: string; signals: Json[] }[];
  readers: { plot: string; text: Set<string> }[];
  texts: Map<string, string>;
}

/** The plots of a compiled chart: its groups of a concatenation, or all of it. */
function plotsOf(compiled: Json): Plots {
  const plots: Plots = { signals: [], readers: [], texts: new Map() };
  const sources = new Map(
    (compiled["data"] as Json[]).map((entry) => [
      String(entry["name"]),
      entry["source"] as string | undefined,
    ]),
  );
  const visit = (group: Json, plot: string): void => {
    const here = /(?:concat_\d+|child__.+)_group$/.test(String(group["name"])) ? String(group["name"]) : plot;
    if (Array.isArray(group["signals"]))
      plots.signals.push({ plot: here, signals: group["signals"] as Json[] });
    const marks = Array.isArray(group["marks"]) ? (group["marks"] as Json[]) : [];
    if (marks.some((mark) => mark["type"] !== "group" || isObject(mark["from"]))) {
      const text = JSON.stringify({ marks, scales: group["scales"] ?? [] });
      plots.readers.push({ plot: here, text: dataIn(text, sources) });
      plots.texts.set(here, `${plots.texts.get(here) ?? ""}${text}`);
    }
    for (const mark of marks) if (mark["type"] === "group") visit(mark, here);
  };
  visit(compiled, "");
  return plots;
}

/** The data sets that a plot reads, and all that they are made of. */
function dataIn(text: string, sources: ReadonlyMap<string, string | undefined>): Set<string> {
  const found = new Set<string>();
  for (const name of sources.keys()) {
    if (!text.includes(`"data":${JSON.stringify(name)}`)) continue;
    for (let each: string | undefined = name; each !== undefined; each = sources.get(each)) found.add(each);
  }
  return found;
}

/** Every parameter of a spec, its views' included. */
export function paramsOf(spec: Json): Json[] {
  const own = Array.isArray(spec["params"]) ? (spec["params"] as Json[]) : [];
  return [...own, ...viewsIn(spec).flatMap(paramsOf)];
}

/** Vega-Lite's own way, unless the author writes another. */
function isCleared(param: Json): boolean {
  const { clear = "dblclick" } = isObject(param["select"]) ? param["select"] : {};
  return clear === "dblclick" || clear === true;
}

const OF_THE_POINTER = /over|move|enter|out/;

function isFiltering(param: Json): boolean {
  const select = isObject(param["select"]) ? param["select"] : {};
  const isHover =
    typeof select["on"] === "string" && OF_THE_POINTER.test(select["on"].replace(/\[.*?\] > .*/, ""));
  return param["bind"] !== "scales" && !isHover;
}
