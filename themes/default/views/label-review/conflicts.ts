/** Where another person decided differently: the sample, and what each of both says, for the reader to choose. */
import { imageMarkup } from "../../src/cards.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import type { Conflict } from "../../src/corrections/patch.ts";
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import { say } from "../../src/words.ts";
import { decisionInWords, type Scene } from "./panels.ts";

/** Conflicts that are shown at once; the next come as these are settled. */
export const MOST_CONFLICTS = 50;

const IMAGE = 64;

export function conflictsMarkup(scene: Scene): Markup | null {
  const { conflicts } = scene.work;
  if (conflicts.length === 0) return null;
  return html`<div class="review-conflicts">
    <h4 class="review-heading">
      ${say("{conflicts} decided differently", { conflicts: formatCount(conflicts.length) })}
    </h4>
    <ul role="list">
      ${conflicts.slice(0, MOST_CONFLICTS).map((conflict, index) => conflictMarkup(conflict, index, scene))}
    </ul>
  </div>`;
}

function conflictMarkup({ mine, theirs }: Conflict, index: number, scene: Scene): Markup {
  return html`<li>
    ${imageOf(theirs, scene)}
    <div>
      <span
        >${say("{id}, labelled {old}", { id: formatCell(String(theirs.id), 24), old: formatCell(theirs.old, 16) })}</span
      >
      ${sideMarkup("mine", mine, index)}${sideMarkup("theirs", theirs, index)}
    </div>
  </li>`;
}

function imageOf({ id }: Decision, { options, context, work }: Scene): Markup | null {
  const tile = work.tiles.get(id);
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  return tile && options.card.cards === "image" ? imageMarkup(tile, sheets, IMAGE) : null;
}

function sideMarkup(side: "mine" | "theirs", decision: Decision | null, index: number): Markup {
  const who = decision?.who || (side === "mine" ? say("Here") : say("The file"));
  return html`<p class="review-side">
    <button type="button" data-keep="${side}" data-conflict="${index}" data-key="${side}-${index}">
      ${who}: ${sideInWords(decision)}</button
    >${decision?.why ? html`<span class="review-note">${decision.why}</span>` : ""}
  </p>`;
}

/** The decision with the label that it leads to. */
function sideInWords(decision: Decision | null): string {
  if (!decision) return say("not decided");
  const { action, label, old } = decision;
  if (action === "confirm" || (action === "relabel" && label === old))
    return say("{label} is right", { label: formatCell(old, 20) });
  return decisionInWords(decision);
}
