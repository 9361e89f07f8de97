/**
 * Where every card lies, without any being drawn: cards of one size in columns, below the headings of their groups. A
 * card's number is its place in the order, whatever is folded. Knows no document.
 */
import type { Part } from "../../src/scroll.ts";

/** Cards below one heading, or all of them where there are no groups. */
export interface Section {
  /** The group's value as JSON; null where there are no groups. */
  key: string | null;
  cards: number;
  isClosed: boolean;
}

/** Sizes in px. */
export interface Measures {
  columns: number;
  width: number;
  height: number;
  /** Room between cards. */
  across: number;
  down: number;
  /** Height of a heading with the room below it, and the room above the next. */
  heading: number;
  apart: number;
}

export interface Placed extends Section {
  /** Number of its first card. */
  first: number;
  /** Upper edge of its heading, of its first card, and the end of its last one. */
  top: number;
  cardsTop: number;
  end: number;
}

export interface Rectangle extends Part {
  left: number;
}

/** Which way a key leads. */
export type Way = "next" | "previous" | "down" | "up" | "first" | "last" | "page down" | "page up";

export const WAYS: Readonly<Record<string, Way>> = {
  ArrowRight: "next",
  ArrowLeft: "previous",
  ArrowDown: "down",
  ArrowUp: "up",
  Home: "first",
  End: "last",
  PageDown: "page down",
  PageUp: "page up",
};

export class Layout {
  readonly sections: readonly Placed[];
  /** Height of all cards and headings. */
  readonly length: number;
  /** Cards in all, folded ones included. */
  readonly cards: number;

  constructor(
    sections: readonly Section[],
    readonly measures: Measures,
  ) {
    this.sections = placed(sections, measures);
    this.length = this.sections.at(-1)?.end ?? 0;
    this.cards = sections.reduce((sum, section) => sum + section.cards, 0);
  }

  sectionOf(index: number): Placed | null {
    return this.sections.find(({ first, cards }) => index >= first && index < first + cards) ?? null;
  }

  /** Where a card lies; null for one that is folded away, or that there is not. */
  rectangleOf(index: number): Rectangle | null {
    const section = this.sectionOf(index);
    if (!section || section.isClosed) return null;
    const { columns, width, height, across, down } = this.measures;
    const at = index - section.first;
    return {
      top: section.cardsTop + Math.floor(at / columns) * (height + down),
      left: (at % columns) * (width + across),
      height,
    };
  }

  /** What is brought into sight with a card: itself, and the heading above the first row. */
  partOf(index: number): Part | null {
    const place = this.rectangleOf(index);
    const section = this.sectionOf(index);
    if (!place || !section) return null;
    const top = place.top === section.cardsTop ? section.top : place.top;
    return { top, height: place.top + place.height - top };
  }

  /** Numbers of the cards between two heights, by section; rows that lie there in part are whole. */
  between(top: number, end: number): { section: Placed; first: number; end: number }[] {
    const { columns, height, down } = this.measures;
    return this.sections.flatMap((section) => {
      if (section.isClosed || section.cards === 0) return [];
      const rows = Math.ceil(section.cards / columns);
      const rowAt = (y: number): number => (y - section.cardsTop) / (height + down);
      const firstRow = Math.max(0, Math.floor(rowAt(top + down)));
      const endRow = Math.min(rows, Math.ceil(rowAt(end)));
      if (endRow <= firstRow) return [];
      const last = Math.min(section.cards, endRow * columns);
      return [{ section, first: section.first + firstRow * columns, end: section.first + last }];
    });
  }

  /** The card that a key leads to from another, at most to either end; null where no card is shown. */
  step(from: number, way: Way, sight: number): number | null {
    const open = this.sections.filter(({ isClosed, cards }) => !isClosed && cards > 0);
    const section = open.find(({ first, cards }) => from >= first && from < first + cards);
    const [start, final] = [open[0], open.at(-1)];
    if (!start || !final) return null;
    if (way === "first" || !section) return start.first;
    if (way === "last") return final.first + final.cards - 1;
    if (way === "next" || way === "previous")
      return this.beside(open, section, from, way === "next" ? 1 : -1);
    return this.along(open, from, way, sight);
  }

  /** The card of the same column that is a row or a page away. */
  private along(open: readonly Placed[], from: number, way: Way, sight: number): number {
    const rows = way.startsWith("page") ? this.rowsOfPage(sight) : 1;
    const direction = way.endsWith("down") ? 1 : -1;
    let index = from;
    for (let row = 0; row < rows; row++) index = this.below(open, index, direction);
    return index;
  }

  /** Rows that a page turns over: one of those in sight stays. */
  private rowsOfPage(sight: number): number {
    const { height, down } = this.measures;
    return Math.max(1, Math.floor(sight / (height + down)) - 1);
  }

  private beside(open: readonly Placed[], section: Placed, from: number, direction: 1 | -1): number {
    const next = from + direction;
    if (next >= section.first && next < section.first + section.cards) return next;
    const neighbour = open[open.indexOf(section) + direction];
    if (!neighbour) return from;
    return direction > 0 ? neighbour.first : neighbour.first + neighbour.cards - 1;
  }

  /** The card of the same column in the next row; a shorter row's last one. */
  private below(open: readonly Placed[], from: number, direction: 1 | -1): number {
    const { columns } = this.measures;
    const section = open.find(({ first, cards }) => from >= first && from < first + cards)!;
    const [column, row] = [(from - section.first) % columns, Math.floor((from - section.first) / columns)];
    const inRow = ({ first, cards }: Placed, of: number): number =>
      first + Math.min(cards - 1, of * columns + column);
    const rowsOf = ({ cards }: Placed): number => Math.ceil(cards / columns);
    const next = row + direction;
    if (next >= 0 && next < rowsOf(section)) return inRow(section, next);
    const neighbour = open[open.indexOf(section) + direction];
    if (!neighbour) return from;
    return inRow(neighbour, direction > 0 ? 0 : rowsOf(neighbour) - 1);
  }
}

function placed(sections: readonly Section[], measures: Measures): Placed[] {
  const { columns, height, down, heading, apart } = measures;
  let [first, top] = [0, 0];
  return sections.map((section, index) => {
    const above = top + (index > 0 ? apart : 0);
    const cardsTop = above + (section.key === null ? 0 : heading);
    const rows = section.isClosed ? 0 : Math.ceil(section.cards / columns);
    const end = cardsTop + Math.max(0, rows * (height + down) - down);
    const found = { ...section, first, top: above, cardsTop, end };
    first += section.cards;
    top = end;
    return found;
  });
}
