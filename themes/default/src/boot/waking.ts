/**
 * Clicks and keys on a view that is not live yet are carried out once it is, in their order, and what its fields were set
 * to before them: what wakes a page is the first that the reader does.
 */
import { keepSettings } from "./fields.ts";

const root = document.documentElement;

/** What does something by itself, as the page was built. */
const OWN = "a[href], summary, input, select, textarea, label, [popovertarget], [data-action]";

/** Keys that only hold others, the one that moves the focus at once, and the one that opens the search. */
const NOT_KEPT = ["Tab", "Shift", "Control", "Alt", "Meta", "/"];

/** Px between two clicks that are one, by an impatient hand. */
const NEAR = 8;

interface Click {
  figure: HTMLElement;
  /** Where in the figure, in px: it may have been scrolled meanwhile. */
  place: readonly [number, number];
  keys: Pick<MouseEventInit, "shiftKey" | "ctrlKey" | "metaKey">;
}

/** A key on what has the focus in a figure. */
interface Key {
  figure: HTMLElement;
  press: KeyboardEventInit;
}

type Wish = Click | Key;

/** Keeps what is done to one view until it is live, or the reader has turned to something else. */
export function keepWishes(): void {
  const listening = new AbortController();
  const options = { signal: listening.signal, capture: true };
  let wishes: Wish[] = [];
  const keep = (event: MouseEvent | KeyboardEvent, wishOf: (figure: HTMLElement) => Wish | null): void => {
    const figure = figureOf(event.target);
    if (wishes[0] && wishes[0].figure !== figure) wishes = [];
    const wish = figure && !(event.target as Element).closest(OWN) ? wishOf(figure) : null;
    if (!wish) return;
    wishes = extended(wishes, wish);
    // The view may be there already, though it cannot answer yet: it must not hear of this twice.
    event.stopPropagation();
  };
  addEventListener("click", (event) => keep(event, (figure) => clickOf(event, figure)), options);
  const pressed = (event: KeyboardEvent): void => {
    if (!NOT_KEPT.includes(event.key)) keep(event, (figure) => keyOf(event, figure));
  };
  addEventListener("keydown", pressed, options);
  const set = keepSettings(listening.signal);
  const watching = new MutationObserver(() => {
    const state = root.dataset["sitegen"];
    if (state === "static") return;
    watching.disconnect();
    listening.abort();
    if (state !== "live") return;
    set();
    wishes.forEach((wish) => ("press" in wish ? press(wish) : carryOut(wish)));
  });
  watching.observe(root, { attributes: true, attributeFilter: ["data-sitegen"] });
}

function extended(wishes: readonly Wish[], wish: Wish): Wish[] {
  const last = wishes.at(-1);
  const isAgain = last && "place" in last && "place" in wish && distance(last.place, wish.place) < NEAR;
  return [...(isAgain ? wishes.slice(0, -1) : wishes), wish];
}

const distance = (one: Click["place"], other: Click["place"]): number =>
  Math.hypot(one[0] - other[0], one[1] - other[1]);

function figureOf(target: EventTarget | null): HTMLElement | null {
  if (!(target instanceof Element)) return null;
  return target.closest(".view-body")?.closest<HTMLElement>(".view") ?? null;
}

function clickOf(event: MouseEvent, figure: HTMLElement): Click {
  const { clientX, clientY, shiftKey, ctrlKey, metaKey } = event;
  const { left, top } = figure.getBoundingClientRect();
  return { figure, place: [clientX - left, clientY - top], keys: { shiftKey, ctrlKey, metaKey } };
}

/** What is pressed with these is the browser's. */
function keyOf(event: KeyboardEvent, figure: HTMLElement): Key | null {
  const { key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return null;
  return { figure, press: { key, code, shiftKey } };
}

function carryOut({ figure, place, keys }: Click): void {
  const { left, top } = figure.getBoundingClientRect();
  const at = { clientX: left + place[0], clientY: top + place[1] };
  const target = document.elementFromPoint(at.clientX, at.clientY);
  if (!target || !figure.contains(target)) return;
  const event = { ...at, ...keys, bubbles: true, cancelable: true, composed: true, detail: 1, view: window };
  target.dispatchEvent(new PointerEvent("click", event));
}

/** A key goes where the focus is by then; into a field that an earlier one led to, only the browser can type. */
function press({ figure, press: pressed }: Key): void {
  const target = document.activeElement;
  if (!target || figureOf(target) !== figure || target.closest(OWN)) return;
  target.dispatchEvent(
    new KeyboardEvent("keydown", {
      ...pressed,
      bubbles: true,
      cancelable: true,
      composed: true,
      view: window,
    }),
  );
}
