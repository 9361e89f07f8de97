// Builds the theme into dist/: the bundle for V8, the bundles for the page, DuckDB-WASM, styles, fonts, licences.
import { build, transform } from "esbuild";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  renameSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { inflateSync } from "node:zlib";
import { fileURLToPath, pathToFileURL } from "node:url";
import { scoped } from "./scripts/scope.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "dist");
const out = join(here, ".dist.tmp");
const modules = join(here, "node_modules");
const FONTS = ["latin", "latin-ext", "cyrillic", "greek"].map(
  (subset) => `inter-${subset}-wght-normal.woff2`,
);

const shared = {
  bundle: true,
  minify: true,
  legalComments: "none",
  target: "es2022",
  charset: "utf8",
  absWorkingDir: here,
  metafile: true,
};

/** The bundles; the metafiles say which packages went in. */
async function bundles() {
  const file = (name) => join(out, name);
  const results = await Promise.all([
    build({
      ...shared,
      entryPoints: ["src/static/main.ts"],
      format: "iife",
      globalName: "sitegen",
      outfile: file("static.js"),
    }),
    build({ ...shared, entryPoints: ["src/static/layout.ts"], format: "iife", outfile: file("layout.js") }),
    build({
      ...shared,
      entryPoints: ["src/data/worker.ts"],
      format: "iife",
      outfile: file("duckdb-worker.js"),
    }),
    live(),
    build({ ...shared, entryPoints: ["src/edit/main.ts"], format: "esm", outfile: file("editor.js") }),
    build({
      ...shared,
      entryPoints: ["src/architecture/print/main.ts"],
      format: "esm",
      loader: { ".woff": "binary" },
      outfile: file("print.js"),
    }),
    build({ ...shared, entryPoints: ["src/search/main.ts"], format: "iife", outfile: file("search.js") }),
    build({ ...shared, entryPoints: ["src/share/main.ts"], format: "iife", outfile: file("share.js") }),
    build({ ...shared, entryPoints: ["src/boot/boot.ts"], format: "iife", outfile: file("boot.js") }),
    build({
      ...shared,
      entryPoints: { notebook: "src/notebook/main.ts", "notebook-loader": "src/notebook/loader.ts" },
      format: "esm",
      outdir: out,
    }),
  ]);
  return results.flatMap((result) => Object.keys(result.metafile.inputs));
}

/** The live module and its pieces, which carry their hashes in their names: they name each other. */
async function live() {
  const result = await build({
    ...shared,
    entryPoints: { live: "src/live/main.ts" },
    format: "esm",
    splitting: true,
    chunkNames: "pieces/[name].[hash]",
    outdir: out,
  });
  writeFileSync(join(out, "modules.json"), JSON.stringify(modulesOf(result.metafile.outputs)));
  return result;
}

/**
 * The live module, its pieces, the editor and what writes for papers once more, as classic scripts: a page that was saved
 * as a single file may load no module. Each leaves a function behind that is given what it requires.
 */
async function classic() {
  const pieces = readdirSync(join(out, "pieces")).map((name) => `pieces/${name}`);
  const scripts = ["editor.js", "live.js", "print.js", ...pieces].sort().map(async (path) => {
    const { code } = await transform(readFileSync(join(out, path), "utf8"), {
      format: "cjs",
      minify: true,
      legalComments: "none",
      target: "es2022",
      charset: "utf8",
      supported: { "dynamic-import": false },
    });
    return [path, `globalThis.sitegenModule=(require,module,exports)=>{${code.trim()}};`];
  });
  writeFileSync(join(out, "classic.json"), JSON.stringify(Object.fromEntries(await Promise.all(scripts))));
}

/** What is loaded beside the live module: always, and by pages that show a view. */
function modulesOf(outputs) {
  const path = (output) => relative(out, join(here, output));
  const needed = (output, found = new Set()) => {
    for (const { path: next, kind } of outputs[output].imports)
      if (kind === "import-statement" && !found.has(next)) needed(next, found.add(next));
    return found;
  };
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint);
  const [[main]] = entries.filter(([output]) => path(output) === "live.js");
  const always = needed(main);
  const views = {};
  for (const [piece, { inputs }] of entries.filter(([output]) => output !== main)) {
    const modules = [piece, ...needed(piece)]
      .filter((each) => !always.has(each))
      .map(path)
      .sort();
    for (const input of Object.keys(inputs)) {
      // What pages with claims load stands beside the views.
      const name = /^views\/([^/]+)\/view\.ts$|^src\/live\/(claims)\.ts$/.exec(input)?.slice(1).find(Boolean);
      if (name) views[name] = modules;
    }
  }
  return { always: [...always].map(path).sort(), views };
}

async function styles() {
  const compiled = join(out, "tokens.mjs");
  await build({ ...shared, entryPoints: ["src/tokens.ts"], format: "esm", outfile: compiled });
  const { tokensCss, within } = await import(pathToFileURL(compiled).href);
  rmSync(compiled);
  const css = sheets("styles") + columnWidths();
  writeFileSync(join(out, "styles.css"), await minified(`${tokensCss()}\n${css}`));
  const tokens = (root) => minified(tokensCss(within(root)));
  const live = await minified(`${css}\n${sheets("styles/notebook", "notebook.css")}`, UNNESTED);
  writeFileSync(join(out, "notebook.css"), (await tokens(LIVE)) + scoped(withFonts(live), LIVE));
  const still = withoutScripts(live + (await minified(sheets("styles/notebook", "still.css"))));
  writeFileSync(join(out, "notebook-still.css"), (await tokens(STILL)) + scoped(still, STILL) + BESIDE);
}

/** The widths that a table's columns have before a script sets them; `widthOf` rounds to these. */
function columnWidths() {
  const widths = Array.from({ length: 60 }, (_, step) => 8 * (step + 4));
  return widths.map((px) => `.table col[data-width="${px}"]{--width:${px}px}`).join("");
}

/** The style sheets of a folder in the order of their names, or the named one. */
function sheets(folder, name = "") {
  const files = readdirSync(join(here, folder)).filter((each) => each.endsWith(".css"));
  const wanted = files.filter((each) => !name || each === name).sort();
  return wanted.map((each) => readFileSync(join(here, folder, each), "utf8")).join("\n");
}

/** Before styles could be nested; scoping them knows no nesting. */
const UNNESTED = { target: "chrome111" };

async function minified(css, settings = {}) {
  const result = await transform(css, { loader: "css", minify: true, charset: "utf8", ...settings });
  return result.code.trim();
}

/** The roots of live views in a notebook, and of the picture that is saved with it. */
const LIVE = ".sitegen-notebook";
const STILL = ".sitegen-still";

/** JupyterLab's word that there is no kernel, beside the picture that stands for it. */
const CHILD = ".jp-OutputArea-child";
const BESIDE = `${CHILD}:has(${STILL})+${CHILD}:not(:has(${LIVE})){display:none}`;

/** With the fonts in it: a notebook has no files beside it. */
function withFonts(css) {
  return css.replace(/url\("?fonts\/([\w-]+\.woff2)"?\)/g, (_, name) => {
    const bytes = readFileSync(join(modules, "@fontsource-variable/inter/files", name));
    return `url("data:font/woff2;base64,${bytes.toString("base64")}")`;
  });
}

/** As where there are no scripts, and without fonts: it stands in every saved output. */
function withoutScripts(css) {
  return css
    .replace(/@media ?\(scripting: ?none\)/g, "@media all")
    .replace(/@media ?\(scripting: ?enabled\)/g, "@media not all")
    .replace(/@font-face\{[^}]*\}/g, "");
}

function copies() {
  mkdirSync(join(out, "fonts"), { recursive: true });
  for (const font of FONTS)
    cpSync(join(modules, "@fontsource-variable/inter/files", font), join(out, "fonts", font));
  printed();
  const duckdb = join(modules, "@duckdb/duckdb-wasm/dist");
  cpSync(join(duckdb, "duckdb-eh.wasm"), join(out, "duckdb-eh.wasm"));
}

/** The font as programs embed it in PDF and PNG: the same letters, unpacked. */
function printed() {
  mkdirSync(join(out, "print"));
  for (const subset of ["latin", "latin-ext", "greek", "cyrillic"])
    for (const weight of [400, 600]) {
      const file = `inter-${subset}-${weight}-normal.woff`;
      const font = unpacked(readFileSync(join(modules, "@fontsource/inter/files", file)));
      writeFileSync(join(out, "print", file.replace(".woff", ".ttf")), font);
    }
}

/** A WOFF 1 file as the TrueType font that it packs. */
function unpacked(woff) {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, index) => {
    const at = 44 + index * 20;
    const [offset, packed, length] = [4, 8, 12].map((place) => woff.readUInt32BE(at + place));
    const bytes = woff.subarray(offset, offset + packed);
    return {
      tag: woff.subarray(at, at + 4),
      sum: woff.readUInt32BE(at + 16),
      length,
      bytes: packed < length ? inflateSync(bytes) : bytes,
    };
  });
  const power = 2 ** Math.floor(Math.log2(count));
  const head = Buffer.alloc(12 + count * 16);
  head.writeUInt32BE(woff.readUInt32BE(4), 0);
  for (const [index, value] of [count, power * 16, Math.log2(power), (count - power) * 16].entries())
    head.writeUInt16BE(value, 4 + index * 2);
  let offset = head.length;
  const bodies = tables.map(({ tag, sum, length, bytes }, index) => {
    const at = 12 + index * 16;
    tag.copy(head, at);
    for (const [place, value] of [sum, offset, length].entries())
      head.writeUInt32BE(value, at + 4 + place * 4);
    const body = Buffer.alloc(Math.ceil(length / 4) * 4);
    bytes.copy(body);
    offset += body.length;
    return body;
  });
  return Buffer.concat([head, ...bodies]);
}

/** The licence of this project, and of every package whose code, font or engine is in dist/. */
function licences(inputs) {
  const named = inputs
    .map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter(Boolean);
  const packages = [
    ...new Set([...named, "@duckdb/duckdb-wasm", "@fontsource-variable/inter", "@fontsource/inter"]),
  ].sort();
  const own = `sitegen (MIT)\n\n${readFileSync(join(here, "../../LICENSE"), "utf8").trim()}\n`;
  writeFileSync(join(out, "licenses.txt"), [own, ...packages.map(licence)].join(`\n${"-".repeat(72)}\n\n`));
}

function licence(name) {
  const folder = join(modules, name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  // A package without its licence's text has it in licenses/; one that is in neither place stops the build.
  const path = file ? join(folder, file) : join(here, "licenses", `${name.replace("/", "+")}.txt`);
  return `${name} ${version} (${license})\n\n${readFileSync(path, "utf8").trim()}\n`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const inputs = await bundles();
await classic();
await styles();
copies();
licences(inputs);
if (existsSync(target)) rmSync(target, { recursive: true });
renameSync(out, target);
