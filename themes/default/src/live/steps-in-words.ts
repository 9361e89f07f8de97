/** What differs between two states of a page, in a few words each: what an undo took back. */
import { say } from "../words.ts";
import type { Page } from "./page.ts";
import type { PageState } from "./state.ts";

/** What is named of a step that changed much. */
const MOST_NAMED = 3;

export function changesBetween(page: Page, before: PageState, after: PageState): string[] {
  const differs = (of: (state: PageState) => unknown): boolean =>
    JSON.stringify(of(before)) !== JSON.stringify(of(after));
  const ids = [...new Set([...Object.keys(before.views), ...Object.keys(after.views)])].sort();
  const changed = [
    ...(differs(({ filter }) => filter) ? [say("filter")] : []),
    ...(differs(({ group }) => group) ? [say("groups")] : []),
    ...(differs(({ whole }) => whole) ? [say("the whole in grey")] : []),
    ...(differs(({ full }) => full) ? [say("width of a view")] : []),
    ...(differs(({ tables }) => tables) ? [say("data table")] : []),
    ...ids.filter((id) => differs(({ views }) => views[id])).map((id) => titleOf(page, id)),
  ];
  const more = changed.length - MOST_NAMED;
  return more > 0 ? [...changed.slice(0, MOST_NAMED), say("{n} more", { n: more })] : changed;
}

function titleOf(page: Page, id: string): string {
  const shown = document
    .getElementById(id)
    ?.querySelector(":scope > .view-header > .view-title")?.textContent;
  return shown ?? page.payload.views.find((view) => view.id === id)?.title ?? id;
}
