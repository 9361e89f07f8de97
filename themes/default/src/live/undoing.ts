/**
 * Undo and redo over all of the page's state. A step back is the browser's own, so that its Back and the page's undo
 * never part. In a field of text the keys are the field's, and a view that keeps work of its own takes them first.
 */
import { say } from "../words.ts";
import { showToast } from "../boot/toast.ts";
import type { Page } from "./page.ts";
import type { PageState } from "./state.ts";
import type { Steps } from "./steps.ts";
import { changesBetween } from "./steps-in-words.ts";

type Way = "undo" | "redo";

/** Fields whose text has an undo of its own. */
const FIELDS = `textarea, [contenteditable], input:not(${["checkbox", "radio", "range", "color", "file"]
  .map((type) => `[type=${type}]`)
  .join()})`;

/** How long the browser may take to go to an entry, in ms. */
const GONE = 1000;

export class Undoing {
  private readonly buttons = new Map<HTMLElement, Way>();
  private readonly groups = document.querySelectorAll<HTMLElement>(".page-steps");
  /** What was asked for, until the browser has gone there; and the state before it. */
  private going: { way: Way; before: PageState } | null = null;

  constructor(
    private readonly page: Page,
    private readonly steps: Steps,
  ) {
    for (const way of ["undo", "redo"] as const)
      for (const button of document.querySelectorAll<HTMLElement>(`[data-action=page-${way}]`)) {
        this.buttons.set(button, way);
        button.addEventListener("click", () => this.go(way));
      }
    addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("focusin", ({ target }) => this.clear(target as Element));
    steps.listen(() => this.show());
    this.show();
  }

  /** The state is that of another entry: what led there is said, and what of it is in no link. */
  arrived(own: readonly string[]): void {
    const { going } = this;
    this.going = null;
    if (!going) return;
    const changes = [...own, ...changesBetween(this.page, going.before, this.page.state)];
    const listed = changes.length ? changes.join(", ") : say("nothing that shows");
    showToast(
      going.way === "undo"
        ? say("Undone: {what}", { what: listed })
        : say("Redone: {what}", { what: listed }),
    );
  }

  private go(way: Way): void {
    this.page.flush();
    const by = way === "undo" ? this.steps.back : this.steps.forward;
    if (this.going) return;
    if (by === 0) {
      showToast(way === "undo" ? say("There is nothing to undo.") : say("There is nothing to redo."));
      return;
    }
    const going = { way, before: this.page.state };
    this.going = going;
    setTimeout(() => this.going === going && (this.going = null), GONE);
    history.go(by);
  }

  private pressed(event: KeyboardEvent): void {
    const way = wayOf(event);
    if (way === null || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(FIELDS)) return;
    event.preventDefault();
    this.go(way);
  }

  /** What keys reach is brought clear of the steps: Firefox leaves what is partly in sight where it is. */
  private clear(reached: Element): void {
    if (!reached.matches(":focus-visible")) return;
    const isBelow = (group: HTMLElement): boolean => !group.contains(reached) && doOverlap(group, reached);
    if ([...this.groups].some(isBelow)) reached.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private show(): void {
    const isOn = (way: Way): boolean => (way === "undo" ? this.steps.back : this.steps.forward) !== 0;
    for (const [button, way] of this.buttons) button.setAttribute("aria-disabled", String(!isOn(way)));
    const isAny = isOn("undo") || isOn("redo");
    for (const group of this.groups) group.toggleAttribute("data-any", isAny);
  }
}

function doOverlap(one: Element, other: Element): boolean {
  const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, or with the command key. */
function wayOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): Way | null {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" && !shiftKey ? "redo" : null;
}
