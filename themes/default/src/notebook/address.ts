/** The state of a report's page in the kernel, in the place of a link: what is written there Python sees, and the other way round. */
import type { Address, Page } from "../live/page.ts";
import { writeLink, type PageState } from "../live/state.ts";
import type { WidgetModel } from "./model.ts";

const TRAIT = "state";

/** While the reader drags, the kernel hears of it so often, in ms. */
const REST = 60;

/** Whether two states say the same. */
function isSame(one: PageState, other: PageState): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder({ filter, group, whole, views }: PageState): unknown[] {
  return [filter, group ?? null, whole ?? true, Object.entries(views).sort(([a], [b]) => (a < b ? -1 : 1))];
}

export class KernelAddress implements Address {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private page: Page | null = null;

  constructor(private readonly model: WidgetModel) {}

  /** From now on the kernel hears of the page, and the page of the kernel. */
  follow(page: Page): void {
    this.page = page;
    page.restore();
    this.write();
  }

  /** The kernel's state changed: taken on, unless it is what the page says already. */
  heard(): void {
    if (!this.page || isSame(this.kept(), this.page.state)) return;
    this.page.restore();
    // What the page cannot take on is left out there, too.
    this.write();
  }

  private kept(): PageState {
    return this.model.get(TRAIT) as PageState;
  }

  readonly hash = (): string => {
    clearTimeout(this.timer);
    return writeLink("", this.kept()).hash;
  };

  readonly replace = (): void => {
    this.timer ??= setTimeout(this.write, REST);
  };

  private readonly write = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { state } = this.page!;
    if (isSame(this.kept(), state)) return;
    this.model.set(TRAIT, state);
    this.model.save_changes();
  };

  readonly push = this.write;
  readonly settle = this.write;
  readonly adjust = this.replace;
}
