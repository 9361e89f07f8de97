/** What is being shown, in words, and how to change it: filter, groups, a chip per selection, counts, links. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { amongWords, findColumn, kindOf, titleOf, withRole } from "../../src/data/columns.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { rowsOf } from "../../src/data/rows.ts";
import { groupedRelation, hasGroups, isGroupable } from "../../src/groups.ts";
import { formatCount, html, type Markup } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import { checkNames, readText, readTexts } from "../../src/options.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Chip } from "../../src/selected.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export interface Options {
  /** What a row is called, in the plural. */
  noun: string;
  /** Columns that the page may be split by, as far as their type says; the author's own are offered as they are. */
  candidates: Column[];
  isChosen: boolean;
  /** What tells rows apart, to copy; null where nothing does. */
  id: Column | null;
}

const KEYS = ["noun", "groups"];

/** Columns of which the values are counted, to offer them as groups: no reader looks through a longer list. */
const MOST_CANDIDATES = 200;

function parse(context: Context): Options {
  const { options } = context.request;
  checkNames("toolbar", options, KEYS);
  const chosen = readTexts(options, "groups");
  return {
    noun: readText(options, "noun") ?? say("samples"),
    candidates: chosen ? chosen.map((name) => chosenColumn(context, name)) : candidates(context),
    isChosen: chosen !== null,
    id: withRole(context.table, "id"),
  };
}

function chosenColumn(context: Context, name: string): Column {
  const column = findColumn(context.table, name, "groups");
  if (!isGroupable(column))
    throw new ProblemError(
      `column "${name}" holds ${column.type} and makes no groups`,
      "choose one of texts, truth values or whole numbers",
      "groups",
    );
  return column;
}

/** What another relation of the page has first under that name is not offered: a link names the column alone. */
function candidates({ table, tables }: Context): Column[] {
  const isOurs = (column: Column): boolean => groupedRelation(tables, column.name) === table.relation;
  return table.columns.filter((column) => isGroupable(column) && isOurs(column)).slice(0, MOST_CANDIDATES);
}

function queries(options: Options, _results: Results, context: Context): Record<string, NamedQuery> {
  const counted = (): SelectQuery => pageRows(context).select({ rows: cast(count(), "INTEGER") });
  const named: Record<string, NamedQuery> = {
    total: { filtered: false, sql: () => counted() },
    passing: { filtered: true, sql: (filter) => (filter ? counted().where(filter) : counted()) },
  };
  if (options.candidates.length && !options.isChosen)
    named["distinct"] = { filtered: false, sql: () => distinctQuery(options, context.table.relation) };
  return named;
}

/** The rows that the page counts: all of the relation, or those of the author's own filter. */
function pageRows({ request, table }: Context): SelectQuery {
  return rowsOf({ relation: table.relation, member: request.member ?? null }, null);
}

/** How many values each candidate has. */
function distinctQuery({ candidates: columns }: Options, relation: string): Query {
  const counts = columns.map((column, index): [string, ExprNode] => [
    `column_${index}`,
    sql`count(DISTINCT ${columnRef(column.name)})::INTEGER`,
  ]);
  return Query.from(relation).select(Object.fromEntries(counts));
}

/** Columns that the page can be split by. */
function groupColumns(options: Options, results: Results): Column[] {
  if (options.isChosen || !results["distinct"]) return options.isChosen ? options.candidates : [];
  const found = objects(results["distinct"])[0]!;
  return options.candidates.filter((column, index) => hasGroups(column, Number(found[`column_${index}`])));
}

/** The most frequent values of a column that hold a text, in any case. */
export function valuesQuery(relation: string, column: Column, prefix: string): Query {
  const value = columnRef(column.name);
  const query = Query.from(relation)
    .select({ value, n: cast(count(), "INTEGER") })
    .where(sql`${value} IS NOT NULL`);
  if (prefix) query.where(sql`contains(lower(${value}::VARCHAR), lower(${literal(prefix)}))`);
  return query
    .groupby(value)
    .orderby(sql`"n" DESC`, value)
    .limit(MOST_VALUES);
}

const MOST_VALUES = 12;

/** Ids that one copy takes. */
export const MOST_IDS = 10_000;

export function idsQuery(context: Context, id: Column, filter: ExprNode[] | null): Query {
  const reference = columnRef(id.name);
  const query = pageRows(context).select({ id: reference });
  if (filter?.length) query.where(filter);
  return query.orderby(reference).limit(MOST_IDS);
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const chips = (state["chips"] as readonly Chip[] | undefined) ?? [];
  return {
    body: html`<form class="toolbar" role="search" aria-label="${say("Filter this page")}">
        ${field(context, String(state["filter"] ?? ""))}${groupChoice(groupColumns(options, results))}
        <output class="toolbar-count">${countMarkup(rows, total, options.noun)}</output>
        <ul class="chips" aria-label="${say("Selections")}">
          ${chips.map(chipMarkup)}
        </ul>
        ${buttons(options, chips.length > 0)}
      </form>
      <p class="toolbar-error" role="alert" hidden></p>
      <p class="visually-hidden toolbar-said" role="status"></p>`,
    rows,
    total,
    notices: [],
    data: null,
    description: "",
  };
}

/** The filter's field, a combobox: its list of what may come next is filled while the reader writes. */
function field({ request, table }: Context, filter: string): Markup {
  const { id } = request;
  const example = exampleOf(table.columns);
  return html`<div class="toolbar-filter">
    <input
      name="filter"
      type="text"
      role="combobox"
      aria-label="${say("Filter")}"
      aria-autocomplete="list"
      aria-expanded="false"
      aria-controls="${id}-completions"
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      placeholder="${example ? say("Filter: {example}", { example }) : say("Filter")}"
      value="${filter}"
    />
    <ul
      class="completions"
      id="${id}-completions"
      role="listbox"
      aria-label="${say("What may come next")}"
      hidden
    ></ul>
  </div>`;
}

/** Roles of columns that name a row or say where its image lies: nobody filters by them first. */
const PLACES = new Set(["id", "sheet", "x", "y", "media_type"]);

/** Signs of a name that an example has room for on a phone. */
const SHORT = 12;

/** A filter that the table has columns for: of the confidence, else of a number, else of a text. */
function exampleOf(columns: readonly Column[]): string | null {
  const plain = columns.filter(({ name, role }) => !PLACES.has(role ?? "") && /^[A-Za-z_]\w*$/.test(name));
  const confidence = plain.find(({ role }) => role === "confidence");
  if (confidence) return `datum.${confidence.name} < 0.5`;
  const numbers = plain.filter((column) => kindOf(column) === "number");
  const number = numbers.find(({ name }) => name.length <= SHORT) ?? numbers[0];
  if (number) return `datum.${number.name} > 0`;
  const named = plain.find((column) => kindOf(column) === "text");
  return named ? `datum.${named.name} == 'a'` : null;
}

function groupChoice(columns: readonly Column[]): Markup | null {
  if (columns.length === 0) return null;
  return html`<select
    class="toolbar-group toolbar-extra"
    name="group"
    aria-label="${say("Group every view by")}"
  >
    <option value="">${say("No groups")}</option>
    ${columns.map((column) => html`<option value="${column.name}">${say("By {column}", { column: amongWords(titleOf(column.name)) })}</option>`)}
  </select>`;
}

function buttons({ id }: Options, hasChips: boolean): Markup {
  return html`<button type="button" class="toolbar-reset" data-action="reset" ${hasChips ? "" : "hidden"}>
      ${say("Reset")}
    </button>
    <label
      class="toolbar-whole toolbar-extra"
      title="${say("Keep what is filtered out in grey behind what passes")}"
    >
      <input type="checkbox" name="whole" checked /> ${say("Whole in grey")}
    </label>
    ${
      id &&
      html`<button type="button" class="toolbar-ids toolbar-extra" data-action="copy-ids">
        ${say("Copy ids")}
      </button>`
    }
    <button type="button" class="toolbar-link toolbar-extra" data-action="copy-link">
      ${say("Copy link")}
    </button>
    <button type="button" class="toolbar-fold" data-action="fold" aria-expanded="false">
      ${say("More")}
    </button>`;
}

export function countMarkup(rows: number, total: number, noun: string): Markup {
  return rows === total
    ? html`<b>${formatCount(total)}</b> ${noun}`
    : html`<b>${formatCount(rows)}</b> ${say("of {total} {noun}", { total: formatCount(total), noun })}`;
}

export function chipMarkup(chip: Chip): Markup {
  return html`<li class="chip">
    <span title="${chip.title ?? chip.text}">${chip.text}</span
    ><button
      type="button"
      data-action="remove"
      data-id="${chip.id}"
      aria-label="${say("Remove: {chip}", { chip: chip.text })}"
    >
      ×
    </button>
  </li>`;
}

export const view: View<Options> = {
  name: "toolbar",
  summary:
    "One line that says what is shown, with the filter, groups, a chip per selection, counts, reset, copies of ids and link.",
  options: {
    noun: "what a row is called, in the plural; samples by default",
    groups: "columns that every view can be split by; those of few values among the first 200 by default",
  },
  parse,
  queries,
  render,
  bare: true,
};
