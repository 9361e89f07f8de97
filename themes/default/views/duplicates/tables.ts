/** The audit as it is drawn: the matrix of splits, and the accuracy with and without what leaks. */
import { formatCount, html, type Markup } from "../../src/markup.ts";
import { formatShare } from "../../src/values.ts";
import { WAYS, type Accuracy, type Audit, type Cell, type Way } from "./audit.ts";
import type { Scene } from "./scene.ts";
import { say, sayCount } from "../../src/words.ts";

const WORDS: Readonly<Record<Way, string>> = { exact: "exact", near: "near", any: "any" };

export function auditMarkup(scene: Scene): Markup | null {
  const { audit } = scene;
  if (!audit) return null;
  return html`${matrixMarkup(audit, scene)}${audit.accuracies.length ? accuracyMarkup(audit.accuracies) : null}`;
}

/** Cells that name rows of one split that another repeats; those on the diagonal are within one. */
function matrixMarkup({ splits, matrix }: Audit, scene: Scene): Markup {
  const rows = splits.flatMap(({ split, rows: n }) =>
    WAYS.map((way, index) => {
      const cells = matrix[way].filter((cell) => cell.split === split);
      return html`<tr class="${index === 0 ? "duplicates-first" : ""}">
        ${
          index === 0 &&
          html`<th scope="rowgroup" rowspan="${WAYS.length}">
            ${split}<span class="duplicates-n"
              >${sayCount(n, "{n} sample", "{n} samples", { n: formatCount(n) })}</span
            >
          </th>`
        }
        <th scope="row">${WORDS[way]}</th>
        ${cells.map((cell) => cellMarkup(cell, way, scene))}
      </tr>`;
    }),
  );
  return html`<table class="duplicates-matrix">
    <caption>
      ${say("Samples of one split that are repeated in another")}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Of split")}</th>
        <th scope="col">${say("by")}</th>
        ${splits.map(({ split }) => html`<th scope="col" class="number">${say("in {split}", { split })}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function cellMarkup({ split, other, rows, repeated }: Cell, way: Way, { passing, state }: Scene): Markup {
  const n = repeated.length;
  const share = html`<span class="duplicates-n">${formatShare(rows ? n / rows : Number.NaN)}</span>`;
  if (n === 0) return html`<td class="number"><span class="duplicates-none">0</span></td>`;
  const isChosen = repeated.every(({ id }) => state.ids.includes(id));
  const left = passing && repeated.filter(({ id }) => passing.has(id)).length;
  const isLeak = split !== other;
  return html`<td class="number${isLeak ? " duplicates-leak" : ""}">
    <button
      type="button"
      data-cell="${JSON.stringify([way, split, other])}"
      data-key="cell-${way}-${split}-${other}"
      aria-pressed="${String(isChosen)}"
      title="${sayCount(n, "Select the {n} sample of {split}", "Select the {n} samples of {split}", { n: formatCount(n), split })}"
    >
      <b>${formatCount(n)}</b>
      ${share}${left === null ? null : html`<span class="duplicates-n"> ${say("{left} pass", { left: formatCount(left) })}</span>`}
    </button>
  </td>`;
}

function accuracyMarkup(accuracies: readonly Accuracy[]): Markup {
  return html`<table class="duplicates-accuracy">
    <caption>
      ${say("Accuracy with and without the samples that leak")}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Split")}</th>
        <th scope="col">${say("Samples")}</th>
        <th scope="col" class="number">n</th>
        <th scope="col" class="number">${say("Accuracy")}</th>
        <th scope="col" class="number">${say("95% interval")}</th>
      </tr>
    </thead>
    <tbody>
      ${accuracies.map(
        ({ split, samples, rows, correct, low, high }, index) =>
          html`<tr class="${index % 4 === 0 ? "duplicates-first" : ""}">
            ${index % 4 === 0 && html`<th scope="rowgroup" rowspan="4">${split}</th>`}
            <th scope="row">${samples}</th>
            <td class="number">${formatCount(rows)}</td>
            <td class="number">${rows ? formatShare(correct / rows) : say("undefined")}</td>
            <td class="number">${low === null ? "–" : `${formatShare(low)} – ${formatShare(high!)}`}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
