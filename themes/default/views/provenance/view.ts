/** Where an artifact's numbers come from: what made it, of which data, from which inputs, and what is made of it. */
import { above, artifactOf, below } from "../../src/artifacts.ts";
import { formatCount, formatFixed, html, type Markup, shorten } from "../../src/markup.ts";
import { checkNames, readTexts } from "../../src/options.ts";
import type { Artifact } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context, Drawing, View } from "../../src/view.ts";
import { say, sayNumber } from "../../src/words.ts";

export const SECTIONS = ["chain", "run", "data", "inputs", "files"] as const;
type Section = (typeof SECTIONS)[number];

export interface Options {
  sections: readonly Section[];
}

const OPTIONS = { sections: `which parts to show, of ${SECTIONS.join(", ")}; all by default` };

function parse(context: Context): Options {
  const written = context.request.options;
  checkNames("provenance", written, Object.keys(OPTIONS));
  const names = readTexts(written, "sections") ?? [...SECTIONS];
  const unknown = names.find((name) => !(SECTIONS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new ProblemError(`"${unknown}" is no part of a provenance`, nearest(unknown, SECTIONS), "sections");
  return { sections: names as Section[] };
}

function render({ sections }: Options, _results: unknown, _state: unknown, context: Context): Drawing {
  const artifact = artifactOf(context);
  const { rows } = context.table;
  const parts: Record<Section, (shown: Artifact) => Markup | ""> = {
    chain: (shown) => chain(shown, context),
    run,
    data,
    inputs: (shown) => inputs(shown, context),
    files,
  };
  return {
    body: artifact
      ? html`<div class="provenance">${sections.map((section) => parts[section](artifact))}</div>`
      : html`<p class="view-empty">${say("Where the table comes from is not known.")}</p>`,
    rows,
    total: rows,
    notices: [],
    data: null,
    description: artifact ? inWords(artifact) : "",
  };
}

function inWords(artifact: Artifact): string {
  const read = Object.keys(artifact.inputs).join(", ");
  return say("The artifact {artifact} was made by the tool {tool}{more}.", {
    artifact: artifact.name,
    tool: artifact.tool,
    more: read ? ` ${say("from {read}", { read })}` : "",
  });
}

/* What was made from what */

/** Above, this artifact, below: three columns with an arrow between them, one below the other on a phone. */
function chain(artifact: Artifact, { artifacts }: Context): Markup {
  const read = above(artifact, artifacts).map(({ name, artifact: from }) =>
    node(name, from ? madeBy(from) : kindOf(name)),
  );
  const made = below(artifact, artifacts).map(({ table, artifact: by }) =>
    node(by.name, say("{by}, reads {table}", { by: madeBy(by), table })),
  );
  const step = (title: string, nodes: readonly Markup[], isHere: boolean): Markup | "" =>
    nodes.length
      ? html`<li class="provenance-step${isHere ? " provenance-here" : ""}">
          <span class="provenance-title">${title}</span>
          <ul>
            ${nodes}
          </ul>
        </li>`
      : "";
  return html`<ol class="provenance-chain" aria-label="${say("What was made from what")}">
    ${step(say("Made from"), read, false)}${step(say("This artifact"), [node(artifact.name, madeBy(artifact))], true)}${step(say("Read by"), made, false)}
  </ol>`;
}

function node(name: string, said: string): Markup {
  return html`<li class="provenance-node"><code>${shorten(name, 60)}</code><span>${said}</span></li>`;
}

const madeBy = (artifact: Artifact): string => `${artifact.title || artifact.tool}`;

function kindOf(name: string): string {
  const kinds: Record<string, string> = { datasets: say("dataset"), models: say("model") };
  return kinds[name.split("/")[0]!] ?? "table";
}

/* The run */

type Fact = readonly [name: string, said: Markup | string | null];

/** Names and what is said of them; those without anything to say are left out. */
function facts(title: string, entries: readonly Fact[]): Markup | "" {
  const said = entries.filter(([, value]) => value !== null && value !== "");
  if (said.length === 0) return "";
  return html`<section>
    <h4>${title}</h4>
    <table class="facts">
      <tbody>
        ${said.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function run(artifact: Artifact): Markup | "" {
  const steps = Object.entries(artifact.seconds);
  const whole = steps.reduce((total, [, seconds]) => total + seconds, 0);
  const listed = steps.map(([name, seconds]) => `${name} ${formatSeconds(seconds)}`).join(", ");
  const libraries = Object.entries(artifact.libraries).map(([name, version]) => `${name} ${version}`);
  return facts(say("How it was computed"), [
    [
      say("Tool"),
      say("{tool}, version {tool_version}", { tool: artifact.tool, tool_version: artifact.tool_version }),
    ],
    [say("Model"), modelOf(artifact)],
    [say("Device"), artifact.device],
    [say("Seed"), String(artifact.seed)],
    [say("Time"), steps.length ? `${formatSeconds(whole)} (${listed})` : null],
    [say("Libraries"), libraries.join(", ")],
    [say("Code"), artifact.code ? digest(artifact.code, say("the tool's code")) : null],
    [
      say("Run"),
      artifact.key ? digest(artifact.key, say("the run: code, parameters and inputs together")) : null,
    ],
  ]);
}

function modelOf({ parameters }: Artifact): string | null {
  const model = parameters["model"] as { source?: unknown } | undefined;
  return typeof model?.source === "string" ? model.source : null;
}

/** `0.04 s`, `1.2 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 60)
    return say("{seconds} min {seconds2} s", {
      seconds: formatCount(Math.floor(seconds / 60)),
      seconds2: Math.round(seconds % 60),
    });
  return `${sayNumber(seconds >= 10 ? seconds.toFixed(0) : String(Number(seconds.toPrecision(2))))} s`;
}

function data(artifact: Artifact): Markup | "" {
  return facts(say("Which data it is about"), [
    [say("Dataset"), artifact.dataset],
    [say("Licence"), artifact.licence],
    [
      say("Source"),
      artifact.source ? html`<span class="provenance-source">${linked(artifact.source)}</span>` : null,
    ],
  ]);
}

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:)\]]/g;

/** A citation with its addresses as links; everything else of it stays text. */
function linked(text: string): Markup[] {
  const addresses = text.match(ADDRESS) ?? [];
  const between = text.split(ADDRESS);
  return between.map((part, index) => {
    const address = addresses[index];
    return address ? html`${part}<a href="${address}" rel="noreferrer">${address}</a>` : html`${part}`;
  });
}

/* Digests */

/** Hexadecimal digits of a digest that are shown; the whole is in the title, and is what is copied. */
const SHOWN = 12;

/** A digest in short, whole in its title; the button is there once the page is live. */
function digest(sha256: string, of: string): Markup {
  return html`<code class="provenance-digest" title="${say("SHA-256 of {of}: {sha256}", { of, sha256 })}"
      >${sha256.slice(0, SHOWN)}</code
    ><button
      type="button"
      class="provenance-copy"
      data-copy="${sha256}"
      aria-label="${say("Copy the SHA-256 of {of}", { of })}"
    >
      ${say("Copy")}
    </button>`;
}

function inputs(artifact: Artifact, { artifacts }: Context): Markup | "" {
  const read = above(artifact, artifacts);
  if (read.length === 0) return "";
  return listing(
    say("What it read"),
    [say("Input"), say("Kind"), "SHA-256"],
    say("Inputs"),
    read.map(
      ({ name, sha256, artifact: from }) =>
        html`<tr>
          <th scope="row"><code>${name}</code></th>
          <td>${from ? say("table of {from}", { from: madeBy(from) }) : kindOf(name)}</td>
          <td class="provenance-cell">${digest(sha256, name)}</td>
        </tr>`,
    ),
  );
}

function files(artifact: Artifact): Markup | "" {
  if (artifact.tables.length === 0) return "";
  return listing(
    say("What it wrote"),
    [say("File"), say("Rows"), say("Size"), "SHA-256"],
    say("Files"),
    artifact.tables.flatMap((table) =>
      table.files.map(
        (file) =>
          html`<tr>
            <th scope="row"><code title="${table.description}">${file.file}</code></th>
            <td class="number">${formatCount(file.rows)}</td>
            <td class="number">${formatSize(file.bytes)}</td>
            <td class="provenance-cell">${digest(file.sha256, file.file)}</td>
          </tr>`,
      ),
    ),
  );
}

function formatSize(bytes: number): string {
  return bytes >= 1e6 ? `${formatFixed(bytes / 1e6, 1)} MB` : `${formatCount(Math.max(1, bytes / 1e3))} kB`;
}

function listing(title: string, columns: readonly string[], name: string, rows: readonly Markup[]): Markup {
  return html`<section>
    <h4>${title}</h4>
    <div class="facts-scroll" tabindex="0" role="group" aria-label="${name}">
      <table class="facts">
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col" ${NUMBERS.includes(column) ? html`class="number"` : ""}>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

const NUMBERS = [say("Rows"), say("Size")];

export const view: View<Options> = {
  name: "provenance",
  summary:
    "Where a table's numbers come from: tool, code, libraries, device, seed, data with licence and citation, inputs and files with digests.",
  options: OPTIONS,
  parse,
  queries: () => ({}),
  render,
  uncounted: true,
  groups: false,
};
