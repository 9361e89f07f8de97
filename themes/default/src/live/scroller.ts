/** A region that scrolls through more than its element can be high: holds where the reader is, and says when it moved. */
import { begin, follow, reveal, settled, START, type Extent, type Part, type Position } from "../scroll.ts";

/** A rest after which the scrollbar is put where the rows are, in ms; where browsers do not tell of it. */
const REST = 200;

export interface Scrolled {
  /** What there is to see; null while nothing is known of it. */
  extent: () => Extent | null;
  /** Called when something else is in sight, once a frame at most. */
  paint: () => void;
  /** Called when the reader has come to rest. */
  rested?: () => void;
}

export class Scroller {
  position: Position = START;
  private painting = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly element: HTMLElement,
    private readonly scrolled: Scrolled,
  ) {
    element.addEventListener("scroll", () => this.follow(), { passive: true });
    element.addEventListener("scrollend", () => this.rest());
    new ResizeObserver(() => scrolled.extent() && this.schedule()).observe(element);
  }

  /** Paints in the next frame. */
  schedule(): void {
    this.painting ||= requestAnimationFrame(() => {
      this.painting = 0;
      this.scrolled.paint();
    });
  }

  toTop(): void {
    this.position = START;
    this.element.scrollTop = 0;
  }

  /** The least move that brings a part into sight. */
  reveal(part: Part): void {
    const extent = this.scrolled.extent();
    if (extent) this.moveTo(reveal(this.position, part, extent));
  }

  /** Puts a part at the upper edge. */
  begin(part: Part): void {
    const extent = this.scrolled.extent();
    if (extent) this.moveTo(begin(part, extent));
  }

  private follow(): void {
    const extent = this.scrolled.extent();
    const { scrollTop } = this.element;
    if (!extent || scrollTop === this.position.scroll) return;
    this.position = follow(this.position, scrollTop, extent);
    this.schedule();
    clearTimeout(this.resting);
    if (!("onscrollend" in window)) this.resting = setTimeout(() => this.rest(), REST);
  }

  private rest(): void {
    const extent = this.scrolled.extent();
    if (!extent) return;
    this.moveTo(settled(this.position, extent));
    this.scrolled.rested?.();
  }

  private moveTo({ scroll, top }: Position): void {
    this.element.scrollTop = scroll;
    // The browser rounds it; what it made of it is where the next step starts.
    this.position = { scroll: this.element.scrollTop, top };
    this.schedule();
  }
}
