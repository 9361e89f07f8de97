/** A map of the world: each country coloured by how many rows it has or by a mean, and a list of all that have any. */
import { rampMarkup } from "../../src/ramp.ts";
import { choiceMarkup } from "../../src/choice.ts";
import { labelOf } from "../../src/data/columns.ts";
import { scalar } from "../../src/data/result.ts";
import { formatCount, formatNumber, html, trusted, type Markup } from "../../src/markup.ts";
import { formatOf } from "../../src/values.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { countries, HEIGHT, WIDTH } from "./borders.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { placesOf, wholeOf, type Place, type Places } from "./places.ts";
import { queries } from "./queries.ts";
import { stepAt, scaleOf, type Scale } from "./scale.ts";
import { accept, readState } from "./state.ts";
import { noRows } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

/** Countries that the list shows before it is unfolded. */
const LISTED = 12;
/** Names of no country that are told. */
const TOLD = 5;

export interface Shown {
  options: Options;
  context: Context;
  places: Places;
  selected: ReadonlySet<string>;
  /** Whether the countries beyond the first are listed. */
  isUnfolded: boolean;
  scale: Scale;
  isFiltered: boolean;
  rows: number;
  total: number;
}

export function shownOf(options: Options, results: Results, state: ViewState, context: Context): Shown {
  const places = placesOf(results);
  const [rows, total] = ["count", "total"].map((name) => scalar(results[name]!, "rows")) as [number, number];
  const { countries: selected, isUnfolded } = readState(state);
  return {
    options,
    context,
    places,
    selected: new Set(selected),
    isUnfolded,
    scale: scaleOf(options, context.group ? context.group.peers.map(wholeOf) : [places.whole]),
    isFiltered: rows < total,
    rows,
    total,
  };
}

/** The parts that a live view draws anew, by name. */
export function partsOf(shown: Shown): Record<string, Markup | null> {
  return { map: mapMarkup(shown), key: keyMarkup(shown), list: listMarkup(shown) };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const shown = shownOf(options, results, state, context);
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  return {
    ...framedOf(shown),
    body: html`<div class="map-sides">
      <div>${part("map")}${part("key")}</div>
      ${part("list")}
    </div>`,
    description: describe(shown),
    reading: shown.scale ? [scaleInWords(options, shown.scale)] : [],
  };
}

/** What stands around the drawing. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  return { rows: shown.rows, total: shown.total, notices: noticesOf(shown), data: dataTable(shown) };
}

/* The map */

function mapMarkup(shown: Shown): Markup {
  const outlines = [...countries().values()].filter(({ outline }) => outline);
  return html`<svg
    class="map"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    width="100%"
    aria-hidden="true"
    focusable="false"
  >
    ${outlines.map(
      ({ key, outline }) =>
        html`<path
          data-country="${key}"
          class="${classOf(shown, key)}"
          fill="${fillOf(shown, key)}"
          d="${trusted(outline!)}"
        />`,
    )}
  </svg>`;
}

function classOf({ selected, places }: Shown, key: string): string {
  const state = selected.has(key) ? " map-selected" : selected.size ? " map-beside" : "";
  return `${places.whole.has(key) ? "map-country" : "map-empty"}${state}`;
}

function fillOf({ places, scale }: Shown, key: string): string {
  const place = places.passing.get(key);
  if (!place) return places.whole.has(key) ? "var(--chart-grey)" : "var(--page-surface)";
  const step = stepAt(scale, place);
  return step === null ? "var(--chart-grey)" : `var(--ramp-${step})`;
}

/** A country without rows, as the map draws it in light and in dark. */
const EMPTY = html`<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
  <path d="M1 1H11V11H1Z" fill="var(--page-surface)" />
</svg>`;

function keyMarkup(shown: Shown): Markup | null {
  const { scale, options } = shown;
  if (!scale) return null;
  const [first, last] = scale.steps;
  const ramp = rampMarkup("map-ramp", (share) => first + Math.round(share * (last - first)));
  const said = (value: number): string => valueInWords(options, value);
  return html`<p class="map-key">
    <span>${titleOf(options)}</span>
    <span class="map-scale"><span>${said(scale.low)}</span>${ramp}<span>${said(scale.high)}</span></span>
    <span class="map-none">${EMPTY} ${say("no {noun}", { noun: options.noun })}</span>
    <span class="map-out" ${shown.isFiltered ? "" : "hidden"}>${say("grey: filtered out")}</span>
  </p>`;
}

export function titleOf({ mean, noun }: Options): string {
  return mean ? say("Mean of {mean}", { mean: labelOf(mean) }) : `${noun[0]!.toUpperCase()}${noun.slice(1)}`;
}

/** The key in words, for a picture of the map alone. */
function scaleInWords(options: Options, { low, high }: NonNullable<Scale>): string {
  return say("{title}: {low} (faintest) to {high} (strongest colour)", {
    title: titleOf(options),
    low: valueInWords(options, low),
    high: valueInWords(options, high),
  });
}

function valueInWords({ mean }: Options, value: number): string {
  return mean ? formatOf(mean, value) : formatCount(value);
}

/* The list */

function listMarkup(shown: Shown): Markup {
  const { places, options } = shown;
  const all = [...places.whole.values()];
  if (all.length === 0)
    return html`<p class="view-empty">
      ${shown.total === 0 ? noRows(shown.context) : say("No value of {country} names a country.", { country: options.country.name })}
    </p>`;
  const ordered = inOrder(shown, all);
  const rest = ordered.slice(LISTED);
  return html`${tableOf(shown, ordered.slice(0, LISTED), true)}${
    rest.length > 0 &&
    html`<details class="map-rest" data-rest ${shown.isUnfolded ? "open" : ""}>
      <summary data-key="rest">${say("{rest} more", { rest: formatCount(rest.length) })}</summary>
      ${tableOf(shown, rest, false)}
    </details>`
  }`;
}

/** By what colours, the highest first; those that are filtered out come last. */
function inOrder({ options, places }: Shown, all: readonly Place[]): Place[] {
  const valueOf = ({ country }: Place): number => {
    const here = places.passing.get(country.key);
    return (options.mean ? here?.mean : here?.rows) ?? Number.NEGATIVE_INFINITY;
  };
  return [...all].sort((a, b) => valueOf(b) - valueOf(a) || a.country.name.localeCompare(b.country.name));
}

function tableOf(shown: Shown, listed: readonly Place[], isFirst: boolean): Markup {
  const { options } = shown;
  return html`<table class="map-table">
    <thead class="${isFirst ? "" : "visually-hidden"}">
      <tr>
        <th scope="col">${say("Country")}</th>
        ${options.mean && html`<th scope="col" class="number">${titleOf(options)}</th>`}
        <th scope="col" class="number">n</th>
      </tr>
    </thead>
    <tbody>
      ${listed.map((each) => rowOf(shown, each))}
    </tbody>
  </table>`;
}

function rowOf({ options, places, selected, isFiltered }: Shown, { country, rows }: Place): Markup {
  const here = places.passing.get(country.key);
  const n = formatCount(here?.rows ?? 0);
  return html`<tr class="${here ? "" : "map-out"}">
    <th scope="row">
      ${choiceMarkup("country", country.key, selected.has(country.key), country.name, say("Keep the {noun} of {country}", { noun: options.noun, country: country.name }))}
    </th>
    ${options.mean && html`<td class="number">${here?.mean == null ? "–" : valueInWords(options, here.mean)}</td>`}
    <td class="number">
      ${n}${isFiltered && html`<span class="map-of"> ${say("of {rows}", { rows: formatCount(rows) })}</span>`}
    </td>
  </tr>`;
}

/* Words */

/** What the pointer is told of a country. */
export function countryInWords({ options, places }: Shown, key: string): { name: string; value: string }[] {
  const all = places.whole.get(key);
  const here = places.passing.get(key);
  const { name } = countries().get(key)!;
  const rows = formatCount(here?.rows ?? 0);
  const n =
    all && all.rows !== here?.rows ? say("{rows} of {rows2}", { rows, rows2: formatCount(all.rows) }) : rows;
  return [
    { name: say("Country"), value: name },
    ...(options.mean && here?.mean != null
      ? [{ name: titleOf(options), value: valueInWords(options, here.mean) }]
      : []),
    { name: `${options.noun[0]!.toUpperCase()}${options.noun.slice(1)}`, value: n },
  ];
}

function noticesOf({ places, options, total }: Shown): string[] {
  const all = formatCount(total);
  const { noun, country } = options;
  const lost = places.unknown.reduce((sum, { rows }) => sum + rows, 0);
  const told = places.unknown.slice(0, TOLD).map(({ name, rows }) => `${name} (${formatCount(rows)})`);
  const more =
    places.unknown.length > TOLD
      ? ` ${say("and {unknown} more", { unknown: formatCount(places.unknown.length - TOLD) })}`
      : "";
  const small = [...places.whole.values()].filter((each) => !each.country.outline);
  return [
    ...(lost
      ? [
          say("{lost} of {all} {noun} name no country of the map: {told}{more}.", {
            lost: formatCount(lost),
            all,
            noun,
            told: told.join(", "),
            more,
          }),
        ]
      : []),
    ...(places.missing
      ? [
          say("{missing} of {all} {noun} without {country}.", {
            missing: formatCount(places.missing),
            all,
            noun,
            country: country.name,
          }),
        ]
      : []),
    ...(small.length
      ? [
          say("Too small for the map, and in the list only: {small}.", {
            small: small.map((each) => each.country.name).join(", "),
          }),
        ]
      : []),
    ...(places.isCut
      ? [say("Only the most frequent names of {country} are counted.", { country: country.name })]
      : []),
  ];
}

function describe(shown: Shown): string {
  const { places, options } = shown;
  const [first] = inOrder(shown, [...places.whole.values()]);
  const count = sayCount(
    places.passing.size,
    "{passing} country has {noun}",
    "{passing} countries have {noun}",
    {
      passing: formatCount(places.passing.size),
      noun: options.noun,
    },
  );
  const here = first && places.passing.get(first.country.key);
  const value = options.mean ? here?.mean : here?.rows;
  if (!here || value == null) return `${count}.`;
  return say("{count}. {options}: most in {country}, {value}.", {
    count,
    options: titleOf(options),
    country: here.country.name,
    value: formatNumber(value),
  });
}

function dataTable(shown: Shown): DataTable {
  const { options, places } = shown;
  return {
    columns: [
      { name: "country", title: say("Country") },
      { name: "code", title: say("ISO 3166"), say: String },
      ...(options.mean ? [{ name: "mean", title: titleOf(options) }] : []),
      { name: "rows", title: say("Pass") },
      { name: "all", title: say("All") },
    ],
    rows: inOrder(shown, [...places.whole.values()]).map(({ country, rows }) => {
      const here = places.passing.get(country.key);
      return {
        country: country.name,
        code: country.key,
        mean: here?.mean ?? null,
        rows: here?.rows ?? 0,
        all: rows,
      };
    }),
  };
}

function selected({ country }: Options, written: ViewState): Selected[] {
  const { countries: keys } = readState(written);
  return keys.length ? [{ column: country.name, values: keys.map((key) => countries().get(key)!.name) }] : [];
}

export const view: View<Options> = {
  name: "data-map",
  summary: "A map of the world: each country coloured by its rows or by a mean, and a list of the countries.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
};
