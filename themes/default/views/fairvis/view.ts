/** How a classifier does in each group of samples: dots on a metric, two groups side by side, groups that stand out. */
import { kindOf, titleOf as columnTitle } from "../../src/data/columns.ts";
import { formatCount, html, shorten, type Markup } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import type { Selected } from "../../src/selected.ts";
import { staticWidths } from "../../src/vega/size.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { draw, nameOf, titleOf, type Shown } from "./drawing.ts";
import { compareMarkup, intervalInWords, shareInWords, similarMarkup, suggestedMarkup } from "./lists.ts";
import { balanceOf, METRICS } from "./metrics.ts";
import { LAYOUTS, MEANINGS, MEANS, parse, type Options } from "./options.ts";
import {
  classesOf,
  groupedOf,
  MOST_GROUPS,
  queries as allQueries,
  readCells,
  wholeName,
  type Counted,
  type Group,
} from "./query.ts";
import { groupInWords } from "./columns.ts";
import { accept, readState, valuesOf, type FairState } from "./state.ts";

function queries(
  options: Options,
  results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return allQueries(options, results, readState(options, state, context), context.table);
}

/** The answers as they are drawn; groups of one page share their axis. */
export function readShown(options: Options, results: Results, state: FairState, context: Context): Shown {
  const by = groupedOf(options, results, state);
  const name = wholeName(by);
  const classes = classesOf(context.table, results[name]!);
  const counted = readCells(results["cells"]!, by, classes, state);
  const unfiltered = readCells(results[name]!, by, classes, state);
  const peers = (context.group?.peers ?? []).flatMap((peer) =>
    peer[name] ? [readCells(peer[name], by, classes, state)] : [],
  );
  const groups = [...counted.groups]
    .sort((a, b) => b.n - a.n)
    .slice(0, MOST_GROUPS)
    .sort((a, b) => counted.groups.indexOf(a) - counted.groups.indexOf(b));
  const isPartial = counted.rows < unfiltered.rows;
  const every = [unfiltered, ...peers, counted];
  const sizes = every.flatMap((each) => each.groups.map(({ n }) => n));
  return {
    by,
    counted,
    unfiltered: { ...unfiltered, groups: unfiltered.groups.slice(0, MOST_GROUPS) },
    groups,
    state,
    classes,
    isPartial,
    span: every.flatMap(valuesOn),
    most: sizes.reduce((most, n) => Math.max(most, n), 1),
  };
}

const valuesOn = (counted: Counted): number[] => [
  ...counted.groups.map(({ measured }) => measured.value),
  counted.whole.value,
];

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = readState(options, written, context);
  const shown = readShown(options, results, state, context);
  const { wide, narrow } = staticWidths(context.request.width);
  const at = (width: number): Markup => draw(shown, width, context.request.height).markup;
  return {
    ...frameOf(options, shown),
    body: html`<div class="fairvis">
      ${controls(options, shown)}
      <p class="fairvis-say">${sentence(shown)}</p>
      <div class="fairvis-plots">
        ${
          shown.groups.length
            ? html`<div class="chart-wide">${at(wide)}</div>
                <div class="chart-narrow">${at(narrow)}</div>`
            : emptyMarkup(shown)
        }
      </div>
      <div class="fairvis-key">${keyMarkup(shown)}</div>
      <div class="fairvis-compare">${compareMarkup(shown)}</div>
      <div class="fairvis-lists">${listsMarkup(options, shown, results)}</div>
    </div>`,
    description: describe(shown),
  };
}

export function emptyMarkup({ unfiltered }: Shown): Markup {
  const reason =
    unfiltered.rows === 0
      ? "The table has no rows."
      : unfiltered.lacking === unfiltered.rows
        ? "No row has both a label and a prediction."
        : "No row passes the filters. Reset them to see the groups.";
  return html`<p class="view-empty">${reason}</p>`;
}

/** Suggested and similar groups are of all samples; a part of a split page says them once, in its whole. */
export function listsMarkup(options: Options, shown: Shown, results: Results): Markup {
  return html`${suggestedMarkup(options, shown, results["suggested"])}${similarMarkup(options, shown, results["similar"])}`;
}

/* Controls */

export function controls(options: Options, { state, classes }: Shown): Markup {
  const names = state.by.map((column) => column.name);
  return html`<div class="fairvis-controls">
    <fieldset class="fairvis-by">
      <legend>Groups by</legend>
      ${options.choices.map(
        ({ name }) =>
          html`<label title="${name}"
            ><input
              type="checkbox"
              name="by"
              value="${name}"
              autocomplete="off"
              ${names.includes(name) ? "checked" : ""}
            /><span>${shorten(columnTitle(name), 28)}</span></label
          >`,
      )}
    </fieldset>
    <label
      >Metric
      <select name="metric" autocomplete="off">
        ${Object.entries(METRICS).map(([name, title]) => option(name, title, state.metric === name))}
      </select></label
    >
    <label
      >of
      <select name="of" autocomplete="off">
        ${ofOptions(state, classes)}
      </select></label
    >
    <label
      >Minimum n
      <input
        type="number"
        name="minimum"
        min="1"
        max="1000000"
        step="1"
        value="${state.minimum}"
        autocomplete="off"
    /></label>
    <div class="fairvis-layouts" role="group" aria-label="Layout">
      ${LAYOUTS.map(
        (layout) =>
          html`<button
            type="button"
            data-layout="${layout}"
            aria-pressed="${String(state.layout === layout)}"
          >
            ${columnTitle(layout)}
          </button>`,
      )}
    </div>
  </div>`;
}

/** Accuracy of all classes is no mean of classes. */
export function ofOptions({ metric, of }: FairState, classes: readonly string[]): Markup {
  const isMean = (MEANS as readonly string[]).includes(of);
  const means =
    metric === "accuracy"
      ? [option(isMean ? of : "macro", "all classes", isMean)]
      : MEANS.map((name) => option(name, `${name} mean`, of === name));
  return html`${means}${classes.map((name) => option(name, shorten(name, 30), of === name))}`;
}

function option(value: string, title: string, isChosen: boolean): Markup {
  return html`<option value="${value}" ${isChosen ? "selected" : ""}>${title}</option>`;
}

/** What the sizes of dots mean. */
export function keyMarkup({ state, most, isPartial, groups }: Shown): Markup {
  const small = groups.filter(({ n }) => n < state.minimum).length;
  const items = [
    html`<span>${dotMarkup("fairvis-dot", 6)} area: samples, up to ${formatCount(most)}</span>`,
    html`<span
      >${dotMarkup("fairvis-dot fairvis-small", 5)} fewer than ${formatCount(state.minimum)}:
      ${formatCount(small)} of ${formatCount(groups.length)} groups</span
    >`,
    html`<span class="fairvis-bar-key">├──┤ interval at 95%</span>`,
    html`<span>line: all samples together, the mean weighted by n</span>`,
  ];
  if (isPartial) items.push(html`<span>${dotMarkup("fairvis-grey", 6)} before the filter</span>`);
  return html`${items}`;
}

function dotMarkup(classes: string, r: number): Markup {
  return html`<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
    <circle class="${classes}" cx="7" cy="7" r="${r}" />
  </svg>`;
}

/* Words */

const large = ({ groups, state }: Shown): Group[] =>
  groups.filter(({ n, measured }) => n >= state.minimum && Number.isFinite(measured.value));

export function inWords({ by, state }: Shown, group: Group): { name: string; value: string }[] {
  const { measured, n } = group;
  return [
    { name: "Group", value: nameOf(by, group) },
    { name: titleOf(state), value: shareInWords(measured.value) },
    { name: "Interval at 95%", value: intervalInWords(measured) },
    { name: "Samples", value: formatCount(n) + (n < state.minimum ? ", fewer than the minimum" : "") },
    ...(measured.n !== n ? [{ name: "Share of", value: `${formatCount(measured.n)} samples` }] : []),
  ];
}

/** `Lowest: 9 · test 86.7% (73.8–93.7%, n 45) …` */
export function sentence(shown: Shown): Markup {
  const found = large(shown);
  const [lowest, highest] = [found[0], found.at(-1)];
  if (!lowest || !highest)
    return html`No group has ${formatCount(shown.state.minimum)} samples and a value of this metric.`;
  const said = (group: Group): Markup =>
    html`<b>${shorten(nameOf(shown.by, group), 50)}</b> ${shareInWords(group.measured.value)}
      (${intervalInWords(group.measured)}, n ${formatCount(group.n)})`;
  const whole = html`all ${shareInWords(shown.counted.whole.value)}`;
  if (lowest !== highest && lowest.measured.value === highest.measured.value)
    return html`All ${formatCount(found.length)} groups that are large enough have
    ${shareInWords(lowest.measured.value)}; ${whole}.`;
  if (lowest === highest) return html`One group is large enough: ${said(lowest)}; ${whole}.`;
  return html`Lowest ${said(lowest)}, highest ${said(highest)}, ${whole}.`;
}

export function describe(shown: Shown): string {
  const { state, groups, counted } = shown;
  const columns = state.by.map(({ name }) => name).join(" and ");
  const plain = sentence(shown)
    .text.replace(/<[^>]+>/g, "")
    .replace(/\s+/g, " ");
  const kind = state.layout === "strip" ? "Strip plot" : "Beeswarm";
  return `${kind} of ${titleOf(state).toLowerCase()} for ${formatCount(groups.length)} groups by ${columns}; ${formatCount(counted.rows)} rows. ${unescaped(plain)}`;
}

/** The sentence is text again, which the frame escapes anew. */
function unescaped(text: string): string {
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}

export function frameOf(
  options: Options,
  shown: Shown,
): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { counted, unfiltered, groups, state } = shown;
  const hidden = counted.groups.length - groups.length;
  const undefinedGroups = groups.filter(({ measured }) => !Number.isFinite(measured.value)).length;
  const isMean = state.metric !== "accuracy" && (MEANS as readonly string[]).includes(state.of);
  const isAlone = isMean && groups.length > 0 && groups.every(({ cells }) => balanceOf(cells).size === 1);
  const lacking = `${formatCount(counted.lacking)} of ${formatCount(counted.rows)} rows have no ${options.label.name} or no ${options.prediction.name}, and are in no group.`;
  return {
    rows: counted.rows,
    total: unfiltered.rows,
    notices: [
      ...(counted.lacking > 0 && counted.lacking < counted.rows ? [lacking] : []),
      ...(isAlone
        ? [
            "Each group holds samples of one class only, so a mean of classes says little: choose accuracy, or one class.",
          ]
        : []),
      ...(hidden > 0
        ? [`The ${MOST_GROUPS} largest of ${formatCount(counted.groups.length)} groups are drawn.`]
        : []),
      ...(undefinedGroups > 0
        ? [
            `${titleOf(shown.state)} is undefined in ${formatCount(undefinedGroups)} of ${formatCount(groups.length)} groups, which have no dot.`,
          ]
        : []),
    ],
    data: dataTable(shown),
  };
}

function dataTable({ groups, state }: Shown): NonNullable<Drawing["data"]> {
  const titles = { words: "Group", n: "n", value: titleOf(state), low: "Low", high: "High", of: "Share of" };
  return {
    columns: Object.entries(titles).map(([name, title]) => ({ name, title })),
    rows: groups.map(({ words, n, measured }) => ({
      words,
      n,
      value: defined(measured.value),
      low: defined(measured.low),
      high: defined(measured.high),
      of: measured.n,
    })),
  };
}

const defined = (value: number): number | null => (Number.isFinite(value) ? value : null);

function selected(options: Options, written: ViewState, context: Context): Selected[] {
  const state = readState(options, written, context);
  if (state.expression) return [{ column: "group", values: [state.expression] }];
  if (state.groups.length === 0) return [];
  const [only] = state.by;
  const isPlain = state.by.length === 1 && kindOf(only!) !== "number";
  const words = (key: string): unknown => {
    const values = valuesOf(key);
    if (isPlain) return values[0];
    return state.by.map((column, at) => partInWords(options, column, values[at])).join(", ");
  };
  return [{ column: isPlain ? only!.name : "group", values: state.groups.map(words) }];
}

/** Ranges that nobody stated are known with the answers only. */
function partInWords({ edges }: Options, column: Column, value: unknown): string {
  const stated = edges.get(column.name) ?? null;
  if (kindOf(column) === "number" && !stated && value !== null) return `a group of ${column.name}`;
  return groupInWords([{ column, edges: stated }], [value]);
}

export const view: View<Options> = {
  name: "fairvis",
  summary:
    "How a classifier does in each group of samples: a beeswarm or strip of groups on a metric, with intervals, two groups side by side, and groups that stand out.",
  options: MEANINGS,
  parse,
  queries,
  render,
  keepsMarkup: true,
  accept,
  selected,
};
