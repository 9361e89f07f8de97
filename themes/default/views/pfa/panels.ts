/** The parts of a view of principal filter analysis: what is asked, the layers, the curve of one, and its units. */
import { choiceMarkup } from "../../src/choice.ts";
import { objects, scalar, column as valuesOf } from "../../src/data/result.ts";
import {
  formatCount,
  formatNumber,
  html,
  type Markup,
  percent,
  sayMarkup,
  shorten,
} from "../../src/markup.ts";
import { formatShare } from "../../src/values.ts";
import type { Context, Results } from "../../src/view.ts";
import type { Options, Strategy } from "./options.ts";
import { keptOf, layersOf, MOST_LAYERS, MOST_UNITS, ofLayer, shownLayer, type Layer } from "./queries.ts";
import type { PfaState } from "./state.ts";
import { greatest } from "../../src/extremes.ts";
import { noUnits } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

export interface Unit {
  id: string;
  unit: number;
  is_active: boolean;
  place: number | null;
  variance: number;
  correlation: number | null;
  nearest: number | null;
  nearest_correlation: number | null;
}

/** A layer with what the strategy keeps of it; what passes the filters beside. */
export interface Row extends Layer {
  kept: number | null;
  rows: number;
  keptPassing: number;
}

export interface Shown {
  options: Options;
  results: Results;
  state: PfaState;
  context: Context;
  layers: readonly Row[];
  /** The layer that is looked into; null where there is none. */
  layer: Row | null;
  units: readonly Unit[];
  /** Numbers of the units of that layer that pass the filters; null for all. */
  passing: ReadonlySet<number> | null;
  rows: number;
  total: number;
}

export function shownOf(options: Options, results: Results, state: PfaState, context: Context): Shown {
  const kept = keptOf(results, state);
  const passed = results["passing"] ? objects(results["passing"]) : [];
  const found = new Map(passed.map((row) => [String(row["layer"]), row]));
  const layers = layersOf(results).map((layer) => ({
    ...layer,
    kept: kept.get(layer.layer) ?? null,
    rows: Number(found.get(layer.layer)?.["rows"] ?? 0),
    keptPassing: Number(found.get(layer.layer)?.["kept"] ?? 0),
  }));
  const name = shownLayer(options, results, state)?.layer ?? "";
  const layer = layers.find((each) => each.layer === name) ?? null;
  const [total, rows] = ["total", "count"].map((each) => scalar(results[each]!, "rows")) as [number, number];
  const units = layer ? (objects(results[ofLayer("units", name)]!) as unknown as Unit[]) : [];
  const passing =
    layer && rows < total ? new Set(valuesOf(results["unitsPassing"]!, "unit").map(Number)) : null;
  return { options, results, state, context, layers, layer, units, passing, rows, total };
}

/* What is asked */

export const TITLES: Readonly<Record<Strategy, string>> = {
  kl: "KL",
  energy: say("Energy"),
  size: say("Size"),
};

export function strategiesMarkup({ state }: Shown): Markup {
  const buttons = (Object.keys(TITLES) as Strategy[]).map((each) =>
    choiceMarkup("strategy", each, each === state.strategy, TITLES[each]),
  );
  return html`<div
    class="duplicates-kinds units-strategies"
    role="group"
    aria-label="${say("What recommends")}"
  >
    ${buttons}
  </div>`;
}

/** The slider; it stays in place while it is dragged, so it is no part of what is drawn anew. */
export function sliderMarkup({ state }: Shown): Markup {
  const share = shareOf(state);
  return html`<label class="units-slider" ${state.strategy === "kl" ? "hidden" : ""}
    ><span class="visually-hidden">${say("Share that is kept")}</span
    ><input
      type="range"
      name="share"
      min="0"
      max="100"
      step="1"
      value="${Math.round(share * 100)}"
      aria-valuetext="${formatShare(share)}"
  /></label>`;
}

export function shareOf({ strategy, energy, size }: PfaState): number {
  return strategy === "energy" ? energy : size;
}

export function meaningMarkup(shown: Shown): Markup {
  return html`<p class="duplicates-note">${meaning(shown.state)}</p>
    <p class="duplicates-said" role="status">${summary(shown)}</p>`;
}

function meaning({ strategy, energy, size }: PfaState): string {
  if (strategy === "kl")
    return say(
      "Keeps the more of a layer, the more evenly its variance is spread over its principal components.",
    );
  if (strategy === "energy")
    return say("Keeps as many units of each layer as principal components hold {energy} of its variance.", {
      energy: formatShare(energy),
    });
  return say("Keeps {size} of all units, cutting every layer at the same share of its variance.", {
    size: formatShare(size),
  });
}

/** `49 of 82 units would do: 60%.` */
export function summary({ layers }: Shown): string {
  const said = layers.filter(({ kept }) => kept !== null);
  const [units, kept] = [sumOf(said, "units"), sumOf(said, "kept")];
  if (units === 0) return say("No layer has a recommendation.");
  const where = layers.length > 1 ? ` ${say("of {said} layers", { said: formatCount(said.length) })}` : "";
  return say("{kept} of {units} units{where} would do: {kept2}.", {
    kept: formatCount(kept),
    units: formatCount(units),
    where,
    kept2: formatShare(kept / units),
  });
}

function sumOf(layers: readonly Row[], name: "units" | "kept"): number {
  return layers.reduce((sum, layer) => sum + (layer[name] ?? 0), 0);
}

/* Layers */

export function layersMarkup(shown: Shown): Markup {
  const { layers, state, layer: inside } = shown;
  if (layers.length === 0) return html`<p class="view-empty">${say("There are no layers.")}</p>`;
  const most = greatest(
    layers.map(({ units }) => units),
    1,
  );
  const rows = layers.map((row) => {
    return html`<tr class="${row.layer === inside?.layer ? "units-inside" : ""}">
      <th scope="row">
        ${choiceMarkup("layer", row.layer, state.layers.includes(row.layer), shorten(row.layer, 32), say("Look into {layer}, and keep its units", { layer: row.layer }))}
      </th>
      <td class="number">${keptInWords(row, isFiltered(shown))}</td>
      <td class="familiarity-strip">${barMarkup(row, most)}</td>
      <td class="number">${row.kept === null ? "–" : formatShare(row.kept / row.units)}</td>
    </tr>`;
  });
  return html`<table class="familiarity-table units-layers">
    <caption>
      ${say("Units of each layer that would do")}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Layer")}</th>
        <th scope="col" class="number">${say("Kept of units")}</th>
        <th scope="col" class="familiarity-strip">
          <span class="visually-hidden">${say("Drawn")}</span
          >${say("0 to {most}", { most: formatCount(most) })}
        </th>
        <th scope="col" class="number">${say("Share|part")}</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

export function isFiltered({ rows, total }: Shown): boolean {
  return rows < total;
}

function keptInWords(row: Row, hasFilter: boolean): Markup {
  if (row.kept === null)
    return html`<span class="duplicates-none"
      >${say("– of {units}", { units: formatCount(row.units) })}</span
    >`;
  const [kept, units] = hasFilter ? [row.keptPassing, row.rows] : [row.kept, row.units];
  const whole = hasFilter
    ? html`<span class="duplicates-n">
        ${say("({kept} of {units})", { kept: formatCount(row.kept), units: formatCount(row.units) })}</span
      >`
    : null;
  return html`<b>${formatCount(kept)}</b> ${say("of {units}", { units: formatCount(units) })}${whole}`;
}

/** From zero: all units in grey, those kept that pass in colour, those that fill no purpose left out. */
function barMarkup({ units, kept, keptPassing }: Row, most: number): Markup {
  const percent = (value: number): string => `${Number(((value / most) * 100).toFixed(2))}%`;
  const tick =
    kept === null
      ? null
      : html`<line class="units-mark" x1="${percent(kept)}" x2="${percent(kept)}" y1="1" y2="15" />`;
  return html`<svg width="100%" height="16" aria-hidden="true">
    <rect class="units-whole" width="${percent(units)}" y="3" height="10" />
    <rect class="units-bar" width="${percent(keptPassing)}" y="3" height="10" />
    ${tick}
  </svg>`;
}

/* The curve */

interface Point {
  component: number;
  energy: number;
}

export function pointsOf({ results, layer }: Shown): Point[] {
  return layer ? (objects(results[ofLayer("curve", layer.layer)]!) as unknown as Point[]) : [];
}

/** The curve is drawn in a box of its own that is stretched; words stand around it at their own size. */
export function curveMarkup(shown: Shown): Markup | null {
  const { layer } = shown;
  if (!layer) return null;
  const points = pointsOf(shown);
  if (points.length === 0)
    return html`<p class="view-empty">
      ${say("Nothing in {layer} varies: it has no components.", { layer: layer.layer })}
    </p>`;
  const x = (component: number): number => (component / layer.units) * 100;
  const path = [
    `M0 100`,
    ...points.map(({ component, energy }) => `L${fixed(x(component))} ${fixed(100 - energy * 100)}`),
  ];
  const at = layer.kept === null ? null : { x: x(layer.kept), energy: energyAt(points, layer.kept) };
  return html`<div class="units-curve">
    <p class="units-caption">
      ${sayMarkup("Variance in the first components of {layer}; dotted, if all held alike", { layer: html`<b>${shorten(layer.layer, 40)}</b>` })}
    </p>
    <svg width="100%" height="${TOP + HEIGHT + 34}" role="img" aria-label="${curveInWords(shown)}">
      ${[0, 0.5, 1].map((share) => gridMarkup(share))}
      <svg
        y="${TOP}"
        width="100%"
        height="${HEIGHT}"
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        overflow="visible"
      >
        <path class="units-even" d="M0 100L100 0" vector-effect="non-scaling-stroke" />
        <path class="units-line" d="${path.join("")}" vector-effect="non-scaling-stroke" />
        ${at && html`<path class="units-cut" d="M${fixed(at.x)} 0V100" vector-effect="non-scaling-stroke" />`}
      </svg>
      ${[0.5, 1].map((share) => gridLabelMarkup(share))} ${at && cutMarkup(layer, at)}
      <text class="histogram-tick" x="0" y="${TOP + HEIGHT + 16}">0</text>
      ${underMarkup("tick", "100%", 16, "end", formatCount(layer.units))}
      ${underMarkup("title", "50%", 30, "middle", say("Principal components"))}
    </svg>
  </div>`;
}

/** Words below the curve, without spaces around them: Firefox would leave room for these. */
function underMarkup(name: string, x: string, down: number, anchor: string, text: string): Markup {
  const y = TOP + HEIGHT + down;
  return html`<text class="histogram-${name}" x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

/** Heights in px: of the words above the curve, and of the curve. */
const TOP = 22;
const HEIGHT = 140;

const fixed = (value: number): string => String(Number(value.toFixed(2)));

const heightOf = (share: number): number => TOP + (1 - share) * HEIGHT;

function gridMarkup(share: number): Markup {
  const y = heightOf(share);
  return html`<line class="units-grid" x1="0" x2="100%" y1="${y}" y2="${y}" />`;
}

/** Drawn after the curve and clear of it, which ends at the upper line. */
function gridLabelMarkup(share: number): Markup {
  return html`<text class="histogram-tick" x="100%" y="${heightOf(share) - 7}" text-anchor="end"
    >${percent(String(Math.round(share * 100)))}</text
  >`;
}

function cutMarkup({ kept }: Row, at: { x: number; energy: number | null }): Markup | null {
  if (at.energy === null || kept === null) return null;
  const anchor = at.x > 60 ? "end" : "start";
  return html`<text
    class="histogram-label"
    x="${fixed(at.x)}%"
    y="${TOP + HEIGHT - 10}"
    dx="${anchor === "end" ? -6 : 6}"
    text-anchor="${anchor}"
    >${say("{kept} hold {energy}", { kept: formatCount(kept), energy: formatShare(at.energy) })}</text
  >`;
}

/** Between two points of a curve of many components the lower one counts. */
export function energyAt(points: readonly Point[], component: number): number | null {
  const before = points.filter((point) => point.component <= component);
  return before.length ? before.at(-1)!.energy : null;
}

export function curveInWords(shown: Shown): string {
  const { layer } = shown;
  if (!layer) return say("No layer.");
  const at = layer.kept === null ? null : energyAt(pointsOf(shown), layer.kept);
  const cut =
    at === null
      ? ""
      : ` ${say("{kept} of them hold {at} of its variance.", { kept: formatCount(layer.kept!), at: formatShare(at) })}`;
  return say("The {units} units of {layer} have {rank} components that vary.{cut}", {
    units: formatCount(layer.units),
    layer: layer.layer,
    rank: formatCount(layer.rank),
    cut,
  });
}

/* Units */

const KINDS = [
  { name: "kept", title: say("Kept") },
  { name: "spare", title: say("Not needed") },
  { name: "inactive", title: say("Never vary") },
] as const;

export function kindOfUnit({ layer }: Shown, { place }: Unit): (typeof KINDS)[number]["name"] | "unknown" {
  if (place === null) return "inactive";
  if (layer === null || layer.kept === null) return "unknown";
  return place <= layer.kept ? "kept" : "spare";
}

export function unitsMarkup(shown: Shown): Markup | null {
  const { layer, units, state, options } = shown;
  if (!layer) return null;
  const most = state.rows ?? options.rows;
  const listed = units.slice(0, most);
  const left = units.length - listed.length;
  const kinds =
    layer.kept === null ? [{ name: "unknown", title: say("No recommendation") }, KINDS[2]] : KINDS;
  const shownUnits = new Set(listed);
  const groups = kinds.map(({ name, title }) => {
    const all = units.filter((unit) => kindOfUnit(shown, unit) === name);
    const members = all.filter((unit) => shownUnits.has(unit));
    if (all.length === 0) return null;
    return html`<div class="units-group units-${name}">
      <h4>
        ${title} <span class="duplicates-n">${formatCount(all.length)}</span>${
          members.length < all.length &&
          html`<span class="duplicates-n"
            >${say(", {members} of them shown", { members: formatCount(members.length) })}</span
          >`
        }
      </h4>
      <ul role="list">
        ${members.map((unit) => html`<li>${chipMarkup(shown, unit)}</li>`)}
      </ul>
    </div>`;
  });
  return html`<p class="units-caption">
      ${sayMarkup("Which units of {layer} would be kept?", { layer: html`<b>${shorten(layer.layer, 40)}</b>` })}
    </p>
    ${groups}
    ${
      left > 0 &&
      html`<p class="duplicates-left">
        <button type="button" data-action="more" data-key="more">
          ${say("Show {left} more", { left: formatCount(Math.min(left, options.rows)) })}
        </button>
        <span
          >${say("{listed} of {units} units are shown.", { listed: formatCount(listed.length), units: formatCount(units.length) })}</span
        >
      </p>`
    }`;
}

function chipMarkup({ state, passing }: Shown, unit: Unit): Markup {
  const isOut = passing !== null && !passing.has(unit.unit);
  const said = unitInWords(unit).map(({ name, value }) => `${name} ${value}`);
  return html`<button
    type="button"
    class="units-chip ${isOut ? "units-out" : ""}"
    data-unit="${unit.id}"
    data-key="unit-${unit.id}"
    aria-pressed="${String(state.ids.includes(unit.id))}"
    aria-label="${said.join(", ")}"
  >
    ${unit.unit}
  </button>`;
}

export function unitInWords(unit: Unit): { name: string; value: string }[] {
  return [
    { name: say("Unit"), value: String(unit.unit) },
    { name: say("Variance"), value: formatNumber(unit.variance) },
    ...(unit.place === null ? [] : [{ name: say("Place of keeping"), value: formatCount(unit.place) }]),
    ...(unit.correlation === null
      ? []
      : [
          {
            name: say("Mean correlation with others"),
            value: formatNumber(Number(unit.correlation.toFixed(3))),
          },
        ]),
    ...(unit.nearest === null
      ? []
      : [
          {
            name: say("Most like unit"),
            value: say("{nearest}, correlation {nearest_correlation}", {
              nearest: unit.nearest,
              nearest_correlation: formatNumber(Number(unit.nearest_correlation!.toFixed(3))),
            }),
          },
        ]),
  ];
}

const unitsInWords = (units: number): string =>
  sayCount(units, "{n} unit", "{n} units", { n: formatCount(units) });

/** What cannot be said, and why. */
export function noticesOf(shown: Shown): string[] {
  const { layers, total, context } = shown;
  const few = layers.filter(({ is_enough: isEnough }) => !isEnough);
  const still = layers.filter(({ is_enough: isEnough, rank }) => isEnough && rank === 0);
  const named = (rows: readonly Row[]): string =>
    rows
      .slice(0, 5)
      .map(({ layer, units, inputs }) =>
        say("{layer} ({units}, {inputs} inputs)", {
          layer,
          units: unitsInWords(units),
          inputs: formatCount(inputs),
        }),
      )
      .join(", ") + (rows.length > 5 ? ` ${say("and {rows} more", { rows: rows.length - 5 })}` : "");
  return [
    ...(total === 0 ? [noUnits(context)] : []),
    ...(few.length
      ? [say("Too few inputs for a recommendation, more than units are needed: {few}.", { few: named(few) })]
      : []),
    ...(still.length
      ? [say("Nothing varies, so nothing is recommended: {still}.", { still: named(still) })]
      : []),
    ...cutInWords(shown),
  ];
}

/** What a cap leaves out. */
function cutInWords({ layers, layer, units }: Shown): string[] {
  return [
    ...(layers.length > 0 && layers.length < layers[0]!.all
      ? [
          say("The first {most} of {all} layers are listed.", {
            most: MOST_LAYERS,
            all: formatCount(layers[0]!.all),
          }),
        ]
      : []),
    ...(layer && units.length >= MOST_UNITS && units.length < layer.units
      ? [
          say("The first {most} of {all} units of {layer} are listed.", {
            most: formatCount(MOST_UNITS),
            all: formatCount(layer.units),
            layer: layer.layer,
          }),
        ]
      : []),
  ];
}
