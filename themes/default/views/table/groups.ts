/**
 * Tables whose rows are groups of samples, such as slices or differences of two models: each row says its samples as a
 * filter expression, and selecting it keeps these in the views of the tables that hold them.
 */
import { or, type ExprNode } from "@uwdata/mosaic-sql";
import { asRelation, kindOf, onRelation } from "../../src/data/columns.ts";
import { translateFilter } from "../../src/data/expression.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";

const EXPRESSION = "expression";

/** The column that says each row's samples; null where there is none, or nothing beside that could be kept. */
export function groupsColumn(context: Context): Column | null {
  const column = context.tables[context.table.name]?.columns.find(({ name }) => name === EXPRESSION);
  return column && kindOf(column) === "text" && others(context).length > 0 ? column : null;
}

/** Whether a table of the page has the columns that a group is told by. */
export const tellsOf = (expression: string, context: Context): boolean =>
  others(context).some((table) => translated(expression, table) !== null);

/** The condition of some groups in each relation that could hold them: null in one that has not their columns. */
export function conditionsOf(expressions: readonly string[], context: Context): Map<string, ExprNode | null> {
  const conditionIn = (table: Table): ExprNode | null => {
    const found = expressions
      .map((expression) => translated(expression, table))
      .filter((each) => each !== null);
    return found.length ? or(...found) : null;
  };
  return new Map(others(context).map((table) => [table.relation, conditionIn(table)]));
}

/** The page's other relations, each with all of its columns, but for those that tell of groups themselves. */
function others({ table, tables }: Context): Table[] {
  const all = Object.values(tables);
  const firsts = all.filter(({ relation }, at) => all.findIndex((each) => each.relation === relation) === at);
  return firsts
    .filter(({ relation }) => relation !== table.relation)
    .map((first) => asRelation(onRelation(first, tables)))
    .filter(({ columns }) => !columns.some(({ name }) => name === EXPRESSION));
}

function translated(expression: string, table: Table): ExprNode | null {
  try {
    return translateFilter(expression, table);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
