/**
 * The theme in V8 at build. Python hands over one view's request; the answer is its problems, the queries it still
 * needs, or its figure. Pure: the same request always gets the same answer, and nothing is kept between calls.
 */
import "./shims.ts";
import { onRelation } from "../data/columns.ts";
import { translateFilter } from "../data/expression.ts";
import { fromBytes } from "../data/result.ts";
import { figure } from "../figure.ts";
import { NO_TABLE, RESERVED, type Artifact, type Table, type TableFile, type ViewRequest } from "../page.ts";
import { nearest, ProblemError, type Problem } from "../problem.ts";
import { findView, VIEWS } from "../registry.ts";
import type { Context, Results, View } from "../view.ts";

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

/** The rows of an answer by column, as views see them; numbers that JSON lacks are text. For tests and numbers in text. */
export function read(encoded: string): string {
  const said = (_name: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify(fromBytes(fromBase64(encoded)), said);
}

type StepReply =
  | { problems: Problem[] }
  | { queries: Record<string, string> }
  | { figure: { html: string; rows: number; total: number; weight: number } };

export function describe(): string {
  const views = VIEWS.map((view) => [view.name, { summary: view.summary, options: view.options }]);
  return JSON.stringify({ views: Object.fromEntries(views) });
}

export function step(text: string): string {
  return JSON.stringify(answer(JSON.parse(text) as StepRequest));
}

function answer(request: StepRequest): StepReply {
  try {
    const { view, context } = open(request);
    const options = view.parse(context);
    return request.check ? { problems: [] } : advance(view, options, context, request);
  } catch (error) {
    if (error instanceof ProblemError) return { problems: [...error.problems] };
    throw error;
  }
}

function open(request: StepRequest): { view: View<unknown>; context: Context } {
  const view = findView(request.view);
  const names = VIEWS.map((each) => each.name);
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
