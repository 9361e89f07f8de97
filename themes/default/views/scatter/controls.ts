/** What stands above the plot: the colour, the tools, and what the colours mean. The same at build and live. */
import { rampMarkup, rampStep } from "../../src/ramp.ts";
import { titleOf } from "../../src/data/columns.ts";
import { formatCount, html, type Markup } from "../../src/markup.ts";
import {
  colourTitle,
  inWords,
  nameOfCode,
  variableOfCode,
  type Categories,
  type Colouring,
} from "./colouring.ts";
import type { Options } from "./options.ts";
import { columnOf, FIRST_MODE, hasCategories, hasRegions, type Mode, type ScatterState } from "./state.ts";
import { fitted } from "../../src/shapes.ts";
import { say } from "../../src/words.ts";

interface Tool<Name extends string = string> {
  name: Name;
  title: string;
  /** Strokes in a box of 16 by 16; ours. */
  icon: string;
}

const TOOLS: readonly Tool<Mode>[] = [
  { name: "box", title: say("Select a box"), icon: "M2.5 3.5h11v9h-11z" },
  {
    name: "lasso",
    title: say("Select with a lasso"),
    icon: "M4.5 11.5C1 9 2 3.5 8 3s8 5 4 7.5-7 .5-7.5 1 .5 2-1 2.5",
  },
  {
    name: "pan",
    title: say("Move the plot"),
    icon: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  },
];

const ZOOMS: readonly Tool[] = [
  { name: "in", title: say("Zoom in"), icon: "M8 3v10M3 8h10" },
  { name: "out", title: say("Zoom out"), icon: "M3 8h10" },
  {
    name: "home",
    title: say("Show all"),
    icon: "M2.5 6v-3.5h3.5M10 2.5h3.5v3.5M13.5 10v3.5h-3.5M6 13.5h-3.5v-3.5",
  },
];

function icon(strokes: string): Markup {
  return html`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d="${strokes}" />
  </svg>`;
}

export function controls(options: Options, state: ScatterState): Markup {
  const chosen = columnOf(options, state);
  return html`<div class="scatter-bar">
    <label class="scatter-colour"
      ><span>${say("Colour")}</span
      ><select name="color" autocomplete="off">
        ${options.choices.map(
          (column) =>
            html`<option value="${column.name}" ${column === chosen ? "selected" : ""}>
              ${titleOf(column.name)}
            </option>`,
        )}
        <option value="" ${chosen ? "" : "selected"}>${say("One colour")}</option>
      </select></label
    >
    <div class="scatter-tools">
      <button
        type="button"
        class="scatter-clear"
        data-action="clear"
        ${hasRegions(state) || hasCategories(state) ? "" : "hidden"}
      >
        ${say("Clear")}
      </button>
      <div class="scatter-group" role="group" aria-label="${say("What dragging does")}">
        ${TOOLS.map(
          ({ name, title, icon: strokes }) =>
            html`<button
              type="button"
              data-mode="${name}"
              aria-pressed="${String(name === (state.mode ?? FIRST_MODE))}"
              aria-label="${title}"
              title="${title}"
            >
              ${icon(strokes)}
            </button>`,
        )}
      </div>
      <div class="scatter-group" role="group" aria-label="${say("Zoom")}">
        ${ZOOMS.map(
          ({ name, title, icon: strokes }) =>
            html`<button type="button" data-zoom="${name}" aria-label="${title}" title="${title}">
              ${icon(strokes)}
            </button>`,
        )}
      </div>
    </div>
  </div>`;
}

export interface LegendFacts {
  colouring: Colouring;
  /** Rows that pass, by category number. */
  groups: ReadonlyMap<number, number>;
  picked: ReadonlySet<number> | null;
  /** Rows in the fullest cell; null where points are drawn, though there are too many to draw all. */
  most?: number | null;
  /** What a row is called, in the plural. */
  noun: string;
}

export function legend(facts: LegendFacts): Markup {
  const { colouring, most, noun } = facts;
  return html`<div class="scatter-legend">
    ${colouring.kind === "categories" ? categories(colouring, facts) : null}
    ${colouring.kind === "measure" ? measure(colouring) : null}
    ${most === undefined ? null : density(colouring, most, noun)}
  </div>`;
}

/** A category is a button: it filters the page. */
function categories(colouring: Categories, { groups, picked }: LegendFacts): Markup {
  const shown = colouring.values.length + (colouring.hasOther ? 1 : 0);
  return html`<ul role="list" aria-label="${colourTitle(colouring.column)}">
    ${Array.from({ length: shown }, (_, code) => {
      const isPicked = picked?.has(code) ?? false;
      return html`<li>
        <button
          type="button"
          data-code="${code}"
          aria-pressed="${String(isPicked)}"
          class="${picked && !isPicked ? "scatter-off" : ""}"
          title="${nameOfCode(colouring, code)}"
        >
          ${swatch(variableOfCode(code))}<span class="scatter-name"
            >${withoutMiddle(nameOfCode(colouring, code))}</span
          >
          <span class="scatter-n">${formatCount(groups.get(code) ?? 0)}</span>
        </button>
      </li>`;
    })}
  </ul>`;
}

function swatch(variable: string): Markup {
  return html`<svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
    <circle cx="5" cy="5" r="5" fill="var(--${variable})" />
  </svg>`;
}

function measure({ column, low, high }: Extract<Colouring, { kind: "measure" }>): Markup {
  return html`<p class="scatter-ramp">
    <span>${colourTitle(column)}</span
    ><span>${inWords(column, low)}</span>${rampMarkup("scatter-scale", rampStep)}<span
      >${inWords(column, high)}</span
    >
  </p>`;
}

/** A line that stays while the reader zooms or filters, so that the plot does not jump. */
function density(colouring: Colouring, most: number | null, noun: string): Markup {
  if (most === null)
    return html`<p class="scatter-ramp">
      <span>${say("Points")}</span>${say("each is one of the {noun}", { noun })}
    </p>`;
  if (colouring.kind !== "plain")
    return html`<p class="scatter-ramp">
      <span
        >${say("Density, up to {most} {noun} a cell; zoom for points", { most: formatCount(most), noun })}</span
      >
    </p>`;
  return html`<p class="scatter-ramp">
    <span>${say("Density")}</span><span>1</span>${rampMarkup("scatter-scale", rampStep)}<span
      >${say("{most} {noun} a cell; zoom for points", { most: formatCount(most), noun })}</span
    >
  </p>`;
}

/** Px that a name has in the legend, and how large it is written. */
const NAME = { room: 140, size: 12 };

/** Names that begin alike are told apart by their ends; who listens to them hears all of each. */
function withoutMiddle(name: string): Markup {
  const shown = fitted(name, NAME.room, NAME.size);
  return shown === name
    ? html`${name}`
    : html`<span class="visually-hidden">${name}</span><span aria-hidden="true">${shown}</span>`;
}
