/** Which fields of a row the expressions and predicates of a spec read, and where they stand. */
import { readExpression, type Syntax } from "../../data/syntax.ts";
import { ProblemError, type Problem } from "../../problem.ts";
import { isObject, type Json } from "../channels.ts";

export interface Read {
  /** The field's name, or what keeps an expression from being read. */
  name: string | Problem;
  path: string;
}

/** What an expression reads of `datum`; a name that it computes itself is not known before. */
export function readsOfExpression(text: string, path: string): Read[] {
  try {
    return [...new Set(namesIn(readExpression(text, "expression")))].map((name) => ({ name, path }));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [{ name: { ...error.problem, path }, path }];
  }
}

/** Without recursion: the tree of a long sum is as deep as the sum is long. */
function namesIn(syntax: Syntax): string[] {
  const names: string[] = [];
  const open: unknown[] = [syntax];
  while (open.length) {
    const next = open.pop();
    if (Array.isArray(next)) for (const part of next) open.push(part);
    else if (isObject(next)) {
      const name = columnOf(next as unknown as Syntax);
      if (name === null) for (const part of Object.values(next)) open.push(part);
      else names.push(name);
    }
  }
  return names;
}

function columnOf({ type, object, property, computed }: Syntax): string | null {
  if (type !== "MemberExpression" || object?.type !== "Identifier" || object.name !== "datum") return null;
  const name = computed ? property?.value : property?.name;
  return typeof name === "string" ? name : null;
}

/** What a predicate reads: an expression, a comparison of a field, or several of them. */
export function readsOfPredicate(written: unknown, path: string): Read[] {
  if (typeof written === "string") return readsOfExpression(written, path);
  if (!isObject(written)) return [];
  const inner = ["and", "or", "not"].flatMap((key) =>
    Array.isArray(written[key])
      ? written[key].flatMap((each, index) => readsOfPredicate(each, `${path}.${key}.${index}`))
      : readsOfPredicate(written[key], `${path}.${key}`),
  );
  const { field } = written;
  const name = typeof field === "string" ? field.replace(/\\(.)/g, "$1") : null;
  return [...inner, ...(name === null ? [] : [{ name, path: `${path}.field` }])];
}

/** Parts of a channel whose expressions speak of a label, not of a row. */
const GUIDES = new Set(["axis", "legend", "header"]);

/** What the tests and expressions within a mark or a channel read. */
export function readsWithin(written: unknown, path: string): Read[] {
  if (Array.isArray(written)) return written.flatMap((each, index) => readsWithin(each, `${path}.${index}`));
  if (!isObject(written)) return [];
  return Object.entries(written).flatMap(([key, value]) => readsOfEntry(key, value, `${path}.${key}`));
}

function readsOfEntry(key: string, value: unknown, path: string): Read[] {
  if (GUIDES.has(key)) return [];
  if (key === "test") return readsOfPredicate(value, path);
  if (key === "expr" && typeof value === "string") return readsOfExpression(value, path);
  return readsWithin(value, path);
}

/** What a transform's own expressions read. */
export function readsOfTransform(transform: Json, path: string): Read[] {
  const { calculate, filter } = transform;
  const calculated = typeof calculate === "string" ? readsOfExpression(calculate, `${path}.calculate`) : [];
  return [...calculated, ...readsOfPredicate(filter, `${path}.filter`)];
}
