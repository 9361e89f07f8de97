/** The groups as they are drawn: the largest first, each with its members as cards and what they disagree in. */
import { cardBody, imageMarkup, type Drawn as CardsDrawn, type Tile } from "../../src/cards.ts";
import { formatCell, formatCount, formatNumber, html, type Markup, sayMarkup } from "../../src/markup.ts";
import { rangesIn } from "../../src/tiles.ts";
import type { Context } from "../../src/view.ts";
import { counted, type Group, type Member } from "./groups.ts";
import { NEAR } from "./options.ts";
import { hasSeveral, nearestPair, type Scene } from "./scene.ts";
import { say, sayCount } from "../../src/words.ts";

/** Members of a group that are shown before it is opened, and values named in a line. */
const MOST_MEMBERS = 12;
const MOST_VALUES = 4;

/** Members of a group that stands beside another where there is room. */
const NARROW = 4;

/** Side of an image beside the difference of two, in px. */
const LARGE = 128;

export function groupsShown({ groups, state, options }: Scene): readonly Group[] {
  return groups.slice(0, state.groups ?? options.groups);
}

export function listMarkup(scene: Scene, context: Context): Markup {
  const { groups, state, options } = scene;
  if (groups.length === 0) return emptyMarkup(scene, context);
  const shown = groupsShown(scene);
  const left = groups.length - shown.length;
  const more = Math.min(left, options.groups);
  return html`<ol class="duplicates-groups" role="list">
      ${shown.map((group, index) => groupMarkup(group, index, scene, context))}
    </ol>
    ${
      left > 0 &&
      html`<p class="duplicates-left">
        <button type="button" data-action="more" data-key="more">
          ${sayCount(more, "Show {left} more group", "Show {left} more groups", { left: formatCount(more) })}
        </button>
        <span
          >${say("{shown} of {groups} groups are shown, the largest first.", { shown: formatCount(shown.length), groups: formatCount(groups.length) })}</span
        >
      </p>`
    }
    ${state.compare && !shown.some((group) => isCompared(group, scene)) ? differenceMarkup(scene, context) : null}`;
}

/** Where there is no group, what comes nearest to one is shown, so that the reader can judge. */
function emptyMarkup(scene: Scene, context: Context): Markup {
  const nearest = scene.kind.name === NEAR ? nearestPair(scene) : null;
  const said = html`<p class="view-empty">
    ${say("No samples {words}{lineinwords}.", { words: scene.kind.words, lineinwords: lineInWords(scene) })}
  </p>`;
  if (!nearest) return said;
  const isCompared = scene.state.compare !== null;
  return html`${said}
    <div class="duplicates-nearest">
      <p>
        ${sayMarkup("The nearest two are {distance} apart{usual}: are they the same to you?", { distance: html`<b>${formatNumber(nearest.distance)}</b>`, usual: usualInWords(scene) })}
      </p>
      ${cardsMarkup(nearest.members, scene, context, "nearest")}
      ${compareButton(nearest.members, scene)}${isCompared ? differenceMarkup(scene, context) : null}
    </div>`;
}

function usualInWords({ rules }: Scene): string {
  const usual = rules[0]?.usual;
  return typeof usual === "number"
    ? say(", where {usual} is usual for a nearest neighbour", { usual: formatNumber(usual) })
    : "";
}

export function lineInWords({ kind, drawn }: Scene): string {
  return kind.name === NEAR && drawn
    ? ` ${say("at a distance up to {distance}", { distance: formatNumber(drawn.line.distance) })}`
    : "";
}

function isCompared({ members }: Group, { state }: Scene): boolean {
  return state.compare !== null && members.some(({ id }) => id === state.compare![0]);
}

function groupMarkup(group: Group, index: number, scene: Scene, context: Context): Markup {
  const { members } = group;
  const [key] = members.map(({ id }) => id);
  const isOpen = scene.state.opened.includes(key!);
  const shown = isOpen ? members : members.slice(0, MOST_MEMBERS);
  const passing = passingOf(members, scene);
  const name = say("Group {index}", { index: formatCount(index + 1) });
  return html`<li
    class="duplicates-group${members.length > NARROW ? " duplicates-wide" : ""}${passing === 0 ? " duplicates-out" : ""}"
    data-group="${JSON.stringify(key)}"
  >
    <div class="duplicates-head">
      <h4>
        <button
          type="button"
          class="duplicates-select"
          data-select="${index}"
          data-key="group-${JSON.stringify(key)}"
          aria-pressed="${String(isSelected(members, scene))}"
          title="${say("Select the whole group")}"
        >
          <span class="visually-hidden">${name}: </span
          >${say("{members} samples", { members: formatCount(members.length) })}
        </button>
      </h4>
      ${compareButton(members, scene)}
      ${passing === null ? null : html`<span class="duplicates-passing">${say("{passing} of {members} pass", { passing: formatCount(passing), members: formatCount(members.length) })}</span>`}
      ${factsMarkup(group, scene)}
    </div>
    ${cardsMarkup(shown, scene, context, JSON.stringify(key))}
    ${
      members.length > MOST_MEMBERS &&
      html`<button
        type="button"
        class="duplicates-more"
        data-open="${JSON.stringify(key)}"
        data-key="open-${JSON.stringify(key)}"
      >
        ${isOpen ? say("Show fewer") : say("Show all {members}", { members: formatCount(members.length) })}
      </button>`
    }
    ${isCompared(group, scene) ? differenceMarkup(scene, context) : null}
  </li>`;
}

function passingOf(members: readonly Member[], { passing }: Scene): number | null {
  return passing && members.filter(({ id }) => passing.has(id)).length;
}

function isSelected(members: readonly Member[], { state }: Scene): boolean {
  return members.every(({ id }) => state.ids.includes(id));
}

/** Size, spread, labels and splits; what a reader should look at has a sign and a word. */
function factsMarkup(group: Group, scene: Scene): Markup {
  const { options, distances } = scene;
  const spread = scene.spreadOf(group);
  const between = distances.get(group);
  const label = options.card.label && valuesMarkup(group, say("labels disagree"), (member) => member.label);
  const split = options.split && valuesMarkup(group, say("crosses splits"), (member) => member.split);
  return html`<dl class="duplicates-facts">
    ${spread === null ? null : fact(say("Spread"), formatNumber(spread), say("mean distance of the members to their mean"))}
    ${between ? fact(say("Distances"), rangeInWords(between), say("of the pairs that join the group, least and greatest")) : null}
    ${
      label
        ? html`<div>
            <dt>${say("Label")}</dt>
            <dd>${label}</dd>
          </div>`
        : null
    }
    ${
      split
        ? html`<div>
            <dt>${say("Split")}</dt>
            <dd>${split}</dd>
          </div>`
        : null
    }
  </dl>`;
}

function fact(name: string, value: string, title: string): Markup {
  return html`<div title="${title}">
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

export function rangeInWords([low, high]: readonly [number, number]): string {
  return low === high ? formatNumber(low) : `${formatNumber(low)} – ${formatNumber(high)}`;
}

function valuesMarkup(group: Group, warning: string, valueOf: (member: Member) => unknown): Markup {
  const values = counted(group.members, valueOf);
  const shown = values.slice(0, MOST_VALUES).map(([value, n]) => {
    const said = formatCell(value, 24) || say("(empty)");
    return values.length > 1 ? `${said} × ${formatCount(n)}` : said;
  });
  const more =
    values.length > MOST_VALUES
      ? say(", {values} more", { values: formatCount(values.length - MOST_VALUES) })
      : "";
  const isMarked = hasSeveral(group, valueOf);
  return html`${values.length ? shown.join(", ") + more : say("unknown")}${
    isMarked &&
    html` <strong class="duplicates-mark"
      ><span aria-hidden="true">${warning.startsWith("l") ? "≠" : "⇄"}</span> ${warning}</strong
    >`
  }`;
}

/* Members */

export function cardsMarkup(members: readonly Member[], scene: Scene, context: Context, key: string): Markup {
  const drawn = cardsDrawn(scene, context);
  const kind = drawn.options.cards;
  return html`<ul class="samples samples-${kind} samples-${scene.options.size}" role="list">
    ${members.map((member, index) => {
      const isOut = scene.passing !== null && !scene.passing.has(member.id);
      return html`<li class="card card-${kind}${isOut ? " card-out" : ""}" data-member="${key}">
        ${cardBody(member, drawn, { isFirst: index === 0, isChosen: drawn.chosen.has(member.id) })}
        ${isOut && html`<span class="visually-hidden">${say("filtered out")}</span>`}
      </li>`;
    })}
  </ul>`;
}

function cardsDrawn({ options, state, results }: Scene, context: Context): CardsDrawn {
  return {
    options: options.card,
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(state.ids),
    size: options.size,
    highlights: new Map(),
    ranges: rangesIn(options.card, results["total"]!),
    isLive: false,
  };
}

/* Two of them, pixel by pixel */

/** Those of a group that are selected, if these are two; else its first two. */
export function comparedOf(members: readonly Member[], { state }: Scene): [Member, Member] {
  const chosen = members.filter(({ id }) => state.ids.includes(id));
  return (chosen.length === 2 ? chosen : members.slice(0, 2)) as [Member, Member];
}

function compareButton(members: readonly Member[], scene: Scene): Markup | null {
  const { options, state } = scene;
  if (options.card.cards !== "image") return null;
  const pair = comparedOf(members, scene).map(({ id }) => id);
  const isShown = state.compare?.every((id) => pair.includes(id)) ?? false;
  return html`<button
    type="button"
    class="duplicates-compare"
    data-compare="${JSON.stringify(pair)}"
    data-key="compare-${JSON.stringify(members[0]!.id)}"
    aria-expanded="${String(isShown)}"
    title="${say("Select two members to compare these")}"
  >
    ${isShown ? say("Hide the difference") : say("Compare pixels")}
  </button>`;
}

function differenceMarkup({ state, members }: Scene, context: Context): Markup | null {
  const pair = state.compare!.map((id) => members.get(id));
  if (pair.some((each) => !each)) return null;
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  const tiles = pair.map((member) => {
    const image = imageMarkup(member as Tile, sheets, LARGE);
    const name = `${formatCell(member!.id, 40)}${member!.label === undefined || member!.label === null ? "" : `, ${formatCell(member!.label, 24)}`}`;
    return html`<figure>
      ${image ?? say("no image")}
      <figcaption>${name}</figcaption>
    </figure>`;
  });
  return html`<div
    class="duplicates-difference"
    role="group"
    aria-label="${say("Difference of two samples")}"
  >
    ${tiles}
    <figure>
      <canvas
        class="sample-image"
        width="${LARGE}"
        height="${LARGE}"
        role="img"
        aria-label="${say("Difference of the pixels")}"
      ></canvas>
      <figcaption class="duplicates-difference-said" role="status">|a − b|</figcaption>
    </figure>
  </div>`;
}
