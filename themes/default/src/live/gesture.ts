/** What a reader changes bit by bit, by a drag, a wheel or keys, until it is one step in the browser's history. */

/** A rest after which what was changed without a pointer is a step; in ms. */
const REST = 300;

/** `State` is what is selected, as the view writes it. */
export class Gesture<State> {
  /** Whether something changed that is no step yet. */
  isOpen = false;
  /** The pointer that is down. */
  private pointer: number | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;

  /** `before` is what was selected when the pointer went down; `ended` makes what is selected now a step. */
  constructor(
    public before: State,
    private readonly ended: () => void,
  ) {}

  get isHeld(): boolean {
    return this.pointer !== null;
  }

  /** Something changed: it goes on until the pointer is lifted, or where none is down until nothing changes for a while. */
  go(): void {
    this.settle();
    this.isOpen = true;
    if (!this.isHeld) this.resting = setTimeout(() => this.end(), REST);
  }

  end(): void {
    if (!this.isOpen) return;
    this.settle();
    this.ended();
  }

  /** What changed is a step already, or none. */
  settle(): void {
    clearTimeout(this.resting);
    this.isOpen = false;
  }

  /** Of several fingers the first one's drag counts; false for the others. */
  press(pointer: number, before: State): boolean {
    if (this.isHeld && this.isOpen) return false;
    this.end();
    this.pointer = pointer;
    this.before = before;
    return true;
  }

  /** Whether it was the pointer that is down. */
  lift(pointer: number | null = this.pointer): boolean {
    if (pointer !== this.pointer) return false;
    this.pointer = null;
    return true;
  }

  /** The browser takes the pointer to scroll the page: whether there is something to take back, which was not meant. */
  cancel(pointer: number): boolean {
    if (!this.lift(pointer) || !this.isOpen) return false;
    this.settle();
    return true;
  }
}
