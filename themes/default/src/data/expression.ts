/**
 * Filters are Vega expressions on `datum`, translated to SQL with JavaScript's meaning: `null < 5` is true,
 * `NaN > 5` is false, `null == 0` is false. Only what is listed here passes, so that a link can never carry SQL.
 * `d` is accepted for `datum`, as Symphony writes it.
 */
import { DisallowedObjectProperties } from "vega-util";
import { and, column as columnRef, literal, not, or, sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { Table } from "../page.ts";
import { instead, offered, ProblemError, suchAs, told, tooFew, tooMany } from "../problem.ts";
import { findColumn, kindOf } from "./columns.ts";
import { DATE_FUNCTIONS, partOf, readIso, timeOf, utcTime } from "./dates.ts";
import { lengthOf } from "./length.ts";
import { readPattern } from "./pattern.ts";
import { chain, checkDepth, readExpression, type Syntax } from "./syntax.ts";

/** `date` is a Date of JavaScript; `outcome` what && and || give of other things than comparisons: only its truth is known. */
type Type = "number" | "text" | "boolean" | "time" | "date" | "null" | "list" | "outcome";

export interface Term {
  node: ExprNode;
  type: Type;
  /** Whether SQL NULL can come out; comparisons then follow JavaScript's rules for null. */
  nullable: boolean;
  /** Whether NaN can come out (floating-point columns and arithmetic). */
  float: boolean;
  items?: Term[];
  /** The text of a text literal, the number of a written number. */
  written?: string;
  constant?: number;
}

export { readExpression, type Syntax } from "./syntax.ts";

type Translate = (syntax: Syntax, table: Table) => Term;

/** The longest filter read; a link is untrusted, and the parser recurses. */
export const LONGEST_FILTER = 4000;

/** The longest condition made of it; operators name their sides more than once, so nesting multiplies. */
export const LONGEST_CONDITION = 16_000;

const number = (node: ExprNode, float = true, nullable = false): Term => ({
  node,
  type: "number",
  nullable,
  float,
});
const boolean = (node: ExprNode): Term => ({ node, type: "boolean", nullable: false, float: false });

/** Translates a filter to a SQL condition on the table's columns; throws ProblemError with what to mend. */
export function translateFilter(text: string, table: Table): ExprNode {
  if (text.length > LONGEST_FILTER) {
    throw new ProblemError(
      told("the filter is too long"),
      told("at most {most} characters", { most: LONGEST_FILTER }),
    );
  }
  const syntax = readExpression(text);
  checkDepth(syntax, 0);
  return truth(translate(syntax, table));
}

/** The value of an expression in a row of the table; throws ProblemError where SQL has no such value. */
export function translateValue(syntax: Syntax, table: Table): Term {
  checkDepth(syntax, 0);
  return translate(syntax, table);
}

/** Whether the expression holds in a row of the table. */
export function translateTest(syntax: Syntax, table: Table): ExprNode {
  return truth(translateValue(syntax, table));
}

const translators: Record<string, Translate> = {
  Literal: translateLiteral,
  MemberExpression: translateColumn,
  UnaryExpression: translateUnary,
  BinaryExpression: translateBinary,
  LogicalExpression: translateLogical,
  ConditionalExpression: translateConditional,
  CallExpression: translateCall,
  ArrayExpression: translateList,
  Identifier: translateName,
  Given: (syntax) => syntax.given!,
};

function translate(syntax: Syntax, table: Table): Term {
  const translator = translators[syntax.type];
  if (!translator)
    throw new ProblemError(
      told("a filter cannot hold a {type}", { type: syntax.type }),
      told("compare columns: {example}", { example: "datum.label == 'cat'" }),
    );
  const term = translator(syntax, table);
  if (lengthOf(term.node) > LONGEST_CONDITION)
    throw new ProblemError(told("the filter is too involved"), told("nest divisions and functions less"));
  return term;
}

function translateLiteral(syntax: Syntax): Term {
  const value = syntax.value;
  if (value === null) return { node: literal(null), type: "null", nullable: true, float: false };
  if (typeof value === "number") return { ...number(double(value), false), constant: value };
  if (typeof value === "string") return translateText(value);
  if (typeof value === "boolean") return boolean(literal(value));
  throw new ProblemError(
    told("a filter cannot hold a regular expression"),
    instead("test('pattern', datum.column)"),
  );
}

/** SQL has no NUL, and UTF-8 no half of a surrogate pair; no column holds either. */
function translateText(value: string): Term {
  if (/\0|[\ud800-\udfff]/u.test(value))
    throw new ProblemError(
      told("a text in the filter holds a character that no column can hold"),
      told("remove it"),
    );
  return { node: literal(value), type: "text", nullable: false, float: false, written: value };
}

/** A number as DOUBLE, never DECIMAL; 1e999 is infinite in JavaScript. */
function double(value: number): ExprNode {
  return Number.isFinite(value) ? sql`${literal(value)}::DOUBLE` : sql`'${String(value)}'::DOUBLE`;
}

const CONSTANTS: Record<string, number> = {
  NaN: Number.NaN,
  PI: Math.PI,
  E: Math.E,
  SQRT2: Math.SQRT2,
  SQRT1_2: Math.SQRT1_2,
  LN2: Math.LN2,
  LN10: Math.LN10,
  LOG2E: Math.LOG2E,
  LOG10E: Math.LOG10E,
};

function translateName(syntax: Syntax): Term {
  const name = syntax.name ?? "";
  // The parser gives a quoted text that JavaScript's objects have a meaning for as if it were a name.
  if (DisallowedObjectProperties.has(name)) return translateText(name);
  if (Object.hasOwn(CONSTANTS, name)) return number(double(CONSTANTS[name]!), name === "NaN");
  const column = name === "datum" || name === "d" ? "label" : name;
  throw new ProblemError(
    told('"{name}" is not known in a filter', { name }),
    told("columns are written datum.{column}", { column }),
  );
}

/** The column that `datum.name` and `datum['name']` mean. */
function columnName({ object, property, computed }: Syntax): string {
  if (object?.name !== "datum" && object?.name !== "d") {
    throw new ProblemError(told("only columns of datum can be read"), suchAs("datum.label"));
  }
  const name = computed ? property?.value : property?.name;
  if (typeof name !== "string")
    throw new ProblemError(told("a column is named by text"), suchAs("datum['label']"));
  return name;
}

function translateColumn(syntax: Syntax, table: Table): Term {
  const name = columnName(syntax);
  const column = findColumn(table, name);
  const kind = kindOf(column);
  const node = columnRef(column.name);
  if (kind === "list" || kind === "binary")
    throw new ProblemError(
      told('column "{name}" holds {type}', { name, type: column.type }),
      told("filter on another column"),
    );
  if (kind === "time")
    return { node: sql`epoch_ms(${node}::TIMESTAMP)`, type: "time", nullable: column.nullable, float: false };
  return { node, type: kind, nullable: true, float: column.type.startsWith("float") };
}

/** JavaScript's truth: null, 0, NaN and the empty text are false. */
function truth(term: Term): ExprNode {
  if (term.type === "outcome") return term.node;
  if (term.type === "boolean") return term.nullable ? sql`coalesce(${term.node}, FALSE)` : term.node;
  if (term.type === "null") return literal(false);
  if (term.type === "text") return sql`coalesce(${term.node} <> '', FALSE)`;
  if (term.type === "list" || term.type === "date") return literal(true);
  const nonzero = sql`coalesce(${term.node} <> 0, FALSE)`;
  return term.float ? and(nonzero, not(isNotANumber(term))) : nonzero;
}

function isNotANumber(term: Term): ExprNode {
  return sql`coalesce(isnan((${term.node})::DOUBLE), FALSE)`;
}

/** The term as JavaScript's Number(): null is 0, true is 1. Text is refused rather than guessed. */
function asNumber(term: Term, operator: string): Term {
  if (term.type === "null") return number(literal(0), false);
  if (term.type === "boolean") return number(sql`CASE WHEN ${truth(term)} THEN 1 ELSE 0 END`, false);
  if (term.type === "outcome") throw comparedOutcome();
  if (term.type === "text" || term.type === "list") {
    throw new ProblemError(
      told('"{operator}" needs numbers, and one side is {type}', { operator, type: told(term.type) }),
      told("put text in quotes and use == or !="),
    );
  }
  if (!term.nullable) return term;
  return { ...term, node: sql`coalesce(${term.node}, 0)`, nullable: false };
}

function comparedOutcome(): ProblemError {
  return new ProblemError(
    told("the outcome of && or || is compared"),
    told("write a comparison on each side of it"),
  );
}

function translateUnary(syntax: Syntax, table: Table): Term {
  const term = translate(syntax.argument!, table);
  if (syntax.operator === "!") return boolean(not(truth(term)));
  const value = asNumber(term, syntax.operator!);
  if (syntax.operator === "+") return value;
  // Narrow and unsigned integers have no negative of every value, and DuckDB 0.9.1 wraps them in silence.
  if (syntax.operator === "-") return negative(value);
  throw new ProblemError(
    told('the operator "{operator}" cannot be used in a filter', { operator: syntax.operator! }),
    told("use !, - or +"),
  );
}

function negative(value: Term): Term {
  const term = number(sql`(-((${value.node})::DOUBLE))`, value.float);
  return value.constant === undefined ? term : { ...term, constant: -value.constant };
}

/** && and || of comparisons are comparisons; of anything else only the truth of the outcome is known. */
function translateLogical(syntax: Syntax, table: Table): Term {
  const operator = syntax.operator!;
  const terms = chain(syntax, operator).map((operand) => translate(operand, table));
  const join = operator === "&&" ? and : or;
  const outcome = boolean(join(...terms.map(truth)));
  const isComparison = terms.every((term) => term.type === "boolean" && !term.nullable);
  return isComparison ? outcome : { ...outcome, type: "outcome" };
}

function translateConditional(syntax: Syntax, table: Table): Term {
  const test = truth(translate(syntax.test!, table));
  const yes = translate(syntax.consequent!, table);
  const no = translate(syntax.alternate!, table);
  const known = yes.type === "null" ? no : yes;
  if (no.type !== known.type && no.type !== "null")
    throw new ProblemError(told("both outcomes of ? : must be of one type"), suchAs("x > 0 ? 1 : 0"));
  return {
    node: sql`CASE WHEN ${test} THEN ${yes.node} ELSE ${no.node} END`,
    type: known.type,
    nullable: yes.nullable || no.nullable,
    float: yes.float || no.float,
  };
}

const RELATIONS = new Set(["<", "<=", ">", ">="]);
const EQUALITIES = new Set(["==", "===", "!=", "!=="]);
const ARITHMETIC = new Set(["+", "-", "*", "/", "%"]);

function translateBinary(syntax: Syntax, table: Table): Term {
  const operator = syntax.operator!;
  const left = translate(syntax.left!, table);
  const right = translate(syntax.right!, table);
  if (EQUALITIES.has(operator)) {
    const same = operator.length === 3 ? identical(left, right) : equal(left, right);
    return boolean(operator.startsWith("!") ? not(same) : same);
  }
  if (RELATIONS.has(operator)) return boolean(relation(operator, left, right));
  if (ARITHMETIC.has(operator)) return arithmetic(operator, left, right);
  throw new ProblemError(
    told('the operator "{operator}" cannot be used in a filter', { operator }),
    told("use comparisons, {example}", { example: "&&, ||, !, + - * / %" }),
  );
}

/** `===`: a boolean is no number. */
function identical(left: Term, right: Term): ExprNode {
  const isMixed = left.type !== right.type && [left, right].some((term) => term.type === "boolean");
  const isNull = [left, right].some((term) => term.type === "null");
  return isMixed && !isNull ? literal(false) : equal(left, right);
}

/** `==`: null equals only null, NaN equals nothing, a boolean equals its number. */
function equal(left: Term, right: Term): ExprNode {
  for (const { type } of [left, right]) {
    if (type === "outcome") throw comparedOutcome();
    if (type === "date")
      throw new ProblemError(
        told("a date equals nothing, not even itself"),
        told("compare {example}", { example: "time(datetime(2020, 0, 1))" }),
      );
    if (type === "list")
      throw new ProblemError(told("a list equals nothing"), instead("indexof(['a', 'b'], datum.label)"));
  }
  if (left.type === "null" || right.type === "null") {
    return sql`(${(left.type === "null" ? right : left).node}) IS NULL`;
  }
  const [a, b] =
    left.type === right.type ? [left, right] : [comparable(left, right), comparable(right, left)];
  const same = sql`((${a.node}) IS NOT DISTINCT FROM (${b.node}))`;
  const floats = [a, b].filter((term) => term.float).map((term) => not(isNotANumber(term)));
  return floats.length ? and(same, ...floats) : same;
}

/** A time beside a text is a slip of everyone who comes from SQL: the text is given back as what it means. */
function refuseWrittenTime(...terms: Term[]): void {
  const text = terms.find((term) => term.type === "text");
  if (!text || !terms.some((term) => term.type === "time")) return;
  const written = text.written !== undefined && readIso(text.written) !== null ? text.written : "2020-01-31";
  throw new ProblemError(
    told("a time is compared with a text"),
    told("write {example}", { example: `time(datetime('${written}'))` }),
  );
}

function comparable(term: Term, other: Term): Term {
  refuseWrittenTime(term, other);
  if (term.type === "text" || other.type === "text") {
    throw new ProblemError(
      told("text cannot equal a {type}", { type: told(term.type === "text" ? other.type : term.type) }),
      told("compare text with text in quotes"),
    );
  }
  // A null boolean must stay null here: in JavaScript null == 0 is false.
  if (term.type === "boolean") return { ...term, node: sql`(${term.node})::INTEGER`, type: "number" };
  return term;
}

function relation(operator: string, left: Term, right: Term): ExprNode {
  if (left.type === "text" && right.type === "text") return textRelation(operator, left, right);
  refuseWrittenTime(left, right);
  const a = asNumber(left, operator);
  const b = asNumber(right, operator);
  const holds = sql`((${a.node}) ${operator} (${b.node}))`;
  // NaN, which the engines rank above all numbers, compares with none: it could only be the side that is to be greater.
  const greater = operator.startsWith(">") ? a : b;
  return greater.float ? and(holds, sql`((${greater.node}) <= 'Infinity'::DOUBLE)`) : holds;
}

/** Texts by code point. A null side makes JavaScript compare numbers: null is 0, and so is the empty text. */
function textRelation(operator: string, left: Term, right: Term): ExprNode {
  const compared = sql`((${left.node}) ${operator} (${right.node}))`;
  if (!left.nullable && !right.nullable) return compared;
  const [a, b] = [readNumber(left), readNumber(right)];
  return sql`coalesce(${compared}, (${a} ${operator} ${b}) AND NOT isnan(${a}) AND NOT isnan(${b}))`;
}

const DECIMAL = "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$";

function readNumber(term: Term): ExprNode {
  const text = sql`trim(coalesce(${term.node}, ''))`;
  return sql`(CASE WHEN ${text} = '' THEN 0 WHEN regexp_matches(${text}, '${DECIMAL}') THEN TRY_CAST(${text} AS DOUBLE) ELSE 'NaN'::DOUBLE END)`;
}

/** Arithmetic in double precision; both engines would otherwise answer a zero divisor in their own way. */
function arithmetic(operator: string, left: Term, right: Term): Term {
  if (operator === "+" && [left, right].some((term) => term.type === "date"))
    throw new ProblemError(told("a date is not added to"), instead("time(datetime(2020, 0, 1))"));
  const a = sql`((${asNumber(left, operator).node})::DOUBLE)`;
  const b = sql`((${asNumber(right, operator).node})::DOUBLE)`;
  if (operator === "%") return number(sql`(CASE WHEN ${b} = 0 THEN 'NaN'::DOUBLE ELSE ${a} % ${b} END)`);
  if (operator !== "/") return number(sql`(${a} ${operator} ${b})`);
  // Minus zero divides to minus infinity.
  const byZero = sql`CASE WHEN ${a} = 0 OR isnan(${a}) THEN 'NaN'::DOUBLE WHEN (${a} > 0) <> signbit(${b}) THEN 'Infinity'::DOUBLE ELSE '-Infinity'::DOUBLE END`;
  return number(sql`(CASE WHEN ${b} = 0 THEN ${byZero} ELSE ${a} / ${b} END)`);
}

function translateList(syntax: Syntax, table: Table): Term {
  const items = (syntax.elements ?? []).map((element) => translate(element, table));
  return { node: literal(true), type: "list", nullable: false, float: false, items };
}

type Call = (terms: Term[], name: string) => Term;

const numeric =
  (build: (x: ExprNode) => ExprNode): Call =>
  (terms, name) =>
    number(build(sql`((${asNumber(argument(terms, 0, name), name).node})::DOUBLE)`));

const textual =
  (build: (x: ExprNode) => ExprNode, result: Type): Call =>
  (terms, name) => {
    const term = asText(argument(terms, 0, name), name);
    return { node: build(term.node), type: result, nullable: result === "text", float: false };
  };

/** Roots and logarithms of what has none are NaN in JavaScript; DuckDB would stop the query. */
const guarded = (condition: (x: ExprNode) => ExprNode, build: (x: ExprNode) => ExprNode): Call =>
  numeric((x) => sql`(CASE WHEN ${condition(x)} THEN ${build(x)} ELSE 'NaN'::DOUBLE END)`);

/** log(0) is minus infinity in JavaScript and an error in DuckDB. */
const logarithm = numeric(
  (x) =>
    sql`(CASE WHEN ${x} > 0 THEN ln(${x}) WHEN ${x} = 0 THEN '-Infinity'::DOUBLE ELSE 'NaN'::DOUBLE END)`,
);

/** Length as JavaScript counts it, in UTF-16 units: two for a character beyond U+FFFF. */
function units(text: ExprNode): ExprNode {
  return sql`(length(${text}) + length(regexp_replace(${text}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g')))`;
}

/** NaN where any of them is, as in JavaScript; the engines skip or rank it. */
const extreme =
  (name: "least" | "greatest"): Call =>
  (terms, called) => {
    argument(terms, 1, called);
    const values = terms.map((term) => sql`((${asNumber(term, called).node})::DOUBLE)`);
    const lacking = or(...values.map((value) => sql`isnan(${value})`));
    const listed = values.reduce((list, value) => sql`${list}, ${value}`);
    return number(sql`(CASE WHEN ${lacking} THEN 'NaN'::DOUBLE ELSE ${sql`${name}(${listed})`} END)`);
  };

const ARGUMENTS: Readonly<Record<string, number>> = {
  indexof: 2,
  inrange: 2,
  test: 2,
  datetime: 7,
  utc: 7,
  pow: 2,
  min: 16,
  max: 16,
};

const CALLS: Record<string, Call> = {
  abs: numeric((x) => sql`abs(${x})`),
  ceil: numeric((x) => sql`ceil(${x})`),
  floor: numeric((x) => sql`floor(${x})`),
  round: numeric((x) => sql`(CASE WHEN ${x} - floor(${x}) >= 0.5 THEN ceil(${x}) ELSE floor(${x}) END)`),
  exp: numeric((x) => sql`exp(${x})`),
  sqrt: guarded(
    (x) => sql`${x} >= 0`,
    (x) => sql`sqrt(${x})`,
  ),
  log: logarithm,
  lower: textual((x) => sql`lower(${x})`, "text"),
  upper: textual((x) => sql`upper(${x})`, "text"),
  length: textual((x) => sql`coalesce(${units(x)}, 0)`, "number"),
  min: extreme("least"),
  max: extreme("greatest"),
  pow: callPow,
  isValid: callIsValid,
  isFinite: callIsFinite,
  toNumber: callToNumber,
  isNaN: (terms, name) => boolean(isNotANumber(asNumber(argument(terms, 0, name), name))),
  indexof: callIndexOf,
  inrange: callInRange,
  test: callTest,
  ...Object.fromEntries(DATE_FUNCTIONS.map((name) => [name, numeric((x) => partOf(name, x))])),
  time: numeric(timeOf),
  datetime: callDatetime,
  utc: (terms, name) => number(double(utcTime(constants(terms, name)))),
};

/** Every function that a filter may call, but for the dates' names with `utc` in front. */
export const FILTER_FUNCTIONS = Object.keys(CALLS).filter((name) => !/^utc./.test(name));

function translateCall(syntax: Syntax, table: Table): Term {
  const name = calledName(syntax.callee);
  const isMethod = syntax.callee?.type === "MemberExpression";
  const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (isMethod && call)
    throw new ProblemError(
      told('a value has no method "{name}"', { name }),
      told("write {example} around it", { example: `${name}(…)` }),
    );
  if (!call)
    throw new ProblemError(
      told('the function "{name}" cannot be used in a filter', { name }),
      offered(name, Object.keys(CALLS)),
    );
  const given = syntax.arguments ?? [];
  const most = ARGUMENTS[name] ?? 1;
  if (given.length > most) throw new ProblemError(tooMany(name, most));
  return call(
    given.map((each) => translate(each, table)),
    name,
  );
}

/** Of a method, too: `toFixed` in `datum.confidence.toFixed(2)`. */
function calledName(callee: Syntax | undefined): string {
  if (callee?.type !== "MemberExpression") return callee?.name ?? "";
  return String((callee.computed ? callee.property?.value : callee.property?.name) ?? "");
}

function argument(terms: Term[], index: number, name: string): Term {
  const term = terms[index];
  if (!term) throw new ProblemError(tooFew(name, index + 1));
  return term;
}

function asText(term: Term, name: string): Term {
  if (term.type !== "text")
    throw new ProblemError(told("{name}() needs text, and got a {type}", { name, type: told(term.type) }));
  return term;
}

/** A root of a negative number is NaN in JavaScript and stops the engine; so does a power of zero below zero. */
function callPow(terms: Term[], name: string): Term {
  const side = (at: number): ExprNode => sql`((${asNumber(argument(terms, at, name), name).node})::DOUBLE)`;
  const [base, exponent] = [side(0), side(1)];
  const whole = sql`(${exponent} = floor(${exponent}))`;
  const endless = sql`WHEN ${base} = '-Infinity'::DOUBLE AND NOT isnan(${exponent}) THEN (CASE WHEN ${exponent} > 0 THEN 'Infinity'::DOUBLE ELSE 0 END)`;
  const known = sql`${base} > 0 OR (${whole} AND (${base} < 0 OR ${exponent} >= 0))`;
  return number(
    sql`(CASE WHEN ${known} THEN pow(${base}, ${exponent}) WHEN ${base} = 0 THEN 'Infinity'::DOUBLE ${endless} ELSE 'NaN'::DOUBLE END)`,
  );
}

/** Vega's isFinite: what is no number is not finite. */
function callIsFinite(terms: Term[], name: string): Term {
  const { type, node } = argument(terms, 0, name);
  const isNumber = type === "number" || type === "time";
  return boolean(isNumber ? sql`coalesce(isfinite((${node})::DOUBLE), FALSE)` : literal(false));
}

/** Vega's toNumber: what is missing stays missing. */
function callToNumber(terms: Term[], name: string): Term {
  const term = argument(terms, 0, name);
  if (term.type === "boolean") return number(sql`(${term.node})::INTEGER`, false, true);
  return { ...asNumber(term, name), node: term.node, nullable: term.nullable, type: "number" };
}

/** Vega's isValid: neither null nor NaN. */
function callIsValid(terms: Term[], name: string): Term {
  const term = argument(terms, 0, name);
  const present = sql`(${term.node}) IS NOT NULL`;
  return boolean(term.float ? and(present, not(isNotANumber(term))) : present);
}

/** indexof(list, value) and indexof(text, part); -1 where it is not in there. */
function callIndexOf(terms: Term[], name: string): Term {
  const whole = argument(terms, 0, name);
  const part = argument(terms, 1, name);
  if (whole.type === "text") return number(position(whole.node, asText(part, name).node), false);
  if (!whole.items)
    throw new ProblemError(
      told("indexof() looks in a list or a text"),
      suchAs("indexof(['a', 'b'], datum.label) >= 0"),
    );
  const cases = whole.items.map((item, index) => sql`WHEN ${identical(item, part)} THEN ${literal(index)}`);
  const empty = number(literal(-1), false);
  return cases.length ? number(sql`(CASE ${spaced(cases)} ELSE -1 END)`, false) : empty;
}

function position(whole: ExprNode, part: ExprNode): ExprNode {
  const at = sql`strpos(${whole}, ${part})`;
  return sql`(CASE WHEN ${at} > 0 THEN ${units(sql`substr(${whole}, 1, ${at} - 1)`)} ELSE -1 END)`;
}

function spaced(nodes: ExprNode[]): ExprNode {
  return nodes.reduce((joined, node) => sql`${joined} ${node}`);
}

/** inrange(value, [low, high]): inclusive at both ends, which may be swapped, as in Vega. */
function callInRange(terms: Term[], name: string): Term {
  const value = argument(terms, 0, name);
  const ends = argument(terms, 1, name).items;
  if (ends?.length !== 2)
    throw new ProblemError(told("inrange() needs a list of two numbers"), suchAs("inrange(datum.x, [0, 1])"));
  const within = (low: Term, high: Term): ExprNode =>
    and(relation(">=", value, low), relation("<=", value, high));
  const [one, other] = ends as [Term, Term];
  return boolean(or(within(one, other), within(other, one)));
}

/** datetime(year, month, …) with the month from 0, or datetime('2020-01-31'); always in UTC. */
function callDatetime(terms: Term[], name: string): Term {
  const text = terms.length === 1 ? terms[0]!.written : undefined;
  const time = text === undefined ? utcTime(constants(terms, name)) : readIso(text);
  if (time === null)
    throw new ProblemError(
      told("datetime() needs a date, or a time in UTC"),
      suchAs("datetime('2020-01-31T12:00Z')"),
    );
  return { ...number(double(time)), type: "date" };
}

/** Written numbers: at least a year and a month, for a year alone is read in two ways. */
function constants(terms: Term[], name: string): number[] {
  const values = terms.map((term) => term.constant).filter((value) => value !== undefined);
  if (values.length < 2 || values.length < terms.length)
    throw new ProblemError(
      told("{name}() needs a year and a month as numbers", { name }),
      suchAs(`${name}(2020, 0, 31)`),
    );
  return values;
}

/** test(pattern, text): whether a regular expression, written in quotes, is found in the text. */
function callTest(terms: Term[], name: string): Term {
  const pattern = asText(argument(terms, 0, name), name).written;
  const text = asText(argument(terms, 1, name), name);
  if (pattern === undefined)
    throw new ProblemError(told("test() needs its pattern in quotes"), suchAs("test('^cat', datum.label)"));
  return boolean(sql`coalesce(regexp_matches(${text.node}, ${literal(readPattern(pattern))}), FALSE)`);
}
