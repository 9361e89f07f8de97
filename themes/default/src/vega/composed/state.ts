/** What a reader selected or set in a chart: what its link holds, and what its SQL and its drawing take from it. */
import { isObject, type Json } from "../channels.ts";
import type { ViewState } from "../../view.ts";

/** A field that a selection is made of, as Vega-Lite projects it: `E` lists values, `R` are ranges. */
export interface Projected {
  field: string;
  channel?: string;
  type: string;
}

/** One part of a selection: a value, or a range, for each of its fields. */
export interface Part {
  /** Which of the views that share the selection it was made in; 0 is left out. */
  of?: number;
  values: readonly unknown[];
}

/** A selection as it is compared with rows. */
export type Selected = readonly { fields: readonly Projected[]; values: readonly unknown[] }[];

/** By the parameter's name: the parts of a selection, or the value of a variable. */
export interface ChartState {
  selected: Readonly<Record<string, readonly Part[]>>;
  values: Readonly<Record<string, unknown>>;
}

export const NOTHING: ChartState = { selected: {}, values: {} };

/** What may be selected: for each selection the fields of every view that has it. */
export type Selectable = ReadonlyMap<string, readonly (readonly Projected[])[]>;

/** Parts of one selection that a link may hold. */
const MOST_PARTS = 1000;

/** What can be taken on of a state from a link; `variables` are the chart's own values. */
export function readState(
  state: ViewState | null,
  selectable: Selectable,
  variables: ReadonlyMap<string, unknown>,
): ChartState {
  const selected = isObject(state?.["selected"]) ? state["selected"] : {};
  const values = isObject(state?.["values"]) ? state["values"] : {};
  return {
    selected: Object.fromEntries(
      Object.entries(selected).flatMap(([name, parts]) => {
        const views = selectable.get(name);
        const kept = views && Array.isArray(parts) ? parts.filter((part) => isPart(part, views)) : [];
        return kept.length ? [[name, kept.slice(0, MOST_PARTS) as Part[]]] : [];
      }),
    ),
    values: Object.fromEntries(
      Object.entries(values).filter(([name, value]) => variables.has(name) && isScalar(value)),
    ),
  };
}

function isPart(part: unknown, views: readonly (readonly Projected[])[]): boolean {
  if (!isObject(part) || !Array.isArray(part["values"])) return false;
  const fields = views[Number(part["of"] ?? 0)];
  const { values } = part;
  return fields?.length === values.length && values.every((value) => isScalar(value) || isScalars(value));
}

function isScalars(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MOST_PARTS && value.every(isScalar);
}

function isScalar(value: unknown): boolean {
  return value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
}

/** The parts with the fields that they are made of. */
export function selectedOf(name: string, state: ChartState, selectable: Selectable): Selected {
  const views = selectable.get(name) ?? [];
  return (state.selected[name] ?? []).map(({ of, values }) => ({ fields: views[of ?? 0] ?? [], values }));
}

/** The state as a link holds it; what is empty is left out. */
export function writeState(state: ChartState): ViewState | null {
  const parts = Object.entries(state).filter(([, value]) => Object.keys(value as object).length > 0);
  return parts.length ? (Object.fromEntries(parts) as ViewState) : null;
}

/** Dates as milliseconds, all else as it is. */
export function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return Array.isArray(value) ? value.map(plainValue) : value;
}

/** The spec with what is selected as its parameters' first values, so that Vega draws brushes and picks as they are. */
export function withSelected(spec: Json, state: ChartState): Json {
  const seen = new Map<string, number>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    if (Array.isArray(value["params"]))
      for (const param of value["params"] as Json[]) set(param, state, seen);
    for (const key of ["layer", "concat", "hconcat", "vconcat", "spec"]) visit(value[key]);
  };
  visit(spec);
  return spec;
}

function set(param: Json, state: ChartState, seen: Map<string, number>): void {
  const name = String(param["name"]);
  if (!("select" in param)) {
    if (Object.hasOwn(state.values, name)) param["value"] = state.values[name];
    return;
  }
  const view = seen.get(name) ?? 0;
  seen.set(name, view + 1);
  const parts = (state.selected[name] ?? []).filter(({ of }) => (of ?? 0) === view);
  const fields = fieldsOf(param);
  if (parts.length === 0 || fields === null) return;
  const values = parts.map((part) => Object.fromEntries(fields.map((field, at) => [field, part.values[at]])));
  param["value"] = isInterval(param) ? values[0] : values;
}

function isInterval(param: Json): boolean {
  const select = param["select"];
  return select === "interval" || (isObject(select) && select["type"] === "interval");
}

/** What the values of a selection are called in a spec: channels, or fields. */
function fieldsOf(param: Json): string[] | null {
  const select = isObject(param["select"]) ? param["select"] : {};
  const named = [select["encodings"], select["fields"]].find(Array.isArray) as unknown[] | undefined;
  return named ? named.map(String) : isInterval(param) ? ["x", "y"] : null;
}
