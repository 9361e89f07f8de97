/**
 * Vega's expressions without eval, as the page's policy asks: each is compiled to a function of its scope once, and
 * then called for every mark. vega-interpreter walks the tree anew each time and makes six functions for each walk;
 * its table of functions is used here, its way of walking is what the tests compare with.
 */
import { expressionInterpreter } from "vega-interpreter";
import { DisallowedObjectProperties } from "vega-util";
import { fitted } from "../shapes.ts";

/** A node of the tree that `parse(…, {ast: true})` gives. */
export interface Syntax {
  type: string;
  name?: string;
  value?: unknown;
  operator?: string;
  computed?: boolean;
  regex?: { pattern: string; flags: string };
  object?: Syntax;
  property?: Syntax;
  callee?: Syntax;
  left?: Syntax;
  right?: Syntax;
  argument?: Syntax;
  test?: Syntax;
  consequent?: Syntax;
  alternate?: Syntax;
  arguments?: Syntax[];
  elements?: Syntax[];
  properties?: { key: Syntax; value: Syntax }[];
}

type Functions = Readonly<Record<string, (...values: unknown[]) => unknown>>;
type Item = Record<string, unknown>;

interface Context {
  functions: Functions;
}

interface VegaEvent {
  item?: Item;
  vega: Functions;
}

interface Scope {
  parameters?: Readonly<Record<string, unknown>> | undefined;
  datum?: unknown;
  event?: VegaEvent | undefined;
  item?: Item | undefined;
}

type Evaluate = (scope: Scope) => unknown;
type Compile = (node: Syntax, functions: Functions) => Evaluate;

const CONSTANTS: Readonly<Record<string, number>> = {
  NaN,
  E: Math.E,
  LN2: Math.LN2,
  LN10: Math.LN10,
  LOG2E: Math.LOG2E,
  LOG10E: Math.LOG10E,
  PI: Math.PI,
  SQRT1_2: Math.SQRT1_2,
  SQRT2: Math.SQRT2,
  MIN_VALUE: Number.MIN_VALUE,
  MAX_VALUE: Number.MAX_VALUE,
};

/** Called for every mark; the rest of the library's functions are rare. */
const DIRECT: Functions = {
  ...Object.fromEntries(
    (["abs", "ceil", "exp", "floor", "log", "max", "min", "pow", "round", "sqrt"] as const).map((name) => [
      name,
      Math[name],
    ]),
  ),
  isNaN: Number.isNaN,
  isFinite: Number.isFinite,
};

/** Answered by the event, where the pointer is. */
const OF_EVENTS: ReadonlySet<string> = new Set(["view", "item", "group", "xy", "x", "y"]);

/** What an expression must not get hold of: from these it could run anything. */
const FORBIDDEN: ReadonlySet<unknown> = new Set([
  Function,
  globalThis.eval,
  globalThis.setTimeout,
  globalThis.setInterval,
]);

const BINARY: Readonly<Record<string, (a: never, b: never) => unknown>> = {
  "*": (a: number, b: number) => a * b,
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "/": (a: number, b: number) => a / b,
  "%": (a: number, b: number) => a % b,
  ">": (a: number, b: number) => a > b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">=": (a: number, b: number) => a >= b,
  // Vega's expressions compare as JavaScript's loose equality does.
  "==": (a: unknown, b: unknown) => a == b,
  "!=": (a: unknown, b: unknown) => a != b,
  "===": (a: unknown, b: unknown) => a === b,
  "!==": (a: unknown, b: unknown) => a !== b,
  "&": (a: number, b: number) => a & b,
  "|": (a: number, b: number) => a | b,
  "^": (a: number, b: number) => a ^ b,
  "<<": (a: number, b: number) => a << b,
  ">>": (a: number, b: number) => a >> b,
  ">>>": (a: number, b: number) => a >>> b,
};

const UNARY: Readonly<Record<string, (a: never) => unknown>> = {
  "+": (a: unknown) => Number(a),
  "-": (a: number) => -a,
  "~": (a: number) => ~a,
  "!": (a: unknown) => !a,
};

const COMPILERS: Readonly<Record<string, Compile>> = {
  Literal: compileLiteral,
  Identifier: (node) => compileIdentifier(node.name!),
  MemberExpression: compileMember,
  CallExpression: compileCall,
  ArrayExpression: (node, functions) => {
    const elements = node.elements!.map((each) => compile(each, functions));
    return (scope) => elements.map((element) => element(scope));
  },
  BinaryExpression: (node, functions) => {
    const operate = BINARY[node.operator!]! as (a: unknown, b: unknown) => unknown;
    const [left, right] = [compile(node.left!, functions), compile(node.right!, functions)];
    return (scope) => operate(left(scope), right(scope));
  },
  UnaryExpression: (node, functions) => {
    const operate = UNARY[node.operator!]! as (a: unknown) => unknown;
    const argument = compile(node.argument!, functions);
    return (scope) => operate(argument(scope));
  },
  ConditionalExpression: (node, functions) =>
    choice([node.test!, node.consequent!, node.alternate!], functions),
  LogicalExpression: (node, functions) => {
    const [left, right] = [compile(node.left!, functions), compile(node.right!, functions)];
    return node.operator === "&&"
      ? (scope) => left(scope) && right(scope)
      : (scope) => left(scope) || right(scope);
  },
  ObjectExpression: compileObject,
};

/** The function of a tree; throws where the tree holds what Vega's expressions do not know. */
export function compile(node: Syntax, functions: Functions): Evaluate {
  const compiler = COMPILERS[node.type];
  if (!compiler) throw new Error(`an expression of type "${node.type}" cannot be evaluated`);
  return compiler(node, functions);
}

function compileLiteral({ value, regex }: Syntax): Evaluate {
  // Global and sticky patterns remember where they were.
  if (regex && /[gy]/.test(regex.flags)) return () => new RegExp(regex.pattern, regex.flags);
  return () => value;
}

function compileIdentifier(name: string): Evaluate {
  if (name === "datum") return (scope) => scope.datum;
  if (name === "event") return (scope) => scope.event;
  if (name === "item") return (scope) => scope.item;
  if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
  const parameter = `$${name}`;
  return (scope) => scope.parameters?.[parameter];
}

function compileMember(node: Syntax, functions: Functions): Evaluate {
  const object = compile(node.object!, functions);
  const property = keyOf(node.property!, node.computed!, functions);
  return (scope) => {
    const found = (object(scope) as Record<string, unknown>)[property(scope) as string];
    return FORBIDDEN.has(found) ? undefined : found;
  };
}

/** `a.b` and `{b: 1}` name what `a[b]` computes. */
function keyOf(node: Syntax, isComputed: boolean, functions: Functions): Evaluate {
  return !isComputed && node.type === "Identifier" ? () => node.name : compile(node, functions);
}

function compileCall(node: Syntax, functions: Functions): Evaluate {
  // Encoders call some functions by a name of their own.
  const name = node.callee!.name!.replace(/^_/, "");
  if (name === "if") return choice(node.arguments!, functions);
  const values = node.arguments!.map((each) => compile(each, functions));
  if (OF_EVENTS.has(name)) return (scope) => scope.event!.vega[name]!(...values.map((value) => value(scope)));
  const call = functions[name] ?? DIRECT[name] ?? libraryFunction(name);
  return (scope) =>
    call.apply(
      functions,
      values.map((value) => value(scope)),
    );
}

/** One of vega-interpreter's own functions, by having it interpret a call. */
function libraryFunction(name: string): (...values: unknown[]) => unknown {
  const callee = { type: "Identifier", name };
  return (...values) => {
    const literals = values.map((value) => ({ type: "Literal", value }));
    const ast = { type: "CallExpression", callee, arguments: literals };
    return library.operator({ functions: {} }, { ast })({});
  };
}

const library = expressionInterpreter as unknown as {
  operator: (context: Context, expression: { ast: Syntax }) => (parameters: object) => unknown;
};

function choice([test, consequent, alternate]: Syntax[], functions: Functions): Evaluate {
  const [is, then, otherwise] = [test!, consequent!, alternate!].map((each) => compile(each, functions));
  return (scope) => (is!(scope) ? then!(scope) : otherwise!(scope));
}

function compileObject(node: Syntax, functions: Functions): Evaluate {
  const entries = node.properties!.map(
    ({ key, value }) => [keyOf(key, false, functions), compile(value, functions)] as const,
  );
  return (scope) => {
    const evaluated = entries.map(([key, value]) => [key(scope), value(scope)] as const);
    const kept = evaluated.filter(
      ([key, value]) => !DisallowedObjectProperties.has(key as string) && !FORBIDDEN.has(value),
    );
    return Object.fromEntries(kept as [string, unknown][]);
  };
}

interface Expression {
  ast: Syntax;
}

interface Encoding {
  marktype: string;
  channels: Readonly<Record<string, Expression>>;
}

/** Marks whose two ends may come in either order. */
const SWAPPED: ReadonlySet<string> = new Set(["group", "image", "rect"]);

/** What Vega's `expr` option takes: how it makes functions of the expressions of each kind. */
export const expressions = {
  operator({ functions }: Context, { ast }: Expression) {
    const evaluate = compile(ast, functions);
    return (parameters: Scope["parameters"]) => evaluate({ parameters });
  },

  parameter({ functions }: Context, { ast }: Expression) {
    const evaluate = compile(ast, functions);
    return (datum: unknown, parameters: Scope["parameters"]) => evaluate({ datum, parameters });
  },

  event({ functions }: Context, { ast }: Expression) {
    const evaluate = compile(ast, functions);
    return (event: VegaEvent) => evaluate({ event });
  },

  handler({ functions }: Context, { ast }: Expression) {
    const evaluate = compile(ast, functions);
    return (parameters: Scope["parameters"], event: VegaEvent) =>
      evaluate({ parameters, event, datum: event.item?.["datum"] });
  },

  encode({ functions }: Context, { marktype, channels }: Encoding) {
    const names = Object.entries(channels)
      .map(([name, { ast }]) => [name, compile(ast, functions)] as const)
      .sort(([name], [other]) => Number(name === "text") - Number(other === "text"));
    const place =
      marktype === "rule" ? () => undefined : placing(new Set(Object.keys(channels)), SWAPPED.has(marktype));
    return (item: Item, parameters: Scope["parameters"]): boolean => {
      const scope = { parameters, item, datum: item["datum"] };
      let isChanged = false;
      for (const [name, evaluate] of names) {
        const value = name === "text" ? withinLimit(evaluate(scope), item) : evaluate(scope);
        if (item[name] === value) continue;
        item[name] = value;
        isChanged = true;
      }
      place(item);
      return isChanged;
    };
  },
};

const FONT = { size: 11, bold: 700 };

/**
 * A text without its middle where it is longer than its limit: Vega would cut its end off, and names that begin alike
 * would be one.
 */
function withinLimit(text: unknown, item: Item): unknown {
  const { limit, fontSize, fontWeight } = item;
  if (typeof text !== "string" || typeof limit !== "number" || limit <= 0) return text;
  const weight = fontWeight === "bold" ? FONT.bold : Number(fontWeight) || undefined;
  return fitted(text, limit, typeof fontSize === "number" ? fontSize : FONT.size, weight);
}

/** Turns two ends, or a centre, into a place and a size, along both axes. */
function placing(channels: ReadonlySet<string>, isSwapped: boolean): (item: Item) => void {
  const along = (start: string, size: string) => (item: Item) => {
    const [end, centre] = [`${start}2`, `${start}c`];
    const place = item as Record<string, number>;
    if (channels.has(end) && channels.has(start)) {
      if (isSwapped && place[start]! > place[end]!) [place[start], place[end]] = [place[end]!, place[start]!];
      place[size] = place[end]! - place[start]!;
    } else if (channels.has(end)) place[start] = place[end]! - (place[size] || 0);
    if (channels.has(centre)) place[start] = place[centre]! - (place[size] || 0) / 2;
  };
  const [horizontal, vertical] = [along("x", "width"), along("y", "height")];
  return (item) => {
    horizontal(item);
    vertical(item);
  };
}
