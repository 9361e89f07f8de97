/**
 * Answers that a figure was drawn from, kept in the page: while the engine still starts, a live view can already
 * prepare its drawing from them.
 */
import { html, trusted, type Markup } from "./markup.ts";
import type { Results } from "./view.ts";

/** The most that one figure keeps, in characters; views of more prepare nothing. */
const MOST = 12_000;

const SELECTOR = "script.view-answers";

export function answersMarkup(results: Results): Markup | null {
  const answers = Object.values(results);
  if (answers.length === 0 || !answers.every(isWritable)) return null;
  const text = JSON.stringify(results).replace(/</g, "\\u003c");
  if (text.length > MOST) return null;
  return html`<script type="application/json" class="view-answers">
    ${trusted(text)}
  </script>`;
}

export function readAnswers(figure: HTMLElement): Results | null {
  const text = figure.querySelector(SELECTOR)?.textContent;
  return text ? (JSON.parse(text) as Results) : null;
}

/** JSON has no infinities, and would turn NaN into null. */
function isWritable({ columns, rows }: Results[string]): boolean {
  const isPlain = (value: unknown): boolean => typeof value !== "number" || Number.isFinite(value);
  return rows <= MOST && Object.values(columns).every((values) => values.flat(Infinity).every(isPlain));
}
