/**
 * Views of a theme that inherits: JavaScript files, run as they are, that hand over a view made of what they are given.
 *
 *     sitegen.view(({ sql, html, views }) => ({ name: "mean", summary: "…", options: {}, parse, queries, render }));
 *
 * The same file runs in V8 at build and in the page. A view with the name of one that is there takes its place.
 */
import { findColumn, kindOf, labelOf } from "./data/columns.ts";
import { scalar } from "./data/result.ts";
import { formatNumber, html } from "./markup.ts";
import { checkNames, readText } from "./options.ts";
import * as sql from "./own-sql.ts";
import { ProblemError } from "./problem.ts";
import type { View } from "./view.ts";

/** What a view of one's own is made of. */
export interface Tools {
  /** Queries as mosaic-sql builds them; never text. */
  sql: Readonly<Record<string, unknown>>;
  html: typeof html;
  formatNumber: typeof formatNumber;
  scalar: typeof scalar;
  findColumn: typeof findColumn;
  kindOf: typeof kindOf;
  labelOf: typeof labelOf;
  checkNames: typeof checkNames;
  readText: typeof readText;
  ProblemError: typeof ProblemError;
  /** A view that is there, to be changed: `{ ...views("table"), render }`; null where there is none of that name. */
  views: (name: string) => View<unknown> | null;
}

const PARTS = ["parse", "queries", "render"] as const;

export type Make = (tools: Tools) => View<unknown>;

/** The view that a file of a theme makes; throws when it is none. */
export function made(make: Make, views: Tools["views"]): View<unknown> {
  const view = make({
    sql,
    html,
    formatNumber,
    scalar,
    findColumn,
    kindOf,
    labelOf,
    checkNames,
    readText,
    ProblemError,
    views,
  });
  if (!/^[a-z][a-z0-9-]*$/.test(view?.name ?? ""))
    throw new Error("a view needs a name of small letters, digits and hyphens");
  const missing = PARTS.filter((part) => typeof view[part] !== "function");
  if (missing.length) throw new Error(`the view "${view.name}" has no function ${missing.join(", ")}`);
  return { ...view, summary: view.summary ?? "", options: view.options ?? {} };
}
