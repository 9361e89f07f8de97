/** A chart of any composition: facets, layers, concatenations, repeats, transforms, parameters. */
import { formatCell, formatCount, formatNumber, html, trusted, type Markup } from "../../src/markup.ts";
import { kindOf } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import { isOneValue } from "../../src/ranges.ts";
import { formatOf, formatTimeRange, rangeOf } from "../../src/values.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { isObject, type Json } from "../../src/vega/channels.ts";
import {
  answered,
  composedQueries,
  readComposed,
  type Answered,
  type ComposedChart,
} from "../../src/vega/composed/chart.ts";
import { drawComposed } from "../../src/vega/composed/draw.ts";
import { paramsOf } from "../../src/vega/composed/params.ts";
import { readState, writeState, type ChartState } from "../../src/vega/composed/state.ts";
import { dataOf } from "../../src/vega/composed/tables.ts";
import { describe } from "../../src/vega/composed/words.ts";
import { WHOLE } from "../../src/vega/composed/keys.ts";
import { isBlank, measuresOf } from "../../src/vega/composed/missing.ts";
import { titleIn } from "./names.ts";
import { capNotice, emptyBody, groupNotices, infiniteNotices, missingNotices } from "./single.ts";
import { staticPlaces, type Place } from "../../src/vega/size.ts";
import { say } from "../../src/words.ts";

export interface Options {
  composed: ComposedChart;
}

function parse(context: Context): Options {
  return { composed: readComposed(context.request.options["spec"] as Json, context) };
}

export function stateOf({ composed: chart }: Options, state: ViewState | null): ChartState {
  return readState(state, chart.params.selectable, chart.params.variables);
}

function queries(
  options: Options,
  results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return composedQueries(options.composed, results, context, stateOf(options, state));
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = stateOf(options, written);
  const found = answered(options.composed, results, state, context.group?.peers);
  return { ...frame(found, context), body: body(found, context, state), description: describe(found) };
}

/** What stands around the drawing. */
export function frame(found: Answered, _context: Context): Omit<Drawing, "body" | "description"> {
  return { rows: found.rows, total: found.total, notices: notices(found), data: dataOf(found) };
}

function body(found: Answered, context: Context, state: ChartState): Markup {
  if (found.total === 0 || isBlank(found)) return emptyBody(found.total, context);
  const { height } = context.request;
  const draw = ({ width, names }: Place): Markup => {
    const { svg, isWider } = drawComposed(found, { width, height }, state);
    if (!isWider) return html`<div class="${names}">${trusted(svg)}</div>`;
    return html`<div class="${names} scrolls" tabindex="0" role="group" aria-label="${titleIn(context)}">
      ${trusted(svg)}
    </div>`;
  };
  return html`${inputsOf(found.chart)}${staticPlaces(context.request.width).map(draw)}`;
}

/** Where the live chart has its inputs, in as much room: what they are, and the values that they have here. */
function inputsOf({ written, params }: ComposedChart): Markup | null {
  const bound = paramsOf(written).filter(
    ({ name, bind }) => params.variables.has(String(name)) && isObject(bind),
  );
  if (bound.length === 0) return null;
  const said = bound.map(({ name, bind, value }) => {
    const label = (bind as Json)["name"];
    return html`<div class="vega-bind">
      <span class="vega-bind-name">${typeof label === "string" ? label : String(name)}</span>
      ${formatCell(value)}
    </div>`;
  });
  return html`<div class="chart-inputs">${said}</div>`;
}

/** Each said once, for several data sets of a chart may be capped alike. */
export function notices(found: Answered): string[] {
  const { named, capped, rows, missing, infinite } = found;
  const names = named.map(({ field, shown, all, isPosition }) =>
    capNotice(field, shown.length, all, isPosition),
  );
  const said = capped.map(({ most, reason, isGrouped }) => {
    if (isGrouped) return say("The first {most} groups are drawn.", { most: formatCount(most) });
    return reason
      ? say("Computed from the first {most} of {rows} rows: {reason}.", {
          most: formatCount(most),
          rows: formatCount(rows),
          reason,
        })
      : say("A sample of {most} of {rows} rows is drawn.", {
          most: formatCount(most),
          rows: formatCount(rows),
        });
  });
  return [
    ...new Set([
      ...names,
      ...said,
      ...missingNotices(missing),
      ...infiniteNotices(infinite),
      ...emptyGroups(found),
    ]),
  ];
}

/** Of groups that pass, those whose rows have no value of what is measured. */
function emptyGroups({ sources, data }: Answered): string[] {
  return sources
    .filter(({ isWhole, isGrouped }) => isGrouped && !isWhole)
    .flatMap((source) => {
      const groups = (data.get(source.into) ?? []).filter((row) => row[WHOLE] === false);
      return measuresOf(source).flatMap(({ field, name }) => groupNotices(name, groups, field));
    });
}

function accept(options: Options, state: ViewState): ViewState {
  return writeState(stateOf(options, state)) ?? {};
}

function selected(options: Options, written: ViewState, { table }: Context): Selected[] {
  const state = stateOf(options, written);
  const { selectable } = options.composed.params;
  const parts = Object.entries(state.selected).flatMap(([name, found]) =>
    found.flatMap(({ of, values }) =>
      selectable.get(name)![of ?? 0]!.map(({ field, type }, at) => chosen(table, field, type, values[at])),
    ),
  );
  const set = Object.entries(state.values).map(([name, value]) => ({ column: name, values: [value] }));
  return [...merged(parts), ...set];
}

function chosen(table: Table, field: string, type: string, value: unknown): Selected {
  const column = columnOf(table, field);
  const name = column?.name ?? field;
  const isRange =
    type.startsWith("R") && Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  if (!isRange) return { column: name, values: Array.isArray(value) ? (value as unknown[]) : [value] };
  return { column: name, ...rangeIn(column, value as [number, number]) };
}

/** A range in words; what a click selects lies around one value, closer than numbers are told apart. */
function rangeIn(column: Column | null, [low, high]: [number, number]): Omit<Selected, "column"> {
  if (isOneValue([low, high])) return { values: [column ? formatOf(column, low) : formatNumber(low)] };
  const isTime = column !== null && kindOf(column) === "time";
  return { range: isTime ? formatTimeRange(low, high, column.type === "date") : rangeOf(column, low, high) };
}

/** The column that a field is, or that its bins and time units are of. */
function columnOf({ columns }: Table, field: string): Column | null {
  const own = columns.find(({ name }) => name === field);
  if (own || !/^(?:utc|bin_)/.test(field)) return own ?? null;
  const made = columns.filter(({ name }) => field.endsWith(`_${name}`));
  return made.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

/** Values of one column are listed together. */
function merged(parts: readonly Selected[]): Selected[] {
  const byColumn = new Map<string, Selected>();
  for (const part of parts) {
    const known = byColumn.get(part.column);
    if (known?.values && part.values)
      byColumn.set(part.column, {
        column: part.column,
        values: [...new Set([...known.values, ...part.values])],
      });
    else byColumn.set(part.column, part);
  }
  return [...byColumn.values()];
}

export const composed: Omit<View<Options>, "name" | "summary" | "options"> = {
  parse,
  queries,
  render,
  accept,
  selected,
};
