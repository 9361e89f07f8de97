/** What a tool was run with: each parameter's value, what it is by default and what it means. */
import { artifactOf, parametersOf, type Parameter } from "../../src/artifacts.ts";
import { formatCount, formatNumber, html, shorten, type Markup } from "../../src/markup.ts";
import { checkNames, readFlag } from "../../src/options.ts";
import type { Artifact } from "../../src/page.ts";
import type { Context, Drawing, View } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export interface Options {
  /** Whether only what differs from its default is shown. */
  changed: boolean;
}

const OPTIONS = { changed: "true for only those that differ from their defaults" };

function parse(context: Context): Options {
  checkNames("parameters", context.request.options, Object.keys(OPTIONS));
  return { changed: readFlag(context.request.options, "changed", false) };
}

/** The longest value that is shown whole. */
const LONGEST = 200;

function formatSetting(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "number")
    return Number.isInteger(value) ? formatNumber(value) : String(value).replace("-", "−");
  if (typeof value === "boolean") return value ? say("yes") : say("no");
  return shorten(typeof value === "string" ? value || say("(empty)") : JSON.stringify(value), LONGEST);
}

function render(options: Options, _results: unknown, _state: unknown, context: Context): Drawing {
  const artifact = artifactOf(context);
  const { rows } = context.table;
  const groups = artifact ? groupsOf(artifact, options) : [];
  const all = groups.flatMap((group) => group.parameters);
  const changed = all.filter((each) => each.isChanged).length;
  return {
    body: all.length ? body(groups) : html`<p class="view-empty">${empty(artifact, options)}</p>`,
    rows,
    total: rows,
    notices: artifact && !options.changed && all.length ? unknown(artifact) : [],
    data: null,
    description: say("Table of {all} parameters; {changed} differ from their defaults.", {
      all: formatCount(all.length),
      changed: formatCount(changed),
    }),
  };
}

interface Group {
  title: string;
  parameters: Parameter[];
}

function groupsOf(artifact: Artifact, { changed }: Options): Group[] {
  const { tool, model } = parametersOf(artifact);
  const groups = [
    { title: say("Tool: {tool}", { tool: artifact.tool }), parameters: tool },
    ...(model
      ? [{ title: say("Model: {source}", { source: model.source }), parameters: model.parameters }]
      : []),
  ];
  return groups
    .map(({ title, parameters }) => ({
      title,
      parameters: parameters.filter((each) => each.isChanged || !changed),
    }))
    .filter((group) => group.parameters.length > 0);
}

function empty(artifact: Artifact | null, { changed }: Options): string {
  if (changed && artifact && artifact.declarations.length) return say("Every parameter is as by default.");
  return changed
    ? say("The artifact does not say what its parameters are by default.")
    : say("The tool has no parameters.");
}

/** Artifacts that were written before they told of defaults. */
function unknown(artifact: Artifact): string[] {
  return artifact.declarations.length
    ? []
    : [
        say(
          "This artifact does not say what its parameters mean and are by default; running its tool again adds it.",
        ),
      ];
}

function body(groups: readonly Group[]): Markup {
  return html`<div class="facts-scroll" tabindex="0" role="group" aria-label="${say("Parameters")}">
    <table class="facts">
      <thead>
        <tr>
          <th scope="col">${say("Parameter")}</th>
          <th scope="col">${say("Value")}</th>
          <th scope="col">${say("Default")}</th>
          <th scope="col">${say("Meaning")}</th>
        </tr>
      </thead>
      ${groups.map(
        ({ title, parameters }) =>
          html`<tbody>
            <tr>
              <th scope="rowgroup" colspan="4" class="facts-group">${title}</th>
            </tr>
            ${parameters.map(row)}
          </tbody>`,
      )}
    </table>
  </div>`;
}

function row({ name, value, default: otherwise, meaning, isChanged }: Parameter): Markup {
  const mark = isChanged ? html` <span class="facts-mark">${say("changed")}</span>` : "";
  return html`<tr ${isChanged ? html`class="facts-changed"` : ""}>
    <th scope="row"><code>${name}</code></th>
    <td>${formatSetting(value)}${mark}</td>
    <td>${formatSetting(otherwise)}</td>
    <td class="facts-meaning">${meaning || "–"}</td>
  </tr>`;
}

export const view: View<Options> = {
  name: "parameters",
  summary:
    "What a tool and its model were run with: each parameter's value, default and meaning; changed ones are marked.",
  options: OPTIONS,
  parse,
  queries: () => ({}),
  render,
  uncounted: true,
  groups: false,
};
