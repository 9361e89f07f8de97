/**
 * Labels beside what a model takes their samples for: a row a label, the most disagreements first, and in it the classes
 * by how many samples are taken for them. Columns of their own are there on demand.
 */
import { imageMarkup } from "../../src/cards.ts";
import { choiceMarkup } from "../../src/choice.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import { scalar } from "../../src/data/result.ts";
import { formatCell, formatCount, formatNumber, html, type Markup } from "../../src/markup.ts";
import { rampStep } from "../../src/ramp.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { queries } from "./queries.ts";
import { sceneOf, type Drawn, type Row, type Scene } from "./rows.ts";
import { accept, isSame, readState } from "./state.ts";
import { noSamples } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

/** Side of a cell's image in px, and of its histogram. */
const SIDE = 40;
const BAR = 5;
const HEIGHT = 18;

/** Below this share of the greatest score a cell is not shaded, as by a logarithm it would be nearly white. */
const FAINT = 0.1;

export function partsOf(scene: Scene): Record<string, Markup | null> {
  return { order: orderMarkup(scene), rows: rowsMarkup(scene) };
}

export function shownOf(
  options: Options,
  results: Results,
  written: ViewState,
  context: Context,
  decided: Iterable<Decision> = [],
): Scene {
  return sceneOf(options, results, readState(options, written), context, decided);
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const scene = shownOf(options, results, state, context);
  const parts = partsOf(scene);
  return {
    ...framedOf(scene),
    body: html`<div data-part="order">${parts["order"]}</div>
      <div class="errors-frame" tabindex="0" role="group" aria-label="${say("Labels and predictions")}">
        <div data-part="rows">${parts["rows"]}</div>
      </div>`,
    description: describe(scene),
  };
}

export function framedOf(scene: Scene): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { results, left, options } = scene;
  return {
    rows: scalar(results["count"]!, "rows"),
    total: scalar(results["total"]!, "rows"),
    notices:
      left > 0
        ? [
            say("The {rows} labels with most disagreements are shown; {left} more have some.", {
              rows: options.rows,
              left,
            }),
          ]
        : [],
    data: dataTable(scene),
  };
}

function orderMarkup({ state }: Scene): Markup {
  return html`<div class="errors-order" role="group" aria-label="${say("Order of the cells")}">
    ${choiceMarkup("aligned", "no", !state.isAligned, say("By count"), say("Predicted classes by how many samples"))}
    ${choiceMarkup("aligned", "yes", state.isAligned, say("Aligned"), say("Each predicted class in a column of its own"))}
  </div>`;
}

function rowsMarkup(scene: Scene): Markup {
  if (scalar(scene.results["total"]!, "rows") === 0)
    return html`<p class="view-empty">${noSamples(scene.context)}</p>`;
  if (scene.rows.length === 0)
    return html`<p class="view-empty">
      ${say("No sample is left that is predicted otherwise than it is labelled.")}
    </p>`;
  return html`<table class="errors${scene.state.isAligned ? " errors-aligned" : ""}">
    <thead>
      <tr>
        <th scope="col">${say("Label")}</th>
        <th scope="col">${say("As labelled")}</th>
        ${
          scene.state.isAligned
            ? scene.columns.map((name) => html`<th scope="col" title="${name}">${formatCell(name, 14)}</th>`)
            : html`<th scope="col">${say("Predicted to be")}</th>`
        }
      </tr>
    </thead>
    <tbody>
      ${scene.rows.map((row) => rowMarkup(row, scene))}
    </tbody>
  </table>`;
}

function rowMarkup(row: Row, scene: Scene): Markup {
  const agreed = row.agreed
    ? cellMarkup(row.agreed, scene)
    : html`<span class="errors-none">${say("none")}</span>`;
  const find = (name: string): Drawn | undefined => row.cells.find(({ prediction }) => prediction === name);
  const cells = scene.state.isAligned
    ? scene.columns.map((name) => {
        const cell = find(name);
        return html`<td>${cell ? cellMarkup(cell, scene) : ""}</td>`;
      })
    : html`<td>
        <div class="errors-cells">
          ${row.cells.map((cell) => cellMarkup(cell, scene))}${row.left > 0 && html`<span class="errors-left">${say("{left} more", { left: formatCount(row.left) })}</span>`}
        </div>
      </td>`;
  return html`<tr class="errors-row">
    <th scope="row">
      <span class="errors-name" title="${row.label}">${formatCell(row.label, 20)}</span>
      <span class="errors-n"
        >${say("{disagreements} otherwise", { disagreements: formatCount(row.disagreements) })}</span
      >
    </th>
    <td class="errors-agreed">${agreed}</td>
    ${cells}
  </tr>`;
}

function cellMarkup(cell: Drawn, scene: Scene): Markup {
  const { options, state, context, most } = scene;
  const pair = [cell.label, cell.prediction] as const;
  const isAgreed = cell.label === cell.prediction;
  const isChosen = state.cells.some((each) => isSame(each, pair));
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  const image = cell.tile && options.card.cards === "image" ? imageMarkup(cell.tile, sheets, SIDE) : null;
  const shade = isAgreed ? null : shadeOf(cell.score, most);
  return html`<button
    type="button"
    class="errors-cell${cell.passing === 0 ? " errors-out" : ""}"
    data-cell="${JSON.stringify(pair)}"
    data-key="${JSON.stringify(pair)}"
    aria-pressed="${String(isChosen)}"
    title="${inWords(cell)}"
  >
    ${image}<span class="errors-told"
      ><span class="errors-class">${formatCell(cell.prediction, 14)}</span
      ><span class="errors-count">${countInWords(cell)}${twinMark(cell)}</span>${barsMarkup(cell)}</span
    >${shade}
  </button>`;
}

function countInWords({ open, passing, rows }: Drawn): string {
  return passing < rows
    ? say("{passing} of {rows}", { passing: formatCount(passing), rows: formatCount(rows) })
    : formatCount(open);
}

function twinMark({ twins }: Drawn): Markup | null {
  if (twins === 0) return null;
  return html`<span
    class="errors-twin"
    title="${say("{twins} with a near twin of another label or split", { twins: formatCount(twins) })}"
    ><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d="M1,1h7v7h-7zM4,4h7v7h-7z" /></svg
    ><span class="visually-hidden"
      >${say(", {twins} with near twins", { twins: formatCount(twins) })}</span
    ></span
  >`;
}

/** A band below the cell, darker by the logarithm of the score; none for a faint one. */
function shadeOf(score: number, most: number): Markup | null {
  const share = most > 0 ? score / most : 0;
  if (share <= FAINT) return null;
  const step = rampStep(1 - Math.log(share) / Math.log(FAINT));
  return html`<svg class="errors-shade" width="100%" height="4" aria-hidden="true">
    <rect width="100%" height="4" fill="var(--ramp-${Math.max(8, step)})" />
  </svg>`;
}

/** How sure the model is of them: bins from guessing to certain, heights by the logarithm of the count. */
function barsMarkup({ bins }: Drawn): Markup {
  const most = Math.max(1, ...bins);
  const height = (count: number): number => Math.max(2, (Math.log1p(count) / Math.log1p(most)) * HEIGHT);
  // One shape for all: elements of their own, a hundred cells of them, would be most of what a page has to lay out.
  const bars = bins.map((count, bin) =>
    count === 0 ? "" : `M${bin * BAR},${HEIGHT}v-${Number(height(count).toFixed(2))}h${BAR - 1}V${HEIGHT}z`,
  );
  return html`<svg
    class="errors-bars"
    viewBox="0 0 ${bins.length * BAR} ${HEIGHT}"
    width="${bins.length * BAR}"
    height="${HEIGHT}"
    aria-hidden="true"
  >
    <path d="${bars.join("")}" />
  </svg>`;
}

function inWords(cell: Drawn): string {
  const { label, prediction, rows, score } = cell;
  const mean = rows ? formatNumber(Number((score / Math.max(1, cell.open)).toFixed(2))) : "–";
  const said =
    label === prediction
      ? say("predicted as labelled")
      : say("labelled {label}, predicted to be {prediction}", { label, prediction });
  return say("{rows} {said}; mean confidence {mean}", { rows: formatCount(rows), said, mean });
}

function describe({ rows, disagreements }: Scene): string {
  const cells = rows.flatMap((row) => row.cells).sort((a, b) => b.score - a.score);
  const first = cells[0];
  const worst = first
    ? ` ${sayCount(first.open, "The most suspicious pair is {label}, taken for {prediction}: {open} sample.", "The most suspicious pair is {label}, taken for {prediction}: {open} samples.", { label: first.label, prediction: first.prediction, open: formatCount(first.open) })}`
    : "";
  return sayCount(
    disagreements,
    "{disagreements} sample is predicted otherwise than it is labelled.{worst}",
    "{disagreements} samples are predicted otherwise than they are labelled.{worst}",
    {
      disagreements: formatCount(disagreements),
      worst,
    },
  );
}

function dataTable({ rows }: Scene): DataTable {
  const cells = rows.flatMap((row) => [...(row.agreed ? [row.agreed] : []), ...row.cells]);
  return {
    columns: [
      { name: "label", title: say("Label") },
      { name: "prediction", title: say("Prediction") },
      { name: "rows", title: say("Samples") },
      { name: "passing", title: say("Pass") },
      { name: "score", title: say("Summed confidence") },
      { name: "twins", title: say("With near twins") },
    ],
    rows: cells as unknown as Record<string, unknown>[],
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const { cells } = readState(options, written);
  if (cells.length === 0) return [];
  return [
    {
      column: `${options.label.name} → ${options.prediction.name}`,
      values: cells.map(([label, prediction]) => `${label} → ${prediction}`),
    },
  ];
}

export const view: View<Options> = {
  name: "error-matrix",
  summary:
    "Labels beside what a model takes their samples for: the most disagreements first, each with an image, how sure the model is, and near twins; columns are aligned on demand.",
  options: MEANINGS,
  parse,
  queries: (options, _results, context) => queries(options, context),
  render,
  accept,
  selected,
};
