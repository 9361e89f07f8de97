/** The slider from one glyph to every layer. */
import { html, type Markup } from "../markup.ts";
import { say } from "../words.ts";

/** ``level`` is the one that is shown. */
export function sliderMarkup(level: number, deepest: number): Markup {
  return html`<label class="network-detail"
    ><span>${say("Detail")}</span
    ><input
      type="range"
      name="detail"
      min="0"
      max="${deepest}"
      step="1"
      value="${Math.min(level, deepest)}"
      aria-valuetext="${levelInWords(level, deepest)}"
  /></label>`;
}

export function levelInWords(level: number, deepest: number): string {
  if (level === 0) return say("one glyph");
  return level >= deepest ? say("every layer") : say("{level} of {deepest} levels", { level, deepest });
}

/** Shows another level on the slider of a view, unless its reader has just put it there. */
export function showLevel(body: HTMLElement, level: number, deepest: number): void {
  const slider = body.querySelector<HTMLInputElement>("input[name=detail]");
  if (!slider) return;
  slider.max = String(deepest);
  const value = String(Math.min(level, deepest));
  if (slider.value !== value) slider.value = value;
  slider.setAttribute("aria-valuetext", levelInWords(Number(value), deepest));
}
