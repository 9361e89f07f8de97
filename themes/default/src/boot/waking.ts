/** A click on a view that is not live yet is carried out once it is: the one that wakes a page is the reader's first. */

const root = document.documentElement;

/** What does something by itself, as the page was built. */
const OWN = "a[href], summary, input, select, textarea, label, [popovertarget], [data-action]";

interface Wish {
  figure: HTMLElement;
  /** Where in the figure, in px: it may have been scrolled meanwhile. */
  place: readonly [number, number];
  keys: Pick<MouseEventInit, "shiftKey" | "ctrlKey" | "metaKey">;
}

/** Keeps the last click until its view is live, or the reader has turned to something else. */
export function keepClicks(): void {
  const listening = new AbortController();
  const options = { signal: listening.signal, capture: true };
  let wish: Wish | null = null;
  addEventListener("click", (event) => (wish = wishOf(event)), options);
  addEventListener("keydown", () => (wish = null), options);
  const watching = new MutationObserver(() => {
    const state = root.dataset["sitegen"];
    if (state === "static") return;
    watching.disconnect();
    listening.abort();
    if (state === "live" && wish) carryOut(wish);
  });
  watching.observe(root, { attributes: true, attributeFilter: ["data-sitegen"] });
}

function wishOf({ target, clientX, clientY, shiftKey, ctrlKey, metaKey }: MouseEvent): Wish | null {
  if (!(target instanceof Element) || target.closest(OWN)) return null;
  const figure = target.closest(".view-body")?.closest<HTMLElement>(".view");
  if (!figure) return null;
  const { left, top } = figure.getBoundingClientRect();
  return { figure, place: [clientX - left, clientY - top], keys: { shiftKey, ctrlKey, metaKey } };
}

function carryOut({ figure, place, keys }: Wish): void {
  const { left, top } = figure.getBoundingClientRect();
  const at = { clientX: left + place[0], clientY: top + place[1] };
  const target = document.elementFromPoint(at.clientX, at.clientY);
  if (!target || !figure.contains(target)) return;
  const event = { ...at, ...keys, bubbles: true, cancelable: true, composed: true, detail: 1, view: window };
  target.dispatchEvent(new PointerEvent("click", event));
}
