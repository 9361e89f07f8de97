/**
 * What stands below the charts of a summary: what they count, which columns have none, and, live, the choice of others.
 * The generator writes the charts themselves, one for each column.
 */
import { html } from "../../src/markup.ts";
import type { Context, Drawing, View, ViewState } from "../../src/view.ts";

export interface Options {
  /** Columns whose charts the build drew, in order. */
  columns: readonly string[];
  /** Columns that a chart can show. */
  charts: readonly string[];
  /** Why the others have none. */
  left: Readonly<Record<string, string>>;
}

function parse({ request }: Context): Options {
  const { columns = [], charts = [], left = {} } = request.options as Partial<Options>;
  return { columns, charts, left };
}

/** The columns that a state asks for; those of the build without one. */
export function chosen({ columns, charts }: Options, state: ViewState | null | undefined): readonly string[] {
  const written = state?.["columns"];
  if (!Array.isArray(written)) return columns;
  return [...new Set(written as unknown[])].filter((name): name is string => charts.includes(name as string));
}

function render({ left }: Options): Drawing {
  const listed = Object.entries(left).map(([column, why]) => `${column} (${why})`);
  const said = listed.length ? ` Without a chart: ${listed.join(", ")}.` : "";
  return {
    body: html`<div class="summary">
      <div class="summary-foot">
        <p class="summary-note">Each bar counts rows.${said}</p>
        <button type="button" class="edit-open" data-action="edit" aria-expanded="false">
          Choose charts
        </button>
      </div>
      <div class="summary-edit"></div>
      <div class="summary-bar" aria-live="polite"></div>
    </div>`,
    rows: 0,
    total: 0,
    notices: [],
    data: null,
    description: "",
  };
}

export const view: View<Options> = {
  name: "summary",
  summary:
    "Every column of a table that a chart can show, each as an ordinary chart of its own; readers can choose others.",
  options: {},
  parse,
  queries: () => ({}),
  render,
  accept: (options, state) => (Array.isArray(state["columns"]) ? { columns: chosen(options, state) } : {}),
  bare: true,
  groups: false,
};
