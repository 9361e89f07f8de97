/** The cards that are in sight, as elements: made when they come near, kept while they stay, taken away when they are far. */
import { isPrinting } from "../../src/live/printing.ts";
import { sizeNow, sizeOf } from "../../src/live/resizing.ts";
import { Scroller } from "../../src/live/scroller.ts";
import { html } from "../../src/markup.ts";
import { heightOf, type Extent } from "../../src/scroll.ts";
import { cardBody, type Drawn, type Tile } from "../../src/cards.ts";
import { Layout, type Measures, type Placed, type Section } from "./layout.ts";
import { headingMarkup, listClass } from "./view.ts";
import { greatest } from "../../src/extremes.ts";
import { say } from "../../src/words.ts";

/** Cards beyond those in sight that are drawn on each side, as a share of what is in sight. */
const BESIDE = 0.5;

/** Narrowest card, in px, where the styles say nothing. */
const NARROWEST = 96;

/** A section with what its heading says. */
export interface Heading extends Section {
  value: unknown;
}

/** What the grid asks of its view. */
export interface Cards {
  tile: (index: number) => Tile | null;
  isChosen: (tile: Tile) => boolean;
  /** Called with the cards that are drawn or about to be, after each drawing. */
  wanted: (ranges: readonly { first: number; end: number }[]) => void;
  rested: () => void;
}

export interface Arranged {
  headings: readonly Heading[];
  drawn: Drawn;
  /** The longest of every value, which a card of fixed height has room for; several where images differ in size. */
  fullest: readonly Tile[];
  /** Cards that the region is high enough for, where the styles let it. */
  usual: number;
  /** The id of the sentence that tells of the keys. */
  keys: string;
}

interface Card {
  element: HTMLLIElement;
  markup: string;
  /** What the markup was made of; null while the sample is waited for. */
  tile: Tile | null;
  drawn: Drawn | null;
  /** Of which answers' cards it is; those of earlier ones are read anew. */
  generation: number;
}

export class Grid {
  readonly scroller: Scroller;
  layout: Layout | null = null;
  /** The card that is in the order of the tab key. */
  active = 0;
  private arranged: Arranged | null = null;
  private readonly canvas = document.createElement("div");
  private lists: HTMLUListElement[] = [];
  private readonly cards = new Map<number, Card>();
  /** Headings and looks as they are drawn. */
  private built = "";
  private looks = "";
  private width = 0;
  private highest = 0;
  /** What is known of this width, these looks and these fonts. */
  private readonly measured = new Map<string, unknown>();
  /** Counts the answers that other cards came with. */
  private generation = 0;

  constructor(
    readonly frame: HTMLElement,
    private readonly of: Cards,
    signal: AbortSignal,
  ) {
    this.canvas.className = "samples-canvas";
    const scrolled = { extent: () => this.extent(), paint: () => this.paint(), rested: () => of.rested() };
    this.scroller = new Scroller(frame, scrolled, signal);
    // Other letters may be other heights; the next drawing measures anew.
    document.fonts.addEventListener("loadingdone", () => this.measured.clear(), { signal });
  }

  private extent(): Extent | null {
    return this.layout && { length: this.layout.length, sight: this.sight() };
  }

  sight(): number {
    return Math.max(1, sizeOf(this.frame).innerHeight);
  }

  /** Takes the sections and looks on; cards that are the same stay. */
  arrange(arranged: Arranged): void {
    this.arranged = arranged;
    if (this.canvas.parentElement !== this.frame) {
      this.frame.replaceChildren(this.canvas);
      this.frame.removeAttribute("tabindex");
    }
    this.build(arranged);
    this.measure(arranged);
    this.paint();
  }

  /** From now on every number may be another sample's. */
  renew(): void {
    this.generation++;
  }

  /** A sentence in place of the cards. */
  empty(markup: string): void {
    this.layout = null;
    this.arranged = null;
    this.clear();
    this.frame.innerHTML = markup;
  }

  private clear(): void {
    this.cards.clear();
    this.lists = [];
    this.built = "";
    this.canvas.replaceChildren();
  }

  /** A list for each section, below its heading. */
  private build({ headings, drawn, keys }: Arranged): void {
    const looks = listClass(drawn);
    if (looks !== this.looks) this.measured.clear();
    this.looks = looks;
    // Only headings say how many cards there are; without them the cards go on, whatever passes.
    const built = JSON.stringify([headings.map(({ key, cards }) => [key, key === null || cards]), looks]);
    if (built !== this.built) {
      this.clear();
      this.built = built;
      const list = html`<ul class="${looks} samples-live" role="list" aria-describedby="${keys}"></ul>`;
      this.canvas.innerHTML = headings
        .map(({ key, value, cards }) =>
          key === null
            ? list.text
            : html`<details class="samples-group" data-heading="${key}">
                ${headingMarkup(value, cards)}${list}
              </details>`.text,
        )
        .join("");
      this.lists = [...this.canvas.querySelectorAll<HTMLUListElement>("ul")];
    }
    headings.forEach(({ isClosed }, index) => {
      const group = this.lists[index]!.closest("details");
      if (group) group.open = !isClosed;
    });
  }

  /** Columns and heights, as the styles and the fonts make them. */
  private measure(arranged: Arranged): void {
    const [list] = this.lists;
    if (!list) return;
    const { width: canvas } = sizeOf(this.canvas);
    if (canvas !== this.width) this.measured.clear();
    this.width = canvas;
    const { across, down, card } = this.kept("styles", () => stylesOf(list));
    const narrowest = Math.min(this.width, card);
    const columns = Math.max(1, Math.floor((this.width + across) / (narrowest + across)));
    const width = (this.width - across * (columns - 1)) / columns;
    const seen = greatest(
      arranged.fullest.map((tile) => this.heightOf(tile, arranged.drawn, width)),
      0,
    );
    if (seen === 0) this.remeasureWhenSeen();
    const { height, heading } =
      seen === 0 && this.layout
        ? this.layout.measures
        : { height: Math.max(1, seen), heading: this.kept("heading", () => this.headingHeight()) };
    const measures: Measures = {
      columns,
      width,
      height,
      across,
      down,
      heading,
      apart: heading > 0 ? 20 : 0,
    };
    this.layout = new Layout(arranged.headings, measures);
    this.setHeights(arranged);
  }

  /** A page can be hidden for less than a frame, as JupyterLab's is while it changes its theme: nothing has a height then. */
  private remeasureWhenSeen(): void {
    this.width = 0;
    this.scroller.schedule();
  }

  /** However few cards a filter or a fold leaves, what stands below stays; the styles say how high is too high. */
  private setHeights({ headings, usual }: Arranged): void {
    const { measures } = this.layout!;
    const isGrouped = headings.some(({ key }) => key !== null);
    const shown = isGrouped
      ? headings.map((heading) => ({ ...heading, isClosed: false }))
      : [{ key: null, cards: usual, isClosed: false }];
    const { length } = new Layout(shown, measures);
    this.highest = isGrouped ? Math.max(this.highest, length) : length;
    const { height, innerHeight } = sizeOf(this.frame);
    const whole = `${this.highest + height - innerHeight}px`;
    if (this.frame.style.height !== whole) {
      this.frame.style.height = whole;
      sizeNow(this.frame);
    }
    this.canvas.style.height = `${heightOf(this.extent()!)}px`;
  }

  /** Height of a card as wide as they are now. */
  private heightOf(tile: Tile, drawn: Drawn, width: number): number {
    const body = cardBody(tile, drawn, { isFirst: false, isChosen: false }).text;
    return this.kept(body, () => this.probe(body, drawn, width));
  }

  /** What laying out the page has said, and would say again. */
  private kept<Value>(name: string, read: () => Value): Value {
    if (!this.measured.has(name)) this.measured.set(name, read());
    return this.measured.get(name) as Value;
  }

  /** Height of a card that nobody sees. */
  private probe(body: string, drawn: Drawn, width: number): number {
    const probe = document.createElement("li");
    probe.className = `card card-${drawn.options.cards} card-probe`;
    probe.inert = true;
    probe.style.width = `${width}px`;
    probe.innerHTML = body;
    // The lists of folded groups have no size.
    const holder = document.createElement("ul");
    holder.className = this.lists[0]!.className;
    holder.append(probe);
    this.canvas.append(holder);
    const height = Math.ceil(probe.getBoundingClientRect().height);
    holder.remove();
    return height;
  }

  private headingHeight(): number {
    const summary = this.canvas.querySelector("summary");
    if (!summary) return 0;
    return Math.ceil(
      summary.getBoundingClientRect().height + parseFloat(getComputedStyle(summary).marginBottom),
    );
  }

  /** Draws what is in sight and a little more. */
  paint(): void {
    if (!this.layout || !this.arranged) return;
    if (sizeOf(this.canvas).width !== this.width) this.remeasure();
    this.keepRowsWhole();
    const { top, scroll } = this.scroller.position;
    const sight = this.sight();
    const ranges = this.layout.between(top - sight * BESIDE, top + sight * (1 + BESIDE));
    const wanted = new Set(ranges.flatMap(({ first, end }) => indexes(first, end)));
    this.keepActive(wanted);
    for (const [index, { element }] of this.cards)
      if (!wanted.has(index)) {
        element.remove();
        this.cards.delete(index);
      }
    const shift = top - scroll;
    this.placeHeadings(shift);
    for (const index of [...wanted].sort((a, b) => a - b)) this.put(index, shift);
    this.of.wanted(ranges);
  }

  /** The card that has the focus stays, wherever the reader looks; without focus the tab key leads to what is in sight. */
  private keepActive(wanted: Set<number>): void {
    if (wanted.has(this.active)) return;
    const isFocused = this.cards.get(this.active)?.element.contains(document.activeElement);
    if (isFocused && this.layout!.rectangleOf(this.active)) wanted.add(this.active);
    else this.active = this.firstInSight();
  }

  /** At another width the cards in sight stay in sight. */
  private remeasure(): void {
    const at = this.firstInSight();
    this.measure(this.arranged!);
    const place = this.layout!.partOf(at);
    if (place) this.scroller.begin(place);
  }

  /** Nobody scrolls on paper: a row that would be cut there is left out. */
  private keepRowsWhole(): void {
    const { style } = this.frame;
    if (!isPrinting() && style.maxHeight === "") return;
    style.maxHeight = "";
    const { height, innerHeight } = sizeNow(this.frame);
    const { top } = this.scroller.position;
    const shown = this.layout!.between(top, top + innerHeight).flatMap(({ first, end }) =>
      indexes(first, end),
    );
    const ends = shown.map((index) => this.layout!.rectangleOf(index)!).map((card) => card.top + card.height);
    const last = greatest(
      ends.filter((end) => end <= top + innerHeight),
      0,
    );
    if (!isPrinting() || last === 0) return;
    style.maxHeight = `${last - top + height - innerHeight}px`;
    sizeNow(this.frame);
  }

  private placeHeadings(shift: number): void {
    this.layout!.sections.forEach(({ key, top }, index) => {
      if (key === null) return;
      const summary = this.lists[index]!.closest("details")!.querySelector("summary")!;
      summary.style.transform = `translateY(${top - shift}px)`;
    });
  }

  private put(index: number, shift: number): void {
    const section = this.layout!.sectionOf(index)!;
    const card = this.cards.get(index) ?? this.make(index, section);
    this.fill(index, card);
    card.element.ariaSetSize = String(section.cards);
    const { left, top } = this.layout!.rectangleOf(index)!;
    const { width, height } = this.layout!.measures;
    Object.assign(card.element.style, {
      width: `${width}px`,
      height: `${height}px`,
      left: `${left}px`,
      top: `${top - shift}px`,
    });
  }

  private make(index: number, section: Placed): Card {
    const element = document.createElement("li");
    element.className = `card card-${this.arranged!.drawn.options.cards}`;
    element.dataset["index"] = String(index);
    element.setAttribute("aria-posinset", String(index - section.first + 1));
    const list = this.lists[this.layout!.sections.indexOf(section)]!;
    const next = [...list.children].find((each) => Number((each as HTMLElement).dataset["index"]) > index);
    list.insertBefore(element, next ?? null);
    const card: Card = { element, markup: "", tile: null, drawn: null, generation: this.generation };
    this.cards.set(index, card);
    return card;
  }

  private fill(index: number, card: Card): void {
    const tile = this.of.tile(index);
    if (!tile || tile !== card.tile || this.arranged!.drawn !== card.drawn) this.write(card, tile);
    card.generation = this.generation;
    const button = card.element.querySelector<HTMLElement>(".sample")!;
    button.tabIndex = index === this.active ? 0 : -1;
    if (tile) button.setAttribute("aria-pressed", String(this.of.isChosen(tile)));
  }

  /** What is drawn already and says the same stays, and with it a sound that plays. */
  private write(card: Card, tile: Tile | null): void {
    const { element } = card;
    const { drawn } = this.arranged!;
    const isKept = !tile && card.markup !== "" && card.generation === this.generation;
    const markup = tile
      ? cardBody(tile, drawn, { isFirst: false, isChosen: false }).text
      : isKept
        ? card.markup
        : WAITING;
    [card.tile, card.drawn] = [tile, drawn];
    if (markup === card.markup) return;
    const isFocused = element.contains(document.activeElement);
    element.innerHTML = card.markup = markup;
    if (isFocused) element.querySelector<HTMLElement>(".sample")?.focus({ preventScroll: true });
  }

  /** Number of the first card of which at least the half is in sight. */
  firstInSight(): number {
    return this.inSight().first;
  }

  /** The cards in sight, by at least the half of their heights; none where there is none. */
  inSight(): { first: number; end: number } {
    if (!this.layout) return { first: 0, end: 0 };
    const { top } = this.scroller.position;
    const half = this.layout.measures.height / 2;
    const ranges = this.layout.between(top + half, Math.max(top + half + 1, top + this.sight() - half));
    return { first: ranges[0]?.first ?? 0, end: ranges.at(-1)?.end ?? 0 };
  }

  /** Makes a card the one that keys act on, brings it into sight and, where asked, gives it the focus. */
  activate(index: number, isFocused: boolean): void {
    this.active = index;
    const place = this.layout?.partOf(index);
    if (!place) return;
    this.scroller.reveal(place);
    this.paint();
    if (isFocused) this.focus();
  }

  focus(): void {
    const button = this.cards.get(this.active)?.element.querySelector<HTMLElement>(".sample");
    button?.focus({ preventScroll: true });
    // The region itself may be half out of sight.
    this.frame.scrollIntoView({ block: "nearest" });
  }

  /** The number of the card that an element is in; -1 outside of them. */
  indexOf(target: Element): number {
    const index = target.closest<HTMLElement>("li[data-index]")?.dataset["index"];
    return index === undefined ? -1 : Number(index);
  }

  element(index: number): HTMLElement | null {
    return this.cards.get(index)?.element ?? null;
  }
}

function stylesOf(list: HTMLElement): { across: number; down: number; card: number } {
  const styles = getComputedStyle(list);
  const [across, down] = [styles.columnGap, styles.rowGap].map((gap) => parseFloat(gap) || 0);
  return { across: across!, down: down!, card: parseFloat(styles.getPropertyValue("--card")) || NARROWEST };
}

const WAITING = html`<button type="button" class="sample sample-waiting" aria-busy="true">
  <span class="visually-hidden">${say("Being read")}</span>…
</button>`.text;

function indexes(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}
