/** A button that chooses one of several things: it is pressed while that is chosen, and found again when drawn anew. */
import { html, type Markup } from "./markup.ts";

/** `kind` names the data attribute that holds the value: fixed text of a view, never from data. */
export function choiceMarkup(
  kind: string,
  value: string,
  isChosen: boolean,
  said: string | Markup,
  title: string | null = null,
): Markup {
  return html`<button
    type="button"
    data-${kind}="${value}"
    data-key="${kind}-${value}"
    aria-pressed="${String(isChosen)}"
    ${title !== null && html`title="${title}"`}
  >
    ${said}
  </button>`;
}
