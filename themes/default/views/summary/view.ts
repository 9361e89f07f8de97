/**
 * What stands below the charts of a summary: what they count, which columns have none, and, live, the choice of others.
 * The generator writes the charts themselves, one for each column.
 */
import { html } from "../../src/markup.ts";
import type { Context, Drawing, View, ViewState } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export type Titles = Readonly<Record<string, string>>;

/** Characters of a title. */
export const LONGEST_TITLE = 120;

export interface Options {
  /** Columns whose charts the build drew, in order. */
  columns: readonly string[];
  /** Columns that a chart can show. */
  charts: readonly string[];
  /** Why the others have none. */
  left: Readonly<Record<string, string>>;
  /** What the author calls charts, by column; the others are called after their columns. */
  titles: Titles;
}

function parse({ request }: Context): Options {
  const { columns = [], charts = [], left = {}, titles = {} } = request.options as Partial<Options>;
  return { columns, charts, left, titles };
}

/** The columns that a state asks for; those of the build without one. */
export function chosen({ columns, charts }: Options, state: ViewState | null | undefined): readonly string[] {
  const written = state?.["columns"];
  if (!Array.isArray(written)) return columns;
  return [...new Set(written as unknown[])].filter((name): name is string => charts.includes(name as string));
}

/** What a chart is called in the report. */
export function builtTitle({ titles }: Options, column: string): string {
  return Object.hasOwn(titles, column) ? titles[column]! : column;
}

/** What a state calls charts otherwise than the report does, in the order of the columns. */
export function renamed(options: Options, state: ViewState | null | undefined): Titles {
  const written = state?.["titles"];
  if (typeof written !== "object" || written === null) return {};
  const found = options.charts.flatMap((column) => {
    const title: unknown = Object.hasOwn(written, column) ? (written as Titles)[column] : null;
    const isTitle = typeof title === "string" && title !== "" && title.length <= LONGEST_TITLE;
    return isTitle && title !== builtTitle(options, column) ? [[column, title] as const] : [];
  });
  return Object.fromEntries(found);
}

/** What the link holds of a choice; null for the report's own. */
export function writtenState(options: Options, columns: readonly string[], titles: Titles): ViewState | null {
  const isOwn = JSON.stringify(columns) === JSON.stringify(options.columns);
  const isNamed = Object.keys(titles).length > 0;
  return isOwn && !isNamed ? null : { ...(isOwn ? {} : { columns }), ...(isNamed ? { titles } : {}) };
}

function accept(options: Options, state: ViewState): ViewState {
  const titles = renamed(options, state);
  return {
    ...(Array.isArray(state["columns"]) ? { columns: chosen(options, state) } : {}),
    ...(Object.keys(titles).length ? { titles } : {}),
  };
}

function render({ charts, left }: Options): Drawing {
  const listed = Object.entries(left).map(([column, why]) => `${column} (${why})`);
  const said = listed.length ? ` ${say("Without a chart: {listed}.", { listed: listed.join(", ") })}` : "";
  return {
    body: html`<div class="summary">
      <div class="summary-foot">
        <p class="summary-note">
          ${charts.length ? say("Each bar counts rows.{said}", { said }) : say("There is nothing to chart.{said}", { said })}
        </p>
        <button type="button" class="edit-open" data-action="edit" aria-expanded="false">
          ${say("Choose charts")}
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
  accept,
  bare: true,
  groups: false,
};
