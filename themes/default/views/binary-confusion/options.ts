/** What an author can write for a binary confusion matrix, and where the score of the positive class is found. */
import { cast, column as columnRef, literal, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { checkNames, readNumber, readText } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export interface Options {
  label: Column;
  /** A number, one number for each class, or the confidence in one of two predictions. */
  score: Column;
  kind: "score" | "list" | "confidence";
  prediction: Column | null;
  positive: string;
  /** The classes that the reader may choose; one where the score is of one class alone. */
  choices: readonly string[];
  classes: readonly string[];
  threshold: number;
  noun: string;
}

export const MEANINGS = {
  label: "the column of labels; the one with that role by default",
  score:
    "the column that says how sure the model is of the positive class, or its probabilities of all classes; found by role by default",
  positive: "the class that is looked for; of two classes the second by default",
  threshold: "samples of this score or more are predicted positive at first; 0.5 by default",
  noun: "what a row is called, in the plural; samples by default",
} as const;

type Written = Readonly<Record<string, unknown>>;

export function parse({ table, request }: Context): Options {
  const written = request.options;
  checkNames("binary-confusion", written, Object.keys(MEANINGS));
  const label = readLabel(table, written);
  const known = kindOf(label) === "boolean" ? ["false", "true"] : table.classes;
  const [score, kind] = readScore(table, written, known);
  const classes = isOfClasses(label, kind) ? known : [];
  const positive = readPositive(written, classes, kind);
  const isChoosable = kind !== "score" && classes.length > 0;
  return {
    ...{ label, score, kind, positive, classes },
    prediction: kind === "confidence" ? withRole(table, "prediction") : null,
    choices: isChoosable ? classes : [positive],
    threshold: readNumber(written, "threshold", 0.5, [-1e12, 1e12]),
    noun: readText(written, "noun") ?? (withRole(table, "id") ? say("samples") : say("rows")),
  };
}

/** The table's classes are those of its labels, and of probabilities; a column beside them has values of its own. */
function isOfClasses(label: Column, kind: Options["kind"]): boolean {
  return kind !== "score" || label.role === "label" || kindOf(label) === "boolean";
}

function readLabel(table: Table, written: Written): Column {
  const name = readText(written, "label");
  const found = name === null ? withRole(table, "label") : findColumn(table, name, "label");
  if (!found)
    throw new ProblemError(
      `table ${table.name} has no column with the role label`,
      "write label: a column's name",
      "label",
    );
  if (["list", "binary", "time"].includes(kindOf(found)))
    throw new ProblemError(`column "${found.name}" is ${found.type}`, "name a column of classes", "label");
  return found;
}

function readScore(table: Table, written: Written, classes: readonly string[]): [Column, Options["kind"]] {
  const name = readText(written, "score");
  const found = name === null ? guessed(table, classes) : findColumn(table, name, "score");
  if (!found)
    throw new ProblemError(
      `table ${table.name} has no score of one class`,
      "write score: a column of numbers, or one with the role probability, such as probabilities; put a view of that table on the page where it is another",
      "score",
    );
  if (kindOf(found) === "list") {
    if (classes.length === 0)
      throw new ProblemError(
        `the classes that "${found.name}" is of are not known`,
        "name a column of one number",
        "score",
      );
    return [found, "list"];
  }
  if (kindOf(found) !== "number")
    throw new ProblemError(
      `column "${found.name}" is ${found.type}, no score`,
      "name a column of numbers",
      "score",
    );
  return [
    found,
    found.role === "confidence" && withRole(table, "prediction") ? checkTwo(found, classes) : "score",
  ];
}

function guessed(table: Table, classes: readonly string[]): Column | null {
  const two = classes.length === 2 ? withRole(table, "confidence") : null;
  return withRole(table, "probability") ?? withRole(table, "score") ?? two;
}

/** Of more classes, the confidence in one says nothing of the positive one. */
function checkTwo(column: Column, classes: readonly string[]): "confidence" {
  if (classes.length === 2) return "confidence";
  throw new ProblemError(
    `"${column.name}" is the confidence in whatever was predicted, and there are ${classes.length} classes`,
    "name a column of the positive class's score, or of all probabilities",
    "score",
  );
}

function readPositive(written: Written, classes: readonly string[], kind: Options["kind"]): string {
  const value = written["positive"];
  if (value === undefined && classes.length > 0 && (kind !== "score" || classes.length === 2))
    return classes[classes.length === 2 ? 1 : 0]!;
  if (!["string", "number", "boolean"].includes(typeof value))
    throw new ProblemError(
      "the view does not say which class is positive",
      "write positive: a class",
      "positive",
    );
  const name = String(value);
  if (classes.length > 0 && !classes.includes(name))
    throw new ProblemError(`"positive" is "${name}", which is no class`, nearest(name, classes), "positive");
  return name;
}

/** How sure the model is of a class; missing where that is no finite number. */
export function scoreOf(options: Options, positive: string): ExprNode {
  const reference = columnRef(options.score.name);
  const value = {
    score: () => cast(reference, "DOUBLE"),
    list: () =>
      cast(sql`list_extract(${reference}, ${literal(options.classes.indexOf(positive) + 1)})`, "DOUBLE"),
    confidence: () =>
      sql`CASE WHEN ${cast(columnRef(options.prediction!.name), "VARCHAR")} = ${literal(positive)} THEN ${cast(reference, "DOUBLE")} ELSE 1 - ${cast(reference, "DOUBLE")} END`,
  }[options.kind]();
  return sql`CASE WHEN isfinite(${value}) THEN ${value} END`;
}

export function isPositive({ label }: Options, positive: string): ExprNode {
  return sql`${cast(columnRef(label.name), "VARCHAR")} = ${literal(positive)}`;
}
