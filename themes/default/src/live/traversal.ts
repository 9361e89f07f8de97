/**
 * Back and Forward restore the state of their link. A link within the page leads to an entry that is not ours and names
 * an anchor only: it moves the reader, and the state stays.
 */
import { ownHash } from "../whole.ts";
import { tellChangedData } from "./changed-data.ts";
import type { Page } from "./page.ts";
import type { Steps } from "./steps.ts";
import { Undoing } from "./undoing.ts";

/** The part of the browser's Navigation API that is read, where there is one. */
interface Navigation {
  currentEntry: { key: string } | null;
  entries: () => readonly { key: string }[];
}

/** A link that was pressed so long ago, in ms, led to the entry that is new. */
const PRESSED = 1000;

/** Call it when the page answers: from then on the browser's entries are the page's. */
export function followSteps(page: Page, steps: Steps): void {
  history.replaceState(steps.mark, "");
  const undoing = new Undoing(page, steps);
  page.own = (step) => {
    page.flush();
    steps.pushed(false, step);
    // The link stays as it is: what the step did is not in it.
    history.pushState(steps.mark, "");
  };
  const isNew = newcomers();
  addEventListener("popstate", ({ state }) => {
    const isOurs = (state as { sitegen?: unknown } | null)?.sitegen === true;
    const isStep = isOurs || location.hash.includes("~") || ownHash() === "";
    const from = steps.mark.step;
    steps.arrived(state, isNew() ? (isStep ? "step" : "jump") : null);
    if (isStep) page.restore();
    else page.follow();
    history.replaceState(steps.mark, "");
    undoing.arrived(steps.travelled(from));
    void tellChangedData(page);
  });
  addEventListener("pageshow", ({ persisted }) => persisted && steps.returned(history.state));
}

/** Tells whether the entry that the reader is at was not there before. */
function newcomers(): () => boolean {
  const { navigation } = globalThis as { navigation?: Navigation };
  if (!navigation) return pressedLinks();
  const known = new Set(navigation.entries().map(({ key }) => key));
  return () => {
    const key = navigation.currentEntry?.key ?? "";
    const isNew = !known.has(key);
    for (const entry of navigation.entries()) known.add(entry.key);
    return isNew;
  };
}

function pressedLinks(): () => boolean {
  let pressed = -Infinity;
  const press = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest('a[href*="#"]')) pressed = performance.now();
  };
  addEventListener("click", press, { capture: true });
  return () => performance.now() - pressed < PRESSED;
}
