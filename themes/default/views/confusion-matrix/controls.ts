/** What stands above the cells: how they are counted, ordered and drawn, and what the colours mean. */
import { rampMarkup } from "../../src/ramp.ts";
import { titleOf } from "../../src/data/columns.ts";
import { formatCount, html, shorten, type Markup } from "../../src/markup.ts";
import { formatShare } from "../../src/shares.ts";
import { titleOfMeasure } from "./measures.ts";
import type { Model } from "./model.ts";
import { MEASURES, type Normalization, type Options, type Order } from "./options.ts";
import { dimensionsOf } from "./queries.ts";
import { endOf, stepOf } from "./shade.ts";
import { hasSelection, type MatrixState } from "./state.ts";
import { fullName, idOf, type Node } from "./tree.ts";
import { summary } from "./words.ts";
import { say } from "../../src/words.ts";

const COUNTED: Readonly<Record<Normalization, string>> = {
  count: say("Counts"),
  total: say("Share of all"),
  row: say("Share of the label"),
  column: say("Share of the prediction"),
};

const ORDERED: Readonly<Record<Order, string>> = {
  given: say("As given"),
  name: say("By name"),
  frequency: say("Most frequent first"),
  recall: say("Worst recall first"),
  cluster: say("Confused together"),
};

/** Px of a cell below which the reader is offered to zoom. */
export const CROWDED = 40;

const ICONS = {
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  home: "M2.5 6v-3.5h3.5M10 2.5h3.5v3.5M13.5 10v3.5h-3.5M6 13.5h-3.5v-3.5",
} as const;
const ZOOMS = { in: say("Zoom in"), out: say("Zoom out"), home: say("Show all") } as const;

export function controls(model: Model, options: Options, state: MatrixState): Markup {
  const { look } = model;
  return html`<div class="confusion-bar">
      ${choice("normalize", say("Cells show"), COUNTED, look.normalize)}
      ${choice("order", say("Order"), ORDERED, look.order)}
      <label class="confusion-check"
        ><input type="checkbox" name="errors" ${look.errors ? "checked" : ""} />${say("Errors only")}</label
      >
      ${more(model, options, state)}
      <div class="confusion-tools">
        ${groupActions(model, state)}
        <button
          type="button"
          class="confusion-clear"
          data-action="clear"
          ${hasSelection(state) ? "" : "hidden"}
        >
          ${say("Clear")}
        </button>
        ${model.axis.entries.length >= CROWDED ? zooms() : null}
      </div>
    </div>
    ${way(model)}`;
}

function choice<Name extends string>(
  name: string,
  title: string,
  all: Readonly<Record<Name, string>>,
  chosen: Name,
): Markup {
  return html`<label class="confusion-choice"
    ><span>${title}</span
    ><select name="${name}" autocomplete="off">
      ${(Object.entries(all) as [Name, string][]).map(
        ([value, text]) =>
          html`<option value="${value}" ${value === chosen ? "selected" : ""}>${text}</option>`,
      )}
    </select></label
  >`;
}

/** What can be done with the one group that is selected. */
function groupActions({ tree, axis }: Model, { cells, rows = [], columns = [] }: MatrixState): Markup | null {
  const [mark] = [...rows, ...columns];
  if (cells || rows.length + columns.length !== 1 || !mark || "not" in mark) return null;
  const node = tree.nodes.get(idOf(mark));
  if (!node || node.children.length < 2) return null;
  const isOpen = axis.bands.some((band) => band.node === node);
  return html`<button type="button" data-action="toggle" data-key="${node.id}">
      ${isOpen ? say("Close") : say("Open")} ${shorten(node.name, 20)}
    </button>
    <button type="button" data-focus="${node.id}">${say("Look into it")}</button>`;
}

function zooms(): Markup {
  return html`<div class="confusion-group" role="group" aria-label="${say("Zoom")}">
    ${(Object.keys(ICONS) as (keyof typeof ICONS)[]).map(
      (name) =>
        html`<button type="button" data-zoom="${name}" aria-label="${ZOOMS[name]}" title="${ZOOMS[name]}">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${ICONS[name]}" /></svg>
        </button>`,
    )}
  </div>`;
}

/** What is chosen seldom, folded. */
function more(model: Model, options: Options, state: MatrixState): Markup {
  const { look, tree } = model;
  const isDeep = tree.root.children.some((child) => child.children.length > 0);
  return html`<details class="confusion-more">
    <summary>${say("Options")}</summary>
    <div class="confusion-sheet">
      ${choice("scale", say("Scale"), { log: say("Logarithmic"), linear: say("Linear") }, look.scale)}
      ${choice("encoding", say("Drawn as"), { color: say("Colour"), size: say("Size") }, look.encoding)}
      ${
        isDeep
          ? html`${choice("hits", say("A hit of a group"), { within: say("Any label in it"), exact: say("The very label") }, look.hits)}
              <p class="confusion-row">
                <button type="button" data-action="open">${say("Open all")}</button>
                <button type="button" data-action="close">${say("Close all")}</button>
              </p>`
          : null
      }
      ${nesting(options, state)} ${condition(model, options, state)}
      <fieldset>
        <legend>${say("Beside the rows")}</legend>
        ${MEASURES.map(
          (name) =>
            html`<label class="confusion-check"
              ><input
                type="checkbox"
                name="measure"
                value="${name}"
                ${look.measures.includes(name) ? "checked" : ""}
              />${titleOfMeasure(name)}</label
            >`,
        )}
      </fieldset>
    </div>
  </details>`;
}

/** Which columns are nested, in which order: one that is left out is summed over. */
function nesting(options: Options, state: MatrixState): Markup | null {
  if (options.dimensions.length < 2) return null;
  const nested = dimensionsOf(options, state);
  const all = [...nested, ...options.dimensions.keys()].filter(
    (at, index, list) => list.indexOf(at) === index,
  );
  return html`<fieldset>
    <legend>${say("Nested, from the outside")}</legend>
    ${all.map((at) => {
      const name = titleOf(options.dimensions[at]!.label.name);
      const isIn = nested.includes(at);
      const isLast = isIn && nested.length === 1;
      return html`<p class="confusion-row">
        <label class="confusion-check"
          ><input
            type="checkbox"
            name="nest"
            value="${at}"
            ${isIn ? "checked" : ""}
            ${isLast ? "disabled" : ""}
          />${name}</label
        >${
          isIn && nested.indexOf(at) > 0
            ? html`<button
                type="button"
                data-outer="${at}"
                aria-label="${say("Move {name} outwards", { name })}"
              >
                ↑
              </button>`
            : null
        }
      </p>`;
    })}
  </fieldset>`;
}

const MOST_CONDITIONS = 200;

/** The condition of Neo's algebra: only samples of one label, or one prediction, are counted. */
function condition(model: Model, options: Options, state: MatrixState): Markup | null {
  const nested = dimensionsOf(options, state);
  const nodes = [...model.tree.nodes.values()]
    .filter((node) => node.key.length === 1)
    .slice(0, MOST_CONDITIONS);
  const chosen = state.given ? JSON.stringify(state.given) : "";
  const entries = (["actual", "predicted"] as const).flatMap((side) =>
    nodes.map((node) => {
      const value = JSON.stringify({ side, dimension: nested[0]!, value: node.key[0]! });
      const text = `${side === "actual" ? say("Labelled") : say("Predicted")} ${fullName(node.key)}`;
      return { value, text };
    }),
  );
  if (chosen && !entries.some(({ value }) => value === chosen))
    entries.unshift({
      value: chosen,
      text: `${state.given!.side === "actual" ? say("Labelled") : say("Predicted")} ${state.given!.value}`,
    });
  return html`<label class="confusion-choice"
    ><span>${say("Given")}</span
    ><select name="given" autocomplete="off">
      <option value="">${say("Nothing: all are counted")}</option>
      ${entries.map(
        ({ value, text }) =>
          html`<option value="${value}" ${value === chosen ? "selected" : ""}>${text}</option>`,
      )}
    </select></label
  >`;
}

/** The way from all classes to the node looked into; each step leads back. */
function way({ axis }: Model): Markup | null {
  if (axis.way.length === 0) return null;
  const step = (node: Node | null, text: string, isLast: boolean): Markup =>
    isLast
      ? html`<b>${text}</b>`
      : html`<button type="button" data-focus="${node ? node.id : ""}">${text}</button> ›`;
  return html`<p class="confusion-way">
    ${step(null, say("All classes"), false)}
    ${axis.way.map((node, index) => step(node, node.name, index === axis.way.length - 1))}
  </p>`;
}

export function legend(model: Model, options: Options): Markup {
  const { look, axis } = model;
  const { shown, ends } = scaleInWords(model, options);
  return html`<div class="confusion-legend">
    <span class="confusion-summary">${summary(model)}</span>
    <span class="confusion-scale"
      ><span>${shown}</span
      >${look.encoding === "size" ? sizes() : rampMarkup("confusion-ramp", stepOf, 27)}<span
        >${ends}</span
      ></span
    >
    <span class="confusion-scale"
      >${swatch("diagonal")}${look.errors ? say("left out: as labelled") : say("as labelled")}</span
    >
    <span class="confusion-scale" data-key="whole" ${model.isFiltered ? "" : "hidden"}
      >${swatch("grey")}${say("filtered out")}</span
    >
    ${
      axis.entries.length > 140
        ? html`<span class="confusion-scale confusion-still"
            >${say("neighbours share a square; zoom on the live page")}</span
          >`
        : null
    }
  </div>`;
}

/** What the cells show, and from where to where their colours or sizes go. */
export function scaleInWords(model: Model, { noun }: Options): { shown: string; ends: string } {
  const { look } = model;
  const isCount = look.normalize === "count";
  const end = endOf(model);
  return {
    shown: `${isCount ? titleOf(noun) : COUNTED[look.normalize]}${look.scale === "log" ? ` ${say("(log)")}` : ""}`,
    ends: `0 – ${isCount ? formatCount(end) : formatShare(end)}`,
  };
}

function sizes(): Markup {
  return html`<svg viewBox="0 0 44 14" width="44" height="14" aria-hidden="true">
    <path d="M1,9h3v3h-3zM10,6h6v6h-6zM23,2h10v10h-10z" fill="var(--chart-1)" />
  </svg>`;
}

function swatch(kind: "diagonal" | "grey"): Markup {
  const [fill, stroke] = kind === "grey" ? ["var(--chart-grey)", "none"] : ["none", "var(--chart-title)"];
  return html`<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <rect x="1" y="1" width="10" height="10" fill="${fill}" stroke="${stroke}" />
  </svg>`;
}
