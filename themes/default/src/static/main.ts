/**
 * The theme in V8 at build. Python hands over one view's request; the answer is its problems, the queries it still
 * needs, or its figure. Pure: the same request always gets the same answer, and nothing is kept between calls.
 */
import "./shims.ts";
import { figureFor, type Request } from "../architecture/command.ts";
import { NoEngine } from "../architecture/layout.ts";
import { asRelation, onRelation } from "../data/columns.ts";
import { translateFilter } from "../data/expression.ts";
import { fromBytes } from "../data/result.ts";
import { figure } from "../figure.ts";
import { NO_TABLE, RESERVED, type Artifact, type Table, type TableFile, type ViewRequest } from "../page.ts";
import { nearest, ProblemError, type Problem } from "../problem.ts";
import { made, type Make } from "../own.ts";
import { allFaults } from "./faults.ts";
import { NoPrinting, printing } from "./printing.ts";
import { writeLink } from "../live/state.ts";
import { addView, allViews, findView } from "../registry.ts";
import type { Context, Results, View, ViewState } from "../view.ts";

interface StepRequest extends Omit<ViewRequest, "table"> {
  table: Table | null;
  tables: Record<string, Table>;
  artifacts?: Record<string, Artifact>;
  figures: { id: string; title: string; view: string }[];
  /** The Parquet of its table, as the site publishes it; left out for none. */
  files?: TableFile[];
  /** Answers so far: Arrow IPC streams in base64. */
  results: Record<string, string>;
  /** Whether only the problems are wanted. */
  check?: boolean;
}

/** The SQL condition of a filter expression on a table of a page, or what is wrong with it. */
export function translate(expression: string, tableText: string, tablesText = "{}"): string {
  const tables = JSON.parse(tablesText) as Record<string, Table>;
  try {
    const table = onRelation(JSON.parse(tableText) as Table, tables);
    return JSON.stringify({ sql: String(translateFilter(expression, table)) });
  } catch (error) {
    if (error instanceof ProblemError) return JSON.stringify({ problems: [error.problem] });
    throw error;
  }
}

interface LinkRequest {
  anchor: string;
  filter: string;
  /** What is selected in the view that the anchor names; null for nothing. */
  state: ViewState | null;
  view: StepRequest | null;
  tables: Record<string, Table>;
}

/** The place and state of a page in a link that an author wants, or what is wrong with it. */
export function link(text: string): string {
  const { anchor, filter, state, view, tables } = JSON.parse(text) as LinkRequest;
  try {
    checkFilter(filter, tables);
    const views = state ? { [anchor]: accepted(state, view) } : {};
    return JSON.stringify({ hash: writeLink(anchor, { filter: filter.trim(), views }).hash });
  } catch (error) {
    if (error instanceof ProblemError) return JSON.stringify({ problems: error.problems });
    throw error;
  }
}

/** Throws where no relation of the page has the filter's columns, as the page itself would. */
function checkFilter(filter: string, tables: Record<string, Table>): void {
  if (!filter.trim()) return;
  const failures: ProblemError[] = [];
  const relations = new Map(Object.values(tables).map((table) => [table.relation, table]));
  for (const table of relations.values()) {
    try {
      translateFilter(filter, asRelation(onRelation(table, tables)));
      return;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      failures.push(error);
    }
  }
  throw failures[0] ?? new ProblemError("the page has no table to filter", "name another view");
}

/** The state of a view, if the view takes all of it. */
function accepted(state: ViewState, request: StepRequest | null): ViewState {
  if (!request) throw new ProblemError("select names no view of the page", "name one: view=ID");
  const { view, context } = open(request);
  const kept = view.accept?.(view.parse(context), state, context) ?? {};
  if (JSON.stringify(kept) !== JSON.stringify(state))
    throw new ProblemError(
      `select does not fit the view "${request.id}"`,
      "select in the page, and copy what its address then says of the view",
    );
  return kept;
}

/** The rows of an answer by column, as views see them; numbers that JSON lacks are text. For tests and numbers in text. */
export function read(encoded: string): string {
  const said = (_name: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify(fromBytes(fromBase64(encoded)), said);
}

/** What a request lacks that is loaded only where it is needed. */
interface Needs {
  needs: "layout" | "print";
}

type StepReply =
  | Needs
  | { problems: Problem[] }
  | { queries: Record<string, string> }
  | { figure: { html: string; rows: number; total: number; weight: number } };

export function describe(): string {
  const views = allViews().map((view) => [view.name, { summary: view.summary, options: view.options }]);
  return JSON.stringify({ views: Object.fromEntries(views) });
}

export function step(text: string): string {
  return JSON.stringify(withEngine(() => answer(JSON.parse(text) as StepRequest)));
}

/** Takes a view of the report's theme; its live half is for the page alone. */
export function view(make: Make): void {
  addView(made(make, findView));
}

/** A figure of a network, from its tables. */
export function architecture(text: string): string {
  return JSON.stringify(withEngine(() => figureFor(JSON.parse(text) as Request, printing)));
}

function withEngine<Reply>(make: () => Reply): Reply | Needs {
  try {
    return make();
  } catch (error) {
    if (error instanceof NoEngine) return { needs: "layout" };
    if (error instanceof NoPrinting) return { needs: "print" };
    throw error;
  }
}

function answer(request: StepRequest): StepReply {
  try {
    const { view, context } = open(request);
    const options = parsed(view, context);
    return request.check ? { problems: [] } : advance(view, options, context, request);
  } catch (error) {
    if (error instanceof ProblemError) return { problems: [...error.problems] };
    throw error;
  }
}

/** The options as the view reads them; throws everything that is wrong with them. */
function parsed(view: View<unknown>, context: Context): unknown {
  try {
    return view.parse(context);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const [first, ...others] = allFaults(view, context, error.problems);
    throw first ? ProblemError.of([first, ...others]) : error;
  }
}

function open(request: StepRequest): { view: View<unknown>; context: Context } {
  const view = findView(request.view);
  const names = allViews().map((each) => each.name);
  if (!view) throw new ProblemError(`the theme has no view "${request.view}"`, nearest(request.view, names));
  if (RESERVED.includes(request.id))
    throw new ProblemError(`the id "${request.id}" is the toolbar's own`, "choose another id", "id");
  const first = request.table ?? Object.values(request.tables)[0];
  const table = first ?? (view.tableless ? NO_TABLE : null);
  if (!table)
    throw new ProblemError(`the view "${view.name}" needs a table`, "write table: artifact/table", "table");
  const { tables, artifacts = {}, figures } = request;
  const asked: ViewRequest = { ...request, table: table.name };
  return { view, context: { request: asked, table: onRelation(table, tables), tables, artifacts, figures } };
}

function advance(view: View<unknown>, options: unknown, context: Context, request: StepRequest): StepReply {
  const results: Results = Object.fromEntries(
    Object.entries(request.results).map(([name, text]) => [name, fromBytes(fromBase64(text))]),
  );
  const named = view.queries(options, results, context, {});
  const open = Object.entries(named).filter(([name]) => !(name in results));
  if (open.length)
    return { queries: Object.fromEntries(open.map(([name, query]) => [name, String(query.sql(null))])) };
  const drawing = view.render(options, results, {}, context);
  const html = figure(view, drawing, context, results, request.files).text;
  return { figure: { html, rows: drawing.rows, total: drawing.total, weight: html.length } };
}

const DIGITS = new Map(
  Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", (c, i) => [c, i]),
);

function fromBase64(text: string): Uint8Array {
  const body = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let [buffer, bits, at] = [0, 0, 0];
  for (const character of body) {
    buffer = ((buffer << 6) | DIGITS.get(character)!) & 0xffffff;
    bits += 6;
    if (bits >= 8) bytes[at++] = (buffer >> (bits -= 8)) & 0xff;
  }
  return bytes;
}
