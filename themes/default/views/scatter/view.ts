/** Rows as points in a plane: one by one while few, as density where many, with colours that can be chosen. */
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import { staticPlaces } from "../../src/vega/size.ts";
import type { Selected } from "../../src/selected.ts";
import {
  inOrderOf,
  type Context,
  type Drawing,
  type NamedQuery,
  type Results,
  type View,
  type ViewState,
} from "../../src/view.ts";
import { nameOfCode, pickedCodes, type Colouring } from "./colouring.ts";
import { controls, legend } from "./controls.ts";
import { densityOf } from "./density.ts";
import { drawings } from "./drawing.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import {
  askedOf,
  queries as allQueries,
  readFacts,
  readMarks,
  readPassing,
  type Asked,
  type Marks,
  type Passing,
} from "./queries.ts";
import { readState, selected as selectedIn, type ScatterState } from "./state.ts";
import { noRows } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

function queries(
  options: Options,
  results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return allQueries(options, results, context.table, readState(options, state));
}

/** The answers as they are drawn. */
export interface Shown {
  asked: Asked;
  passing: Passing;
  marks: Marks;
}

export function readShown(options: Options, results: Results, state: ScatterState, context: Context): Shown {
  const found = readFacts(options, state, context.table, results);
  const facts = context.group ? { ...found, total: context.group.rows } : found;
  const asked = askedOf(options, state, facts);
  return { asked, passing: readPassing(options, asked, results), marks: readMarks(results["marks"]!) };
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = readState(options, written);
  const shown = readShown(options, results, state, context);
  const { facts } = shown.asked;
  const { request } = context;
  const plot =
    facts.placed === 0
      ? emptyBody(options, facts.total, context)
      : drawings(options, { facts, marks: shown.marks }, request, staticPlaces(request.width));
  return {
    ...frameOf(options, shown),
    body: html`<div class="scatter">
      ${controls(options, state)}
      <div class="scatter-key">${legendOf(options, shown, state, context)}</div>
      <div class="scatter-plot">${plot}</div>
    </div>`,
    description: describe(options, shown, context),
  };
}

export function legendOf(options: Options, shown: Shown, state: ScatterState, context: Context): Markup {
  const { colouring, placed } = shown.asked.facts;
  const picked = pickedCodes(colouring, state);
  const { marks, passing } = shown;
  const most = marks.kind === "cells" ? densityOf(marks, colouring, picked).most : null;
  const caption = placed > options.maxPoints ? { most } : {};
  return legend({ colouring, groups: passing.groups, picked, noun: nounOf(context), ...caption });
}

function nounOf({ table }: Context): string {
  return table.columns.some((column) => column.role === "id") ? say("samples") : say("rows");
}

function emptyBody(options: Options, total: number, context: Context): Markup {
  const reason =
    total === 0
      ? noRows(context)
      : say("No row has a place: {x} or {y} is missing in all of them.", {
          x: options.x.name,
          y: options.y.name,
        });
  return html`<p class="view-empty">${reason}</p>`;
}

/** Counts, notices and data, as they stand around the drawing. */
export function frameOf(
  options: Options,
  { asked, passing }: Shown,
): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { total, colouring } = asked.facts;
  const lost = passing.rows - passing.placed;
  const notice = sayCount(
    lost,
    "{lost} of {rows} rows has no place: {x} or {y} is missing, NaN or infinite.",
    "{lost} of {rows} rows have no place: {x} or {y} is missing, NaN or infinite.",
    {
      lost: formatCount(lost),
      rows: formatCount(passing.rows),
      x: options.x.name,
      y: options.y.name,
    },
  );
  return {
    rows: passing.rows,
    total,
    notices: lost > 0 && passing.placed > 0 ? [notice] : [],
    data: dataTable(passing, colouring),
  };
}

/** Rows by category; both coordinates in summary where there are none. */
function dataTable(passing: Passing, colouring: Colouring): NonNullable<Drawing["data"]> {
  if (colouring.kind === "categories") {
    const rows = Array.from({ length: colouring.values.length + Number(colouring.hasOther) }, (_, code) => ({
      value: nameOfCode(colouring, code),
      n: passing.groups.get(code) ?? 0,
    }));
    return {
      columns: [
        { name: "value", title: colouring.column.name },
        { name: "n", title: "n" },
      ],
      rows,
    };
  }
  const titles = { of: say("Of"), n: "N", least: say("Least"), mean: say("Mean"), greatest: say("Greatest") };
  return {
    columns: Object.entries(titles).map(([name, title]) => ({ name, title })),
    rows: passing.summary,
  };
}

export function describe(options: Options, { asked, passing, marks }: Shown, context: Context): string {
  const { colouring, total } = asked.facts;
  const noun = nounOf(context);
  const what = marks.kind === "points" ? say("Scatter plot") : say("Density");
  const by =
    colouring.kind === "plain" ? "" : say(", coloured by {column}", { column: colouring.column.name });
  return say("{what} of {x} and {y}{by}; {rows} of {total} {noun}.{largest}", {
    what,
    x: options.x.name,
    y: options.y.name,
    by,
    rows: formatCount(passing.rows),
    total: formatCount(total),
    noun,
    largest: largest(colouring, passing),
  });
}

function largest(colouring: Colouring, { groups }: Passing): string {
  if (colouring.kind !== "categories") return "";
  const [first] = [...groups].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return first
    ? ` ${say("Most are {colouring}: {first}.", { colouring: formatCell(nameOfCode(colouring, first[0])), first: formatCount(first[1]) })}`
    : "";
}

function accept(options: Options, state: ViewState): ViewState {
  return inOrderOf(state, readState(options, state) as ViewState);
}

function selected(options: Options, state: ViewState): Selected[] {
  return selectedIn(options, readState(options, state));
}

export const view: View<Options> = {
  name: "scatter",
  summary:
    "Rows as points in a plane, or as density where there are many; zoom, colour by any column, select with a box or a lasso.",
  options: MEANINGS,
  parse,
  queries,
  render,
  keepsMarkup: true,
  accept,
  selected,
};
