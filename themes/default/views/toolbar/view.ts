/** What is being shown, in words, and how to change it: the filter, a chip per selection, counts, reset, copy link. */
import { cast, column as columnRef, count, Query } from "@uwdata/mosaic-sql";
import { scalar } from "../../src/data/result.ts";
import { formatCount, html, type Markup } from "../../src/markup.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";

export interface Options {
  /** What a row is called, in the plural. */
  noun: string;
}

/** One active selection: which view made it, and what it says. */
export interface Chip {
  id: string;
  text: string;
}

function parse(context: Context): Options {
  const unknown = Object.keys(context.request.options).find((key) => key !== "noun");
  if (unknown)
    throw new ProblemError(
      `the view "toolbar" has no option "${unknown}"`,
      nearest(unknown, ["noun"]),
      unknown,
    );
  return { noun: String(context.request.options["noun"] ?? "samples") };
}

function queries(_options: Options, _results: Results, context: Context): Record<string, NamedQuery> {
  const { member } = context.request;
  const counted = (): ReturnType<typeof Query.from> => {
    const query = Query.from(context.table.relation).select({ rows: cast(count(), "INTEGER") });
    return member ? query.where(columnRef(member)) : query;
  };
  return {
    total: { filtered: false, sql: () => counted() },
    passing: { filtered: true, sql: (filter) => (filter ? counted().where(filter) : counted()) },
  };
}

function render(options: Options, results: Results, state: ViewState): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const chips = (state["chips"] as readonly Chip[] | undefined) ?? [];
  return {
    body: html`<form class="toolbar" role="search" aria-label="Filter this page">
        <label class="toolbar-filter"
          ><span class="visually-hidden">Filter</span
          ><input
            name="filter"
            type="text"
            autocomplete="off"
            spellcheck="false"
            placeholder="Filter, such as datum.confidence &lt; 0.5"
            value="${String(state["filter"] ?? "")}"
        /></label>
        <output class="toolbar-count">${countMarkup(rows, total, options.noun)}</output>
        <ul class="chips" aria-label="Selections">
          ${chips.map(chipMarkup)}
        </ul>
        <button type="button" class="toolbar-reset" data-action="reset" ${chips.length ? "" : "hidden"}>
          Reset
        </button>
        <button type="button" class="toolbar-link" data-action="copy-link">Copy link</button>
      </form>
      <p class="toolbar-error" role="alert" hidden></p>`,
    rows,
    total,
    notices: [],
    data: null,
    description: "",
  };
}

export function countMarkup(rows: number, total: number, noun: string): Markup {
  return rows === total
    ? html`<b>${formatCount(total)}</b> ${noun}`
    : html`<b>${formatCount(rows)}</b> of ${formatCount(total)} ${noun}`;
}

export function chipMarkup(chip: Chip): Markup {
  return html`<li class="chip">
    <span>${chip.text}</span
    ><button type="button" data-action="remove" data-id="${chip.id}" aria-label="Remove: ${chip.text}">
      ×
    </button>
  </li>`;
}

export const view: View<Options> = {
  name: "toolbar",
  summary:
    "One line that says what is shown, with the filter, a chip per selection, counts, reset and copy link.",
  options: { noun: "what a row is called, in the plural; samples by default" },
  parse,
  queries,
  render,
  bare: true,
};
