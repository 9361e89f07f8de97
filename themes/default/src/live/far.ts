/**
 * What is drawn far from the window is written at once and laid out when nothing else is to do (styles/layout.css): that
 * takes the browser as long as drawing it, and readers wait for what they see. What comes near is laid out as it comes.
 */
import { whenNothingElse } from "../boot/layout.ts";
import { isPrinting } from "./printing.ts";

/** How far: a window's height above and below it. */
const FAR = "100% 0px";

const far = new WeakSet<Element>();
const waiting = new Set<Element>();
let observing: IntersectionObserver | null = null;

/** Follows whether a view is far from the window, until the signal. */
export function followDistance(view: Element, signal: AbortSignal): void {
  observing ??= new IntersectionObserver(moved, { rootMargin: FAR });
  observing.observe(view);
  signal.addEventListener("abort", () => observing!.unobserve(view));
}

function moved(entries: readonly IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries)
    if (isIntersecting) far.delete(target);
    else far.add(target);
}

/** To be called before a view draws. */
export function layOutLater(view: Element): void {
  if (!far.has(view) || isPrinting()) return;
  view.setAttribute("data-waits", "");
  if (waiting.size === 0) layOutNext();
  waiting.add(view);
}

/** One view after another, so that what a reader does in between is answered first. */
function layOutNext(): void {
  whenNothingElse(() => {
    const [view] = waiting;
    if (!view) return;
    layOut(view);
    if (waiting.size > 0) layOutNext();
  });
}

/** Lays out all that waits: for scripts, which may look at any part of the page. */
export function layOutAll(): void {
  waiting.forEach(layOut);
}

function layOut(view: Element): void {
  waiting.delete(view);
  view.removeAttribute("data-waits");
}
