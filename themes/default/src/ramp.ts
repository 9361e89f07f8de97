/** The ramp of colours that stands for numbers, and how a legend shows it. */
import { html, trusted, type Markup } from "./markup.ts";

/** Colours of the ramp, from the page's own to the one that stands out most. */
export const RAMP_STEPS = 64;

/** The step of the ramp for a share from 0 to 1. */
export function rampStep(share: number): number {
  return Math.max(0, Math.min(RAMP_STEPS - 1, Math.round(share * (RAMP_STEPS - 1))));
}

/** `stepAt` gives the ramp's step for a share of the scale; each of the bands is 3 px wide. */
export function rampMarkup(name: string, stepAt: (share: number) => number, bands = 32): Markup {
  const drawn = Array.from(
    { length: bands },
    (_, band) => `<path stroke="var(--ramp-${stepAt(band / (bands - 1))})" d="M${band * 3},4h3"/>`,
  );
  return html`<svg
    class="${name}"
    viewBox="0 0 ${bands * 3} 8"
    width="${bands * 3}"
    height="8"
    aria-hidden="true"
  >
    ${trusted(drawn.join(""))}
  </svg>`;
}
