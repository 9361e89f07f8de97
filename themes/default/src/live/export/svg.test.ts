import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../../tests/charts.ts";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import { view } from "../../../views/vega-lite/view.ts";
import { standaloneSvg, type Picture } from "./svg.ts";

const HOSTILE = `<img src=x onerror="alert(1)"> href="http://evil.example/" url(http://evil.example) var(--x) ]]>`;
const colours = (name: string): string => `#${name.length.toString(16).padStart(6, "0")}`;
const picture: Picture = {
  content: "",
  width: 400,
  height: 100,
  title: "Title",
  caption: ["n = 3", "Report"],
  description: "Bars",
  fonts: "",
};

/** Whether every tag is closed by its like, all attributes are quoted, and no bare sign is left: enough of XML for these. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-zA-Z:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, end, name, _all, empty) => {
      if (end && open.pop() !== name) open.push("broken");
      if (!end && !empty) open.push(name as string);
      return "";
    },
  );
  return open.length === 0 && !/[<]|&(?!(amp|lt|gt|quot|#39|#\d+);)/.test(rest);
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(
    `CREATE TABLE data AS SELECT * FROM (VALUES (1, 'a'), (2, 'a'), (3, '${HOSTILE.replace(/'/g, "''")}')) AS t(id, label)`,
  );
});

async function drawn(): Promise<string> {
  const spec = {
    mark: "bar",
    encoding: { y: { field: "label", type: "nominal" }, x: { aggregate: "count" } },
  };
  const context = contextOf(tableOf({ id: "int32 id", label: "string" }, { rows: 3 }), { spec });
  const results = await answersOf(view, context, engine);
  const { body } = view.render(view.parse(context), results, {}, context);
  return /<svg class="chart"[^>]*>(.*?)<\/svg>/s.exec(body.text)![1]!;
}

test("a chart of the engine's rows becomes a file of its own, whatever its labels say", async () => {
  const content = await drawn();
  expect(content).toContain("var(--");
  const { text, width, height } = standaloneSvg({ ...picture, content, title: HOSTILE }, colours);
  expect(isWellFormed(text)).toBe(true);
  const tags = text.match(/<[a-zA-Z][^<>]*>/g)!;
  expect(tags.filter((tag) => /var\(|href="(?!#)|url\((?!#)|\son\w+=/.test(tag))).toEqual([]);
  expect(text).not.toMatch(/<(img|script|foreignObject|image)/);
  expect(text).toContain(`width="${width}" height="${height}"`);
});

test("colours are those of the theme that is on, and the page's colour lies behind", () => {
  const content = '<path fill="var(--chart-1)" stroke="var(--ramp-12, red)" /><text>var(--chart-1)</text>';
  const { text } = standaloneSvg(
    { ...picture, content },
    (name) => ({ "--chart-1": "#123456" })[name] ?? "#abcdef",
  );
  expect(text).toContain('<path fill="#123456" stroke="#abcdef" />');
  expect(text).toContain("<text>var(--chart-1)</text>");
  expect(text).toMatch(/<rect width="\d+" height="\d+" fill="#abcdef"\/>/);
});

test("nothing in it leads elsewhere; its own parts and data stay", () => {
  const content = [
    '<a href="https://evil.example/"><path /></a>',
    '<image xlink:href="sheet.webp" /><image href="data:image/png;base64,AA==" />',
    '<g clip-path="url(#clip)"><path fill="url(https://evil.example/#a)" /></g>',
    '<use href="#dot" /><path onclick="alert(1)" />',
  ].join("");
  const { text } = standaloneSvg({ ...picture, content }, colours);
  expect(text).not.toMatch(/evil|sheet\.webp|onclick/);
  for (const kept of ['href="data:image/png;base64,AA=="', 'clip-path="url(#clip)"', '<use href="#dot" />'])
    expect(text).toContain(kept);
  expect(isWellFormed(text)).toBe(true);
});

test("title, counts and report stand in it as text, and long ones in lines", () => {
  const { text, height } = standaloneSvg(picture, colours);
  expect(text).toContain(">Title</text>");
  expect(text).toContain(">n = 3 · Report</text>");
  expect(text).toContain("<desc>Bars</desc>");
  const long = standaloneSvg({ ...picture, title: "a long title ".repeat(12) }, colours);
  expect(long.text.match(/font-size="16"/g)!.length).toBeGreaterThan(2);
  expect(long.height).toBeGreaterThan(height);
});

test("signs that XML does not know are left out", () => {
  const { text } = standaloneSvg(
    { ...picture, title: "a\u0000b\u001fc\ud800d\uffff", content: "<text>\u0008x</text>" },
    colours,
  );
  expect(text).toContain(">abc\ufffdd</text>");
  expect(text).toContain("<text>x</text>");
});

test("a file names its fonts, and an image brings them", () => {
  expect(standaloneSvg(picture, colours).text).toMatch(/font-family="Inter Variable, .*sans-serif"/);
  const { text } = standaloneSvg(
    { ...picture, fonts: '@font-face{src:url("data:font/woff2;base64,AA==")}' },
    colours,
  );
  expect(text).toContain("<style>@font-face{src:url(&quot;data:font/woff2;base64,AA==&quot;)}</style>");
});
