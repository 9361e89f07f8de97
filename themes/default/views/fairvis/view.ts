/** How a classifier does in each group of samples: dots on a metric, two groups side by side, groups that stand out. */
import { amongWords, kindOf, titleOf as columnTitle } from "../../src/data/columns.ts";
import { formatCount, html, type Markup, sayMarkup, shorten } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import type { Selected } from "../../src/selected.ts";
import { staticPlaces } from "../../src/vega/size.ts";
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
import { noRows } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

const LAYOUT_TITLES = { beeswarm: say("Beeswarm"), strip: say("Strip") };

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
  const classes = classesOf(options, context.table, results[name]!);
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
  const { width: columns, height } = context.request;
  return {
    ...frameOf(options, shown),
    body: html`<div class="fairvis">
      ${controls(options, shown)}
      <p class="fairvis-say">${sentence(shown)}</p>
      <div class="fairvis-plots">
        ${
          shown.groups.length
            ? staticPlaces(columns).map(
                ({ width, names }) => html`<div class="${names}">${draw(shown, width, height).markup}</div>`,
              )
            : emptyMarkup(shown, context)
        }
      </div>
      <div class="fairvis-key">${keyMarkup(shown)}</div>
      <div class="fairvis-compare">${compareMarkup(shown)}</div>
      <div class="fairvis-lists">${listsMarkup(options, shown, results)}</div>
    </div>`,
    description: describe(shown),
  };
}

export function emptyMarkup({ unfiltered }: Shown, context: Context): Markup {
  const reason =
    unfiltered.rows === 0
      ? noRows(context)
      : unfiltered.lacking === unfiltered.rows
        ? say("No row has both a label and a prediction.")
        : say("No row passes the filters. Reset them to see the groups.");
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
      <legend>${say("Groups by")}</legend>
      ${options.choices.map(
        ({ name }) =>
          html`<label title="${name}"
            ><input type="checkbox" name="by" value="${name}" ${names.includes(name) ? "checked" : ""} /><span
              >${shorten(columnTitle(name), 28)}</span
            ></label
          >`,
      )}
    </fieldset>
    <label
      >${say("Metric")}
      <select name="metric" autocomplete="off">
        ${Object.entries(METRICS).map(([name, title]) => option(name, title, state.metric === name))}
      </select></label
    >
    <label
      >${say("of")}
      <select name="of" autocomplete="off">
        ${ofOptions(state, classes)}
      </select></label
    >
    <label
      >${say("Minimum n")}
      <input
        type="number"
        name="minimum"
        min="1"
        max="1000000"
        step="1"
        value="${state.minimum}"
        autocomplete="off"
    /></label>
    <div class="fairvis-layouts" role="group" aria-label="${say("Layout")}">
      ${LAYOUTS.map(
        (layout) =>
          html`<button
            type="button"
            data-layout="${layout}"
            aria-pressed="${String(state.layout === layout)}"
          >
            ${LAYOUT_TITLES[layout]}
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
      ? [option(isMean ? of : "macro", say("all classes"), isMean)]
      : MEANS.map((name) => option(name, say("{name} mean", { name }), of === name));
  return html`${means}${classes.map((name) => option(name, shorten(name, 30), of === name))}`;
}

function option(value: string, title: string, isChosen: boolean): Markup {
  return html`<option value="${value}" ${isChosen ? "selected" : ""}>${title}</option>`;
}

/** What the sizes of dots mean. */
export function keyMarkup({ state, most, isPartial, groups }: Shown): Markup {
  const small = groups.filter(({ n }) => n < state.minimum).length;
  const items = [
    html`<span
      >${dotMarkup("fairvis-dot", 6)} ${say("area: samples, up to {most}", { most: formatCount(most) })}</span
    >`,
    html`<span
      >${dotMarkup("fairvis-dot fairvis-small", 5)}
      ${say("fewer than {minimum}: {small} of {groups} groups", { minimum: formatCount(state.minimum), small: formatCount(small), groups: formatCount(groups.length) })}</span
    >`,
    html`<span class="fairvis-bar-key">${say("├──┤ interval at 95%")}</span>`,
    html`<span>${say("line: all samples together, the mean weighted by n")}</span>`,
  ];
  if (isPartial) items.push(html`<span>${dotMarkup("fairvis-grey", 6)} ${say("before the filter")}</span>`);
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
    { name: say("Group"), value: nameOf(by, group) },
    { name: titleOf(state), value: shareInWords(measured.value) },
    { name: say("Interval at 95%"), value: intervalInWords(measured) },
    {
      name: say("Samples"),
      value: formatCount(n) + (n < state.minimum ? say(", fewer than the minimum") : ""),
    },
    ...(measured.n !== n
      ? [
          {
            name: say("Share of"),
            value: sayCount(measured.n, "{n} sample", "{n} samples", { n: formatCount(measured.n) }),
          },
        ]
      : []),
  ];
}

/** `Lowest: 9 · test 86.7% (73.8–93.7%, n 45) …` */
export function sentence(shown: Shown): Markup {
  const found = large(shown);
  const [lowest, highest] = [found[0], found.at(-1)];
  if (!lowest || !highest)
    return sayMarkup("No group has {minimum} samples and a value of this metric.", {
      minimum: formatCount(shown.state.minimum),
    });
  const said = (group: Group): Markup =>
    html`<b>${shorten(nameOf(shown.by, group), 50)}</b> ${shareInWords(group.measured.value)}
      (${intervalInWords(group.measured)}, n ${formatCount(group.n)})`;
  const whole = sayMarkup("all {whole}", { whole: shareInWords(shown.counted.whole.value) });
  if (lowest !== highest && lowest.measured.value === highest.measured.value)
    return sayMarkup("All {found} groups that are large enough have {measured}; {whole}.", {
      found: formatCount(found.length),
      measured: shareInWords(lowest.measured.value),
      whole,
    });
  if (lowest === highest)
    return sayMarkup("One group is large enough: {lowest}; {whole}.", { lowest: said(lowest), whole });
  return sayMarkup("Lowest {lowest}, highest {highest}, {whole}.", {
    lowest: said(lowest),
    highest: said(highest),
    whole,
  });
}

export function describe(shown: Shown): string {
  const { state, groups, counted } = shown;
  const columns = state.by.map(({ name }) => name).join(` ${say("and")} `);
  const plain = sentence(shown)
    .text.replace(/<[^>]+>/g, "")
    .replace(/\s+/g, " ");
  const kind = state.layout === "strip" ? say("Strip plot") : say("Beeswarm");
  return say("{kind} of {state} for {groups} groups by {columns}; {rows} rows. {plain}", {
    kind,
    state: amongWords(titleOf(state)),
    groups: formatCount(groups.length),
    columns,
    rows: formatCount(counted.rows),
    plain: unescaped(plain),
  });
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
  const lacking = say("{lacking} of {rows} rows have no {label} or no {prediction}, and are in no group.", {
    lacking: formatCount(counted.lacking),
    rows: formatCount(counted.rows),
    label: options.label.name,
    prediction: options.prediction.name,
  });
  return {
    rows: counted.rows,
    total: unfiltered.rows,
    notices: [
      ...(counted.lacking > 0 && counted.lacking < counted.rows ? [lacking] : []),
      ...(isAlone
        ? [
            say(
              "Each group holds samples of one class only, so a mean of classes says little: choose accuracy, or one class.",
            ),
          ]
        : []),
      ...(hidden > 0
        ? [
            say("The {most} largest of {groups} groups are drawn.", {
              most: MOST_GROUPS,
              groups: formatCount(counted.groups.length),
            }),
          ]
        : []),
      ...(undefinedGroups > 0
        ? [
            say("{state} is undefined in {undefinedGroups} of {groups} groups, which have no dot.", {
              state: titleOf(shown.state),
              undefinedGroups: formatCount(undefinedGroups),
              groups: formatCount(groups.length),
            }),
          ]
        : []),
    ],
    data: dataTable(shown),
  };
}

function dataTable({ groups, state }: Shown): NonNullable<Drawing["data"]> {
  const titles = {
    words: say("Group"),
    n: "n",
    value: titleOf(state),
    low: say("Low"),
    high: say("High"),
    of: say("Share of"),
  };
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
  if (kindOf(column) === "number" && !stated && value !== null)
    return say("a group of {column}", { column: column.name });
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
