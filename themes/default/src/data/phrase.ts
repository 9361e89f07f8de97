/** A filter in words: `datum.label == 'cat' && datum.confidence < 0.5` is "label is cat and confidence below 0.5". */
import { parseExpression } from "vega-expression";
import { filled, say, sayNumber } from "../words.ts";

interface Syntax {
  type: string;
  operator?: string;
  left?: Syntax;
  right?: Syntax;
  argument?: Syntax;
  object?: Syntax;
  property?: Syntax;
  computed?: boolean;
  callee?: Syntax;
  arguments?: Syntax[];
  elements?: Syntax[];
  name?: string;
  value?: unknown;
}

const WORDS: Readonly<Record<string, string>> = {
  "==": say("{column} is {value}"),
  "===": say("{column} is {value}"),
  "!=": say("{column} is not {value}"),
  "!==": say("{column} is not {value}"),
  "<": say("{column} below {value}"),
  "<=": say("{column} at most {value}"),
  ">": say("{column} above {value}"),
  ">=": say("{column} at least {value}"),
};

/** The same relation seen from its other side. */
const MIRRORED: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** Null where the filter says more than these words can; it is then shown as it is written. */
export function filterInWords(text: string): string | null {
  try {
    return said(parseExpression(text) as unknown as Syntax);
  } catch {
    // What does not parse is shown as it is written, too; the page says why it was not applied.
    return null;
  }
}

function said(syntax: Syntax): string | null {
  const says: Readonly<Record<string, (syntax: Syntax) => string | null>> = {
    LogicalExpression: saidTogether,
    BinaryExpression: saidRelation,
    UnaryExpression: ({ operator, argument }) => {
      const name = operator === "!" && argument ? columnOf(argument) : null;
      return name && say("not {name}", { name });
    },
    CallExpression: saidRange,
    MemberExpression: columnOf,
  };
  return says[syntax.type]?.(syntax) ?? null;
}

function saidTogether({ operator, left, right }: Syntax): string | null {
  const sides = [left!, right!];
  // Words have no brackets: a mixture of and and or is left as it is.
  const isMixed = sides.some((side) => side.type === "LogicalExpression" && side.operator !== operator);
  const parts = sides.map(said);
  if (isMixed || parts.includes(null)) return null;
  return parts.join(` ${operator === "&&" ? say("and") : say("or")} `);
}

function saidRelation({ operator, left, right }: Syntax): string | null {
  const listed = saidList(operator!, left!, right!);
  if (listed) return listed;
  if (columnOf(left!)) return relation(columnOf(left!)!, operator!, right!);
  const name = columnOf(right!);
  return name && relation(name, MIRRORED[operator!] ?? operator!, left!);
}

function relation(name: string, operator: string, other: Syntax): string | null {
  const words = WORDS[operator];
  const value = columnOf(other) ?? valueOf(other);
  if (words === undefined || value === null) return null;
  if (other.type === "Literal" && other.value === null)
    return /^[!=]/.test(operator) ? filled(words, { column: name, value: say("missing") }) : null;
  return filled(words, { column: name, value });
}

/** `indexof(['a', 'b'], datum.label) >= 0`: one of a list. */
function saidList(operator: string, call: Syntax, zero: Syntax): string | null {
  const isWithin = operator === ">=" && zero.type === "Literal" && zero.value === 0;
  if (!isWithin || call.callee?.name !== "indexof") return null;
  const { name, values } = columnAmong(call.arguments ?? [], 1, 0);
  return name && values?.length
    ? say("{column} is {value}", { column: name, value: values.join(` ${say("or")} `) })
    : null;
}

/** A column and a list of values as a function takes them, in one order or the other. */
function columnAmong(
  given: readonly Syntax[],
  column: number,
  list: number,
): { name: string | null; values: string[] | null } {
  const values = (given[list]?.elements ?? []).map(valueOf);
  const isWhole = values.every((value): value is string => value !== null);
  return { name: given[column] ? columnOf(given[column]) : null, values: isWhole ? values : null };
}

function saidRange({ callee, arguments: given = [] }: Syntax): string | null {
  if (callee?.name !== "inrange") return null;
  const { name, values } = columnAmong(given, 0, 1);
  return name && values?.length === 2
    ? say("{column} from {low} to {high}", { column: name, low: values[0], high: values[1] })
    : null;
}

function columnOf({ type, object, property, computed }: Syntax): string | null {
  if (type !== "MemberExpression" || !["datum", "d"].includes(object?.name ?? "")) return null;
  const name = computed ? property?.value : property?.name;
  return typeof name === "string" ? name : null;
}

function valueOf(syntax: Syntax): string | null {
  if (syntax.type === "Literal" && !(syntax.value instanceof RegExp))
    return typeof syntax.value === "number" ? sayNumber(String(syntax.value)) : String(syntax.value);
  const isNegative = syntax.type === "UnaryExpression" && syntax.operator === "-";
  const number = isNegative ? syntax.argument?.value : undefined;
  return typeof number === "number" ? sayNumber(`−${number}`) : null;
}
