/** A rubber band over cards: pressed anywhere among them and dragged, it selects those that it touches. */

/** Px that a press may move and still be a click. */
const SLACK = 4;

export class Band {
  private start: { x: number; y: number } | null = null;
  private box: HTMLElement | null = null;
  private isBanded = false;

  constructor(
    private readonly frame: () => HTMLElement | null,
    private readonly select: (cards: readonly HTMLElement[], keep: boolean) => void,
    body: HTMLElement,
  ) {
    body.addEventListener("pointerdown", (event) => this.press(event));
    body.addEventListener("pointermove", (event) => this.move(event));
    body.addEventListener("pointerup", (event) => this.release(event));
    body.addEventListener("pointercancel", () => this.end());
    body.addEventListener("click", (event) => this.swallow(event), { capture: true });
  }

  private press(event: PointerEvent): void {
    const frame = this.frame();
    const target = event.target as Element;
    // A finger scrolls, and what else can be pressed is pressed.
    if (!frame?.contains(target) || event.button !== 0 || event.pointerType === "touch") return;
    if (target.closest("button:not(.sample), a, summary, input")) return;
    const { right, bottom } = frame.getBoundingClientRect();
    // The bar that scrolls is the frame's own.
    if (event.clientX > right - (frame.offsetWidth - frame.clientWidth)) return;
    if (event.clientY > bottom - (frame.offsetHeight - frame.clientHeight)) return;
    this.start = { x: event.clientX, y: event.clientY };
    this.isBanded = false;
  }

  /** The press that ends a band is no click on the card below it. */
  private swallow(event: MouseEvent): void {
    if (!this.isBanded) return;
    this.isBanded = false;
    event.stopPropagation();
  }

  private move(event: PointerEvent): void {
    const { start } = this;
    if (!start) return;
    if (!this.box && Math.hypot(event.clientX - start.x, event.clientY - start.y) < SLACK) return;
    if (!this.box) {
      this.box = this.made();
      this.frame()?.setPointerCapture(event.pointerId);
    }
    const [left, top] = [Math.min(start.x, event.clientX), Math.min(start.y, event.clientY)];
    this.box.style.left = `${left}px`;
    this.box.style.top = `${top}px`;
    this.box.style.width = `${Math.abs(event.clientX - start.x)}px`;
    this.box.style.height = `${Math.abs(event.clientY - start.y)}px`;
  }

  private made(): HTMLElement {
    const box = document.createElement("div");
    box.className = "review-band";
    document.body.append(box);
    return box;
  }

  private release(event: PointerEvent): void {
    const { box } = this;
    const held = box?.getBoundingClientRect();
    this.end();
    if (!held) return;
    this.isBanded = true;
    const cards = [...(this.frame()?.querySelectorAll<HTMLElement>(".sample") ?? [])].filter((card) =>
      touches(card.getBoundingClientRect(), held),
    );
    this.select(cards, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  private end(): void {
    this.box?.remove();
    this.box = null;
    this.start = null;
  }
}

function touches(one: DOMRect, other: DOMRect): boolean {
  return one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;
}
