import { expect, test } from "vitest";
import { artifactNamed, DIGEST } from "../../tests/artifacts.ts";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Artifact } from "../../src/page.ts";
import type { Drawing } from "../../src/view.ts";
import { formatSeconds, view } from "./view.ts";

const table = tableOf({ id: "int32 id" }, { name: "digits/samples", rows: 5 });
const digits = artifactNamed("digits", {
  inputs: { "datasets/digits": DIGEST },
  parameters: { model: { source: "cnn", parameters: {} } },
  code: "c0".repeat(32),
  libraries: { numpy: "2.4.6" },
  dataset: "digits",
  licence: "CC BY <4.0>",
  source: "A. Author (1998), see https://doi.org/10.24432/C50P49. And <b>javascript:alert(1)</b>",
  seconds: { load: 0.04, train: 123.4 },
  tables: [
    {
      name: "samples",
      description: "one a row",
      rows: 1797,
      bytes: 36866,
      files: [{ file: "samples.parquet", sha256: DIGEST, bytes: 36866, rows: 1797 }],
    },
  ],
});
const projection = artifactNamed("digits-projection", {
  title: "Projection",
  inputs: { "digits/samples": DIGEST },
});

function draw(
  options: object = {},
  shown = table,
  artifacts: Record<string, Artifact> = { digits, "digits-projection": projection },
): Drawing {
  const context = { ...contextOf(shown, { ...options }), artifacts };
  return view.render(view.parse(context), {}, {}, context);
}

const textOf = ({ body }: Drawing): string => body.text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

test("it says what made an artifact, with what, how long it took, and under which licence the data is", () => {
  const text = textOf(draw());
  for (const said of [
    "classification, version 3",
    "Model cnn",
    "Device cpu",
    "Seed 7",
    "2 min 3 s",
    "load 0.04 s",
    "numpy 2.4.6",
    "CC BY &lt;4.0&gt;",
  ])
    expect(text).toContain(said);
});

test("digests are short, whole in their titles, and copied whole", () => {
  const { text } = draw({ sections: ["files"] }).body;
  expect(text).toContain(`title="SHA-256 of samples.parquet: ${DIGEST}"`);
  expect(text).toContain(`data-copy="${DIGEST}"`);
  expect(text).toContain(`>${DIGEST.slice(0, 12)}<`);
  expect(textOf(draw({ sections: ["files"] }))).toMatch(/samples\.parquet 1,797 37 kB 09f66e6debde Copy/);
});

test("the chain goes from what was read to what was made of it", () => {
  expect(textOf(draw({ sections: ["chain"] })).trim()).toBe(
    "Made from datasets/digits dataset This artifact digits Classification Read by digits-projection Projection, reads digits/samples",
  );
  const points = tableOf({ id: "int32 id" }, { name: "digits-projection/points" });
  expect(textOf(draw({ sections: ["chain"] }, points)).trim()).toBe(
    "Made from digits/samples Classification This artifact digits-projection Projection",
  );
});

test("addresses of a citation are links, and nothing else of it is markup", () => {
  const { text } = draw({ sections: ["data"] }).body;
  expect(text).toContain('<a href="https://doi.org/10.24432/C50P49" rel="noreferrer">');
  expect(text.match(/<a /g)).toHaveLength(1);
  expect(text).toContain("&lt;b&gt;javascript:alert(1)&lt;/b&gt;");
  expect(text).not.toMatch(/\sstyle=/);
});

test("what is not known is left out, and without an artifact a sentence says so", () => {
  const bare = draw({}, table, { digits: artifactNamed("digits", { inputs: {}, tables: [] }) });
  expect(textOf(bare)).not.toMatch(/Licence|Libraries|What it read|What it wrote|Made from/);
  expect(draw({}, table, {}).body.text).toContain("Where the table comes from is not known.");
});

test.each([
  [0.04, "0.04 s"],
  [1.234, "1.2 s"],
  [59.7, "60 s"],
  [200, "3 min 20 s"],
])("%d seconds are %s", (seconds, said) => {
  expect(formatSeconds(seconds)).toBe(said);
});

test.each([
  [{ section: ["run"] }, 'did you mean "sections"?'],
  [{ sections: ["fils"] }, 'did you mean "files"?'],
])("the options %j are refused", (options, hint) => {
  expect(() => draw(options)).toThrow(hint);
});
