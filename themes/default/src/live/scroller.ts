/** A region that scrolls through more than its element can be high: holds where the reader is, and says when it moved. */
import { areSizesOfNow, onResize } from "./resizing.ts";
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
    signal?: AbortSignal,
  ) {
    element.addEventListener("scroll", () => this.follow(), { passive: true });
    element.addEventListener("scrollend", () => this.rest());
    onResize(element, () => this.resized(), signal);
  }

  /** Paints in the next frame. */
  schedule(): void {
    this.painting ||= requestAnimationFrame(() => {
      this.painting = 0;
      this.scrolled.paint();
    });
  }

  private resized(): void {
    if (!this.scrolled.extent()) return;
    if (areSizesOfNow()) this.scrolled.paint();
    else this.schedule();
  }

  toTop(): void {
    this.scrollTo(0);
    this.position = START;
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
    this.position = { scroll: this.scrollTo(scroll), top };
    this.schedule();
  }
  /** The browser rounds it: what it made of it is where the next step starts. At the top it would only be held up. */
  private scrollTo(scroll: number): number {
    if (scroll === 0 && this.position.scroll === 0) return 0;
    this.element.scrollTop = scroll;
    return this.element.scrollTop;
  }
}
