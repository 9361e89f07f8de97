/** Samples that are the same or nearly so: in groups, at a line that can be moved, and what leaks between splits. */
import { scrollRegion } from "../../src/figure.ts";
import { formatCount, formatNumber, html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import { formatShare } from "../../src/values.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { WAYS } from "./audit.ts";
import {
  distancesMarkup,
  isNear,
  kindsMarkup,
  lineMarkup,
  sliderMarkup,
  summaryInWords,
} from "./controls.ts";
import { groupsShown, listMarkup } from "./list.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { isCut, listsOf, MOST_PAIRS, queries } from "./queries.ts";
import { hasSeveral, sceneOf, type Scene } from "./scene.ts";
import { accept, readState } from "./state.ts";
import { auditMarkup } from "./tables.ts";
import { noSamples } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

/** The parts that a live view draws anew, by name; what is between them stays. */
export function partsOf(scene: Scene, context: Context): Record<string, Markup | null> {
  return {
    kinds: kindsMarkup(scene),
    distances: distancesMarkup(scene),
    line: lineMarkup(scene),
    audit: auditMarkup(scene),
    said: html`<p class="duplicates-said">${saidOf(scene)}</p>`,
    groups: listMarkup(scene, context),
  };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const scene = sceneOf(options, results, readState(options, state));
  const parts = partsOf(scene, context);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  const hasSides = scene.drawn !== null || scene.audit !== null;
  return {
    ...framedOf(scene, context),
    body: html`${part("kinds")}${
      hasSides &&
      html`<div class="duplicates-sides">
        ${
          scene.drawn &&
          html`<div class="duplicates-distances">
            ${part("distances")}${sliderMarkup(scene)}${part("line")}
          </div>`
        }
        ${scene.audit && html`<div class="duplicates-audit">${part("audit")}</div>`}
      </div>`
    }${part("said")}
    ${scrollRegion("samples-frame duplicates-frame", say("Groups of duplicates"), context.request, part("groups"))}`,
    description: describe(scene),
  };
}

/** What stands around the drawing. */
export function framedOf(
  scene: Scene,
  context: Context,
): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  return { rows: scene.rows, total: scene.total, notices: notices(scene, context), data: dataTables(scene) };
}

function saidOf(scene: Scene): string {
  const { options, groups } = scene;
  const disagree = options.card.label ? groups.filter((each) => hasSeveral(each, ({ label }) => label)) : [];
  const cross = groups.filter((each) => hasSeveral(each, ({ split }) => split));
  return groups.length ? summaryInWords(scene, disagree.length, cross.length) : "";
}

export function describe(scene: Scene): string {
  const { audit, drawn } = scene;
  const said = saidOf(scene) || say("No samples {words}.", { words: scene.kind.words });
  const line =
    isNear(scene) && drawn
      ? ` ${say("The line is at a distance of {distance}.", { distance: formatNumber(drawn.line.distance) })}`
      : "";
  const leaks = (audit?.matrix.any ?? [])
    .filter(({ split, other, repeated }) => split !== other && repeated.length)
    .map(
      ({ split, other, rows, repeated }) =>
        ` ${say("{repeated} of {rows} samples of {split} ({repeated2}) are repeated in {other}.", { repeated: formatCount(repeated.length), rows: formatCount(rows), split, repeated2: formatShare(repeated.length / rows), other })}`,
    );
  return [said, line, ...leaks].join("");
}

function notices(scene: Scene, context: Context): string[] {
  const { pairs, options, results, total } = scene;
  return [
    ...(total === 0 ? [noSamples(context)] : []),
    ...(pairs && isCut(results["pairs"]!)
      ? [
          say("The line reaches the {most} nearest pairs; farther ones are not in this view.", {
            most: formatCount(MOST_PAIRS),
          }),
        ]
      : []),
    ...filledInWords(scene),
    ...closedInWords(scene),
    ...(options.pairs
      ? []
      : [say("The table of pairs is not on this page, so the line between near ones is fixed.")]),
  ];
}

/**
 * Lists of neighbours that are full say that there may be more near ones. Groups by a rule are made whole all the same;
 * those of a line by hand are what the listed pairs join.
 */
function filledInWords(scene: Scene): string[] {
  const { drawn, total, state } = scene;
  if (!isNear(scene) || !drawn || drawn.filled.samples === 0) return [];
  const { samples, neighbors, isLeast } = drawn.filled;
  const told = { samples: formatCount(samples), total: formatCount(total), neighbors };
  const full = isLeast
    ? say(
        "At least {samples} of {total} samples are near to all {neighbors} neighbours that are listed of each, and may be near to more.",
        told,
      )
    : sayCount(
        samples,
        "{samples} of {total} samples is near to all {neighbors} neighbours that are listed of it, and may be near to more.",
        "{samples} of {total} samples are near to all {neighbors} neighbours that are listed of each, and may be near to more.",
        told,
      );
  if (state.line === null) return [full];
  return [`${full} ${say("With the line drawn by hand, such a group may stand in parts.")}`];
}

/** What is usual for a nearest neighbour is what is usual among copies, where most samples have so many. */
function closedInWords(scene: Scene): string[] {
  const { drawn, rules, total, results } = scene;
  const closed = rules[0]?.closed ?? 0;
  const { neighbors } = listsOf(results);
  if (!isNear(scene) || drawn?.rule?.rule !== "gap" || neighbors === 0 || closed <= total / 2) return [];
  return [
    say(
      "{closed} of {total} samples stand in groups of more than {neighbors} in which all neighbours that are listed of them are. The rule gap cannot tell whether these are copies: it needs more neighbors than there are copies, twice as many at best.",
      { closed: formatCount(closed), total: formatCount(total), neighbors },
    ),
  ];
}

/** One row per member, of the groups that are shown; the matrix and the accuracies beside. */
function dataTables(scene: Scene): DataTable {
  const { options, audit } = scene;
  const { label, prediction } = options.card;
  const members = groupsShown(scene).flatMap((group, index) =>
    group.members.map((member) => ({
      group: index + 1,
      size: group.members.length,
      id: member.id,
      label: member.label,
      prediction: member.prediction,
      split: member.split,
      spread: scene.spreadOf(group),
      passes: scene.passing === null || scene.passing.has(member.id),
    })),
  );
  const optional = [
    ...(label ? [{ name: "label", title: label.name }] : []),
    ...(prediction ? [{ name: "prediction", title: prediction.name }] : []),
    ...(options.split ? [{ name: "split", title: options.split.name }] : []),
  ];
  return {
    ...(audit ? { caption: say("Members of the groups shown") } : {}),
    columns: [
      { name: "group", title: say("Group") },
      { name: "size", title: say("Size") },
      { name: "id", title: options.card.id.name, say: String },
      ...optional,
      { name: "spread", title: say("Spread") },
      { name: "passes", title: say("Passes the filters") },
    ],
    rows: members,
    beside: audit ? auditTables(scene) : [],
  };
}

function auditTables({ audit }: Scene): DataTable[] {
  const { matrix, accuracies } = audit!;
  const repeated = {
    caption: say("Samples of one split that are repeated in another"),
    columns: [
      { name: "kind", title: say("Kind") },
      { name: "split", title: say("Split") },
      { name: "other", title: say("Repeated in") },
      { name: "rows", title: say("Samples") },
      { name: "repeated", title: say("Repeated") },
      { name: "share", title: say("Share|part"), say: formatShare },
    ],
    rows: WAYS.flatMap((kind) =>
      matrix[kind].map(({ split, other, rows, repeated: found }) => ({
        kind,
        split,
        other,
        rows,
        repeated: found.length,
        share: rows ? found.length / rows : null,
      })),
    ),
  };
  const accuracy = {
    caption: say("Accuracy with and without the samples that leak"),
    columns: [
      { name: "split", title: say("Split") },
      { name: "samples", title: say("Samples") },
      { name: "rows", title: "n" },
      { name: "correct", title: say("Correct") },
      { name: "accuracy", title: say("Accuracy"), say: formatShare },
      { name: "low", title: say("95% from"), say: formatShare },
      { name: "high", title: say("95% to"), say: formatShare },
    ],
    rows: accuracies.map((each) => ({ ...each, accuracy: each.rows ? each.correct / each.rows : null })),
  };
  return accuracies.length ? [repeated, accuracy] : [repeated];
}

function selected(options: Options, state: ViewState): Selected[] {
  const { ids } = readState(options, state);
  return ids.length ? [{ column: options.card.id.name, values: ids }] : [];
}

export const view: View<Options> = {
  name: "duplicates",
  summary:
    "Groups of samples that are the same or nearly so, the line between near ones and neighbours, what leaks between splits, and the pixels in which two differ.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
  // A group of duplicates may cross what a page is split by: that it does is what the view shows.
  groups: false,
};
