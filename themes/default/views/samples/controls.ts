/** What a reader does to the cards: clicks, keys, folding, the search field, a number to go to. */
import { onHold } from "../../src/live/holding.ts";
import type { Host } from "../../src/live/host.ts";
import type { Change } from "../../src/live/page.ts";
import { formatCount } from "../../src/markup.ts";
import { toggled } from "../../src/selected.ts";
import type { ViewState } from "../../src/view.ts";
import type { Grid } from "./grid.ts";
import { WAYS } from "./layout.ts";
import type { Options } from "./options.ts";
import { searchOf, selectedIds, sizeOf, type Id } from "./state.ts";
import { placeInWords, selectAllInWords } from "./view.ts";
import { say, sayCount } from "../../src/words.ts";

/** A rest in typing after which is searched, in ms. */
const TYPING = 200;

/** The samples that are controlled. */
export interface Controlled {
  readonly host: Host;
  readonly options: Options;
  readonly grid: Grid;
  state(): ViewState;
  /** How many samples pass. */
  count(): number;
  change(changed: ViewState, kind?: Change): void;
  /** Folds a group, by its value as JSON. */
  fold(key: string, isClosed: boolean): void;
  /** The id of a card; null while it is being read. */
  idOf(index: number): Id | null;
  idsBetween(from: number, to: number): Promise<Id[]>;
  /** Selects these of `wanted` that were asked for. */
  select(ids: readonly Id[], wanted?: number): void;
  play(id: Id, into: Element): Promise<void>;
}

type Keys = Pick<MouseEvent, "shiftKey" | "ctrlKey" | "metaKey">;

export class Controls {
  private readonly body: HTMLElement;
  /** Where a range that is selected with shift begins. */
  private anchor = -1;
  /** What was selected before the first click of a double one. */
  private before: readonly Id[] = [];
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly samples: Controlled) {
    this.body = samples.host.body;
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("dblclick", (event) => this.opened(event));
    onHold(this.body, (target) => this.held(target));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("focusin", (event) => this.focused(event.target as Element));
    this.body.addEventListener("toggle", (event) => this.folded(event.target as HTMLDetailsElement), true);
    this.body.addEventListener("input", (event) => this.typed(event.target as HTMLElement));
    this.body.addEventListener("change", (event) => this.changed(event.target as HTMLElement));
  }

  private find<E extends HTMLElement>(selector: string): E | null {
    return this.body.querySelector<E>(selector);
  }

  /** Says in one line what was done; screen readers say it aloud. */
  say(text: string): void {
    const said = this.find(".samples-said");
    if (said) said.textContent = text;
  }

  /** Brings fields and buttons to the state; where an answer failed there is what went wrong in their place. */
  show(): void {
    const all = this.find(".samples-all");
    if (!all) return;
    const { options, grid } = this.samples;
    const state = this.samples.state();
    const size = sizeOf(options, state);
    for (const button of this.body.querySelectorAll<HTMLElement>("[data-size]"))
      button.setAttribute("aria-pressed", String(button.dataset["size"] === size));
    const input = this.find<HTMLInputElement>("input[name=search]");
    if (input && document.activeElement !== input) input.value = searchOf(options, state);
    const count = this.samples.count();
    all.hidden = count === 0;
    all.textContent = selectAllInWords(count);
    this.find(".samples-goto")!.hidden = !grid.layout || grid.layout.length <= grid.sight();
    this.showPlace();
  }

  /** Where the reader is among all, below the cards. */
  showPlace(): void {
    const place = this.find(".samples-place");
    if (!place) return;
    const { grid } = this.samples;
    const { first, end } = grid.inSight();
    place.textContent = placeInWords(first + 1, end, grid.layout?.cards ?? 0);
  }

  /* Clicks */

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const index = target.closest(".sample") ? this.samples.grid.indexOf(target) : -1;
    if (index >= 0) {
      if (event.detail < 2) void this.pick(index, event);
      return;
    }
    const button = target.closest<HTMLElement>("button");
    if (!button) return;
    const { size, play, whole, action } = button.dataset;
    if (action !== undefined) this.act(action);
    if (size !== undefined) this.samples.change({ size });
    if (whole !== undefined) this.samples.change({ open: JSON.parse(whole) as Id });
    if (play !== undefined) void this.samples.play(JSON.parse(play) as Id, button.closest("li")!);
  }

  private act(action: string): void {
    if (action === "reset") this.samples.host.page.reset();
    if (action === "select-all") void this.selectAll();
    if (action === "clear-search") {
      const input = this.find<HTMLInputElement>("input[name=search]")!;
      input.value = "";
      this.samples.change({ search: "" });
      input.focus();
    }
  }

  private opened(event: MouseEvent): void {
    const id = this.samples.idOf(this.samples.grid.indexOf(event.target as Element));
    if (id !== null && (event.target as Element).closest(".sample"))
      this.samples.change({ ids: this.before, open: id });
  }

  /** A finger cannot hover, and two taps may zoom: one that stays on a card opens it. */
  private held(target: Element): boolean {
    const id = target.closest(".sample") ? this.samples.idOf(this.samples.grid.indexOf(target)) : null;
    if (id !== null) this.samples.change({ open: id });
    return id !== null;
  }

  /** Shift selects a range, control or command adds or removes one. */
  private async pick(index: number, keys: Keys): Promise<void> {
    const id = this.samples.idOf(index);
    if (id === null) return;
    const ids = selectedIds(this.samples.options, this.samples.state());
    const keep = keys.metaKey || keys.ctrlKey;
    this.before = ids;
    if (!keys.shiftKey || this.anchor < 0) {
      this.anchor = index;
      return this.samples.select(toggled(ids, id, keep || keys.shiftKey));
    }
    const range = await this.samples.idsBetween(this.anchor, index);
    const wanted = Math.abs(index - this.anchor) + 1;
    this.samples.select(keep ? [...new Set([...ids, ...range])] : range, wanted);
  }

  private async selectAll(): Promise<void> {
    const count = this.samples.count();
    if (count > 0) this.samples.select(await this.samples.idsBetween(0, count - 1), count);
  }

  private folded(details: HTMLDetailsElement): void {
    const key = details.dataset["heading"];
    if (key !== undefined) this.samples.fold(key, !details.open);
  }

  /* Keys */

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (target.matches("input[name=goto]")) {
      if (event.key !== "Enter") return;
      // The focus moves while the key is down: the card would take it for a click, and be selected.
      event.preventDefault();
      this.goTo(target as HTMLInputElement);
      return;
    }
    const index = target.matches(".sample") ? this.samples.grid.indexOf(target) : -1;
    if (index < 0 || event.altKey) return;
    if (this.actOn(index, event) || this.walk(index, event.key)) event.preventDefault();
  }

  /** What a key does to a card; false for keys that do nothing. */
  private actOn(index: number, { key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (key === "a" && (ctrlKey || metaKey)) void this.selectAll();
    else if (key === "Enter") this.samples.change({ open: this.samples.idOf(index) });
    else if (key === " ") void this.pick(index, { shiftKey, metaKey, ctrlKey: !shiftKey });
    else if (key === "Escape" && this.hasSelection()) this.samples.select([]);
    else return false;
    return true;
  }

  private hasSelection(): boolean {
    return selectedIds(this.samples.options, this.samples.state()).length > 0;
  }

  /** Moves the focus by a key; false for keys that move nothing. */
  private walk(index: number, key: string): boolean {
    const way = Object.hasOwn(WAYS, key) ? WAYS[key] : undefined;
    const { grid } = this.samples;
    if (!way || !grid.layout) return false;
    const to = grid.layout.step(index, way, grid.sight());
    if (to !== null) grid.activate(to, true);
    return true;
  }

  /** One sample at a time is in the order of the tab key; arrows lead to the others. */
  private focused(target: Element): void {
    const { grid } = this.samples;
    const index = target.closest(".sample") ? grid.indexOf(target) : -1;
    if (index < 0 || index === grid.active) return;
    grid.active = index;
    grid.paint();
  }

  /** The sample of a number, from 1; beyond either end it is the one there, and that is said. */
  private goTo(input: HTMLInputElement): void {
    const { grid } = this.samples;
    const number = Number(input.value.replace(/[\s,.]/g, ""));
    if (!grid.layout || !Number.isInteger(number) || input.value.trim() === "") {
      this.say(say("Write a number from 1 to {most}.", { most: formatCount(this.samples.count()) }));
      return;
    }
    const { cards } = grid.layout;
    this.say(beyondInWords(number, cards));
    const index = Math.min(cards, Math.max(1, number)) - 1;
    if (!grid.layout.rectangleOf(index)) this.unfold(index);
    const place = grid.layout.partOf(index);
    if (!place) return;
    grid.scroller.begin(place);
    grid.activate(index, true);
  }

  private unfold(index: number): void {
    const key = this.samples.grid.layout?.sectionOf(index)?.key;
    if (key !== null && key !== undefined) this.samples.fold(key, false);
  }

  /* Searching */

  private typed(target: HTMLElement): void {
    if (!target.matches("input[name=search]")) return;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.search(target as HTMLInputElement, "drag"), TYPING);
  }

  private changed(target: HTMLElement): void {
    if (!target.matches("input[name=search]")) return;
    clearTimeout(this.typing);
    this.search(target as HTMLInputElement, "commit");
  }

  private search(input: HTMLInputElement, kind: Change): void {
    // Read as from a link, so that one and the same search is asked for.
    this.samples.change({ search: searchOf(this.samples.options, { search: input.value }) }, kind);
  }
}

/** What is said of a number that no sample has; empty for all others. */
function beyondInWords(number: number, cards: number): string {
  if (number < 1) return say("Samples are numbered from 1: this is the first one.");
  if (number > cards)
    return sayCount(
      cards,
      "There is {cards} sample: this is the last one.",
      "There are {cards} samples: this is the last one.",
      { cards: formatCount(cards) },
    );
  return "";
}
