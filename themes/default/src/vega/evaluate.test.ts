import { parseExpression } from "vega-expression";
import { expressionInterpreter } from "vega-interpreter";
import { expect, test } from "vitest";
import { compile, expressions, type Syntax } from "./evaluate.ts";
import { textWidth } from "./widths.ts";

type Kinds = typeof expressions;
const interpreter = expressionInterpreter as unknown as Kinds;

const FUNCTIONS = {
  scale: (name: unknown, value: unknown) => `${String(name)}(${String(value)})`,
  isValid: (value: unknown) => value != null && value === value,
} as Parameters<typeof compile>[1];
const PARAMETERS = { $width: 200, $on: true, $name: "a", $list: [3, 1, 2] };
const DATUM = {
  x: 4,
  "y 2": null,
  text: "one two",
  nested: { deep: [1, { a: 7 }] },
  nan: NaN,
  constructor: 5,
};
const EVENT = {
  item: { datum: DATUM },
  clientX: 3,
  vega: { x: () => 12, y: (item: unknown) => (item ? 1 : 2), item: () => ({ mark: "bars" }) },
} as never;

const ast = (text: string): { ast: Syntax } => ({ ast: parseExpression(text) as Syntax });

const EXPRESSIONS = [
  "1 + 2 * 3 - 4 / 5 % 2",
  "7 & 3 | 8 ^ 1",
  "1 << 3 >> 1 >>> 1",
  "-datum.x + +'5' + ~3",
  "!datum.x || datum.text && on",
  "datum['y 2'] === null ? 'none' : width",
  "datum.x == '4'",
  "datum.x != 4 || datum.x !== '4'",
  "datum.x < 5 && datum.x <= 4 && datum.x > 3 && datum.x >= 4",
  "isValid(datum.x) && isFinite(+datum.x)",
  "isValid(datum.nan)",
  "if(datum.x > 3, 'more', datum.missing.deeper)",
  "[datum.x, [name], {a: 1, 'b c': datum.text}]",
  "datum.nested.deep[1]['a'] + list[0]",
  "{a: {b: width}}.a.b",
  "scale('x', datum.x) + _scale('y', 2)",
  "PI + E + LN2 + LN10 + LOG2E + LOG10E + SQRT1_2 + SQRT2 + MIN_VALUE + MAX_VALUE",
  "abs(-1) + ceil(1.2) + exp(0) + floor(1.8) + log(1) + max(1, 2) + min(1, 2) + pow(2, 3) + round(1.5) + sqrt(4)",
  "clamp(5, 0, 3) + sin(1) + hypot(3, 4)",
  "upper(datum.text) + join(split(datum.text, ' '), '-') + length(list) + indexof(list, 1)",
  "year(datetime(2020, 1, 3)) + utcmonth(utc(2020, 4))",
  "test(/o/g, datum.text) && replace(datum.text, /o/g, '0') == '0ne tw0'",
  "sort(list)[0] + reverse(list)[0]",
  "missing",
];

test.each(EXPRESSIONS)("%s is what vega-interpreter makes of it", (text) => {
  const context = { functions: FUNCTIONS };
  const ours = expressions.parameter(context, ast(text));
  const theirs = interpreter.parameter(context, ast(text));
  for (let round = 0; round < 2; round++) expect(ours(DATUM, PARAMETERS)).toEqual(theirs(DATUM, PARAMETERS));
});

test.each(["x(item()) + event.clientX", "y() + y(1) + datum.x", "item().mark", "event.item.datum.text"])(
  "%s, of an event, is what vega-interpreter makes of it",
  (text) => {
    const context = { functions: FUNCTIONS };
    const found = expressions.handler(context, ast(text))(PARAMETERS, EVENT);
    expect(found).toEqual(interpreter.handler(context, ast(text))(PARAMETERS, EVENT));
    expect(found).toBeDefined();
  },
);

test("signals and event filters see what theirs see", () => {
  const context = { functions: FUNCTIONS };
  expect(expressions.operator(context, ast("width * 2"))(PARAMETERS)).toBe(400);
  expect(expressions.event(context, ast("event.clientX > 2"))(EVENT)).toBe(true);
});

test.each([
  "datum.text.constructor.constructor",
  "datum.sub['constructor']['constructor']",
  "{run: datum.text.constructor.constructor}.run",
])("%s gives nothing to run", (text) => {
  const datum = { text: "a", sub: {} };
  const found = ((): unknown => {
    try {
      return expressions.parameter({ functions: FUNCTIONS }, ast(text))(datum, {});
    } catch (error) {
      return error;
    }
  })();
  expect(typeof found).not.toBe("function");
});

test("an object takes no key that all objects share", () => {
  const made = expressions.operator(
    { functions: FUNCTIONS },
    ast("{'__proto__': {a: 1}, b: 2}"),
  )({}) as object;
  expect(made).toEqual({ b: 2 });
  expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
});

test("a tree of an unknown type is refused", () => {
  expect(() => compile({ type: "ThisExpression" }, FUNCTIONS)).toThrow('type "ThisExpression"');
});

const literal = (value: unknown): { ast: Syntax } => ({ ast: { type: "Literal", value } });

test.each(["rect", "symbol", "rule", "group"])("a %s is placed as vega-interpreter places it", (marktype) => {
  const ends = [
    {},
    { x: 9 },
    { x: 9, x2: 3 },
    { x: 1, x2: 3 },
    { x2: 3, width: 2 },
    { xc: 5, width: 4 },
    { x2: 7 },
  ];
  for (const across of ends) {
    for (const down of ends) {
      const vertical = Object.entries(down).map(([name, value]) => [
        name.replace("x", "y").replace("width", "height"),
        value,
      ]);
      const values = { ...across, ...Object.fromEntries(vertical), fill: "red" };
      const channels = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, literal(value)]),
      );
      const [ours, theirs] = [{ datum: {} }, { datum: {} }];
      const encoding = { marktype, channels };
      expect(expressions.encode({ functions: FUNCTIONS }, encoding)(ours, {})).toBe(true);
      interpreter.encode({ functions: FUNCTIONS }, encoding)(theirs, {});
      expect(ours).toEqual(theirs);
    }
  }
});

test("an item that stays as it is says so", () => {
  const encode = expressions.encode(
    { functions: FUNCTIONS },
    { marktype: "rect", channels: { x: ast("datum.x") } },
  );
  const item = { datum: { x: 4 } };
  expect([encode(item, {}), encode(item, {})]).toEqual([true, false]);
  item.datum.x = 5;
  expect(encode(item, {})).toBe(true);
});

test("names that begin alike lose their middle where there is no room for all of it", () => {
  const names = ["Department of Applied Statistics, vision", "Department of Applied Statistics, speech"];
  const drawn = names.map((text) => {
    const channels = { text: literal(text), limit: literal(132), fontSize: literal(12) };
    const item: Record<string, unknown> = {};
    expressions.encode({ functions: FUNCTIONS }, { marktype: "text", channels })(item, {});
    return String(item["text"]);
  });
  expect(drawn[0]).toMatch(/^Departm.*….*vision$/);
  expect(new Set(drawn).size).toBe(2);
  for (const text of drawn) expect(textWidth(text, 12)).toBeLessThanOrEqual(132);
});
