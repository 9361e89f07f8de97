/** Reading an expression of Vega into its tree, and what is said of one that cannot be read. */
import { parseExpression } from "vega-expression";
import { ProblemError, suchAs, told, type Told } from "../problem.ts";
import type { Term } from "./expression.ts";

export interface Syntax {
  type: string;
  /** What a node of type `Given` stands for: something that its maker knows already. */
  given?: Term;
  operator?: string;
  left?: Syntax;
  right?: Syntax;
  argument?: Syntax;
  test?: Syntax;
  consequent?: Syntax;
  alternate?: Syntax;
  object?: Syntax;
  property?: Syntax;
  computed?: boolean;
  callee?: Syntax;
  arguments?: Syntax[];
  elements?: Syntax[];
  name?: string;
  value?: unknown;
}

/** How deep a filter may nest: the engines bind 128 levels, and one operator takes up to four. */
export const DEEPEST = 24;

/** Reads an expression, or what it is called, into its tree; throws ProblemError where it is none. */
export function readExpression(text: string, called = "filter"): Syntax {
  try {
    return parseExpression(text) as unknown as Syntax;
  } catch (error) {
    // The parser recurses, and a long row of brackets is more than the engine's stack holds, at times more than at others.
    if (error instanceof RangeError || bracketsOf(text) > MOST_BRACKETS) throw tooDeep(called);
    throw new ProblemError(
      told("the {called} does not parse: {reason}", { called: told(called), reason: reasonOf(error) }),
      meantSign(text) ?? suchAs("datum.confidence < 0.5"),
    );
  }
}

/** A quoted text, with what is escaped in it. */
const QUOTED = /(['"])(?:\\.|(?!\1).)*\1/g;

/** Brackets in each other that are a mistake of another kind than a forgotten one. */
const MOST_BRACKETS = 500;

/** How many brackets are open at once, at most. */
function bracketsOf(text: string): number {
  let [open, most] = [0, 0];
  for (const [sign] of text.replace(QUOTED, "").matchAll(/[()[\]]/g)) {
    open += sign === "(" || sign === "[" ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}

/** Why an expression is none, of the parser's few reasons. */
function reasonOf(error: unknown): Told {
  const reason = (error instanceof Error ? error.message : String(error)).toLowerCase().replace(/\.$/, "");
  const [, sign] = /^unexpect(?:ed)? token (.+)$/.exec(reason) ?? [];
  return sign === undefined
    ? told(reason.replace(/^unexpect /, "unexpected "))
    : told("unexpected token {sign}", { sign });
}

/** Signs of an expression by the words and signs of SQL that stand for them. */
const MEANT: Readonly<Record<string, string>> = { "=": "==", "<>": "!=", and: "&&", or: "||", not: "!" };

/** Quoted texts, then what else looks like one of these; a word after a point is a column's name. */
const SIGNS = new RegExp(
  `${QUOTED.source}|${/(?<![=<>!])=(?![=])|<>|(?<![\w$.])(?:and|or|not)(?![\w$])/.source}`,
  "gi",
);

/** What is to be written for the first sign that expressions do not have. */
function meantSign(text: string): Told | null {
  const [sign] = [...text.matchAll(SIGNS)].map(([found]) => found).filter((found) => !/^['"]/.test(found));
  return sign === undefined
    ? null
    : told("write {meant} instead of {sign}", { meant: MEANT[sign.toLowerCase()]!, sign });
}

/** A chain of && or of || counts as one level, for it becomes one. */
export function checkDepth(syntax: Syntax, depth: number): void {
  if (depth > DEEPEST) throw tooDeep("filter");
  for (const operand of operandsOf(syntax)) checkDepth(operand, depth + 1);
}

function tooDeep(called: string): ProblemError {
  return new ProblemError(
    told("the {called} is nested too deeply", { called: told(called) }),
    told("at most {most} levels, or use indexof()", { most: DEEPEST }),
  );
}

function operandsOf(syntax: Syntax): Syntax[] {
  if (syntax.type === "LogicalExpression") return chain(syntax, syntax.operator!);
  const { left, right, argument: operand, test, consequent, alternate } = syntax;
  const parts = [left, right, operand, test, consequent, alternate];
  return [...parts, ...(syntax.arguments ?? []), ...(syntax.elements ?? [])].filter((each) => each != null);
}

/** `a || b || c` as its three operands, however it is bracketed. */
export function chain(syntax: Syntax, operator: string): Syntax[] {
  const operands: Syntax[] = [];
  const open = [syntax];
  while (open.length) {
    const next = open.pop()!;
    if (next.type === "LogicalExpression" && next.operator === operator) open.push(next.right!, next.left!);
    else operands.push(next);
  }
  return operands;
}
