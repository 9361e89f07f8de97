/**
 * A notice for those who followed a link that was made for other data: that it was, what differs as far as the site
 * knows, and what of the link's selection is gone. Its numbers are the site's; a link gives none.
 */
import { loadHistory, type DataHistory, type KeptNumber, type KeptTable } from "../data/history.ts";
import { formatCount, formatNumber, html, type Markup } from "../markup.ts";
import { say } from "../words.ts";
import { DIGITS, differenceOf, type Difference } from "./digests.ts";
import { goneIn } from "./gone.ts";
import type { Page } from "./page.ts";

/** Digests of links whose notice the reader closed. */
const closed = new Set<string>();

/** Shows the notice, or takes it away where the page's link gives no reason for one. */
export async function tellChangedData(page: Page): Promise<void> {
  const { linked } = page;
  const difference = differenceOf(page.payload.data, linked);
  const problems = isToolbarThere() ? [] : page.problems;
  const isTold = difference !== null && !closed.has(linked!);
  if (!isTold && problems.length === 0) return take();
  const found = isTold ? await contentOf(page, difference) : null;
  // Meanwhile the reader may have gone on.
  if (page.linked === linked) show(html`${problems.map((text) => html`<p>${text}</p>`)}${found}`, linked);
}

/** The toolbar says what of a link could not be read. */
function isToolbarThere(): boolean {
  return document.querySelector(".view[data-view=toolbar]") !== null;
}

async function contentOf(page: Page, difference: Difference): Promise<Markup> {
  const { data } = page.payload;
  // What cannot be loaded is not known; the notice says so.
  const history = await loadHistory(data!.history).catch((): DataHistory => ({}));
  const gone = await goneIn(page).catch((): string[] => []);
  return differenceMarkup(comparedTables(data!.digests, history, difference), difference, gone);
}

/** A table of the page as it was when the link was made, and as it is now; null for what is not known. */
export interface Compared {
  name: string;
  before: KeptTable | null;
  now: KeptTable | null;
}

/** The tables whose data the link does not name. */
export function comparedTables(
  digests: Readonly<Record<string, string>>,
  history: DataHistory,
  { tables, digests: linked }: Difference,
): Compared[] {
  return tables.map((name) => {
    const kept = Object.hasOwn(history, name) ? history[name]! : [];
    const isNow = ({ digest }: KeptTable): boolean => digest.startsWith(digests[name]!.slice(0, DIGITS));
    return {
      name,
      before: kept.find(({ digest }) => linked.includes(digest.slice(0, DIGITS))) ?? null,
      now: kept.find(isNow) ?? null,
    };
  });
}

/** What the notice says. */
export function differenceMarkup(
  compared: readonly Compared[],
  { digests }: Difference,
  gone: readonly string[],
): Markup {
  const known = compared.filter(({ before }) => before !== null);
  const dates = [...new Set(known.map(({ before }) => before!.date))].sort();
  const others = compared.filter(({ before }) => before === null).map(({ name }) => name);
  const unknown = digests.length - known.length;
  return html`<p class="changed-data-head">
      <strong>${say("The data has changed since this link was made.")}</strong>
      ${dates.length ? say("It showed data of {dates}.", { dates: dates.join(", ") }) : null}
    </p>
    ${gone.map((text) => html`<p>${text}</p>`)}
    ${
      known.length
        ? html`<table>
            <thead>
              <tr>
                <td></td>
                <th scope="col">${say("Then")}</th>
                <th scope="col">${say("Now")}</th>
              </tr>
            </thead>
            ${known.map(tableRows)}
          </table>`
        : null
    }
    ${others.length ? html`<p>${say("Changed or new since: {tables}.", { tables: others.join(", ") })}</p>` : null}
    ${unknown > 0 ? html`<p>${say("The earlier data is not known here.")}</p>` : null} `;
}

function tableRows({ name, before, now }: Compared): Markup {
  const rows = now ? formatCount(now.rows) : "–";
  const numbers = before!.numbers.flatMap((number) => {
    const same = now?.numbers.find(
      ({ column, measure }) => column === number.column && measure === number.measure,
    );
    return same && said(same) !== said(number) ? [{ number, same }] : [];
  });
  return html`<tbody>
    <tr class="changed-data-table">
      <th scope="rowgroup" colspan="3">${name}</th>
    </tr>
    <tr>
      <th scope="row">${say("rows")}</th>
      <td>${formatCount(before!.rows)}</td>
      <td>${rows}</td>
    </tr>
    ${numbers.map(
      ({ number, same }) =>
        html`<tr>
          <th scope="row">${nameOf(number)}</th>
          <td>${said(number)}</td>
          <td>${said(same)}</td>
        </tr>`,
    )}
  </tbody>`;
}

function nameOf({ column, measure }: KeptNumber): string {
  return measure === "share" ? say("{column}, share of rows", { column }) : say("{column}, mean", { column });
}

function said({ measure, value }: KeptNumber): string {
  return measure === "share" ? `${(value * 100).toFixed(1)}%` : formatNumber(value);
}

function take(): void {
  document.querySelector(".changed-data")?.remove();
}

function show(content: Markup, linked: string | undefined): void {
  take();
  const notice = document.createElement("aside");
  notice.className = "changed-data";
  notice.setAttribute("aria-label", say("About this link"));
  const button = html`<button
    type="button"
    class="changed-data-close"
    aria-label="${say("Close this notice")}"
  >
    ×
  </button>`;
  notice.innerHTML = html`<div role="alert">${content}</div>
    ${button}`.text;
  notice.querySelector("button")!.addEventListener("click", () => {
    if (linked !== undefined) closed.add(linked);
    notice.remove();
  });
  document.body.append(notice);
}
