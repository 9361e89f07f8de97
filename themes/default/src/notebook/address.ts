/** The state of a report's page in the kernel, in the place of a link: what is written there Python sees, and the other way round. */
import type { Address, Page } from "../live/page.ts";
import type { PageState } from "../live/state.ts";
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
  readonly isUnlimited = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private page: Page | null = null;

  constructor(private readonly model: WidgetModel) {}

  /** From now on the kernel hears of the page, and the page of the kernel. */
  follow(page: Page): void {
    this.page = page;
    this.restore(page);
  }

  /** The kernel's state changed: taken on, unless it is what the page says already. */
  heard(): void {
    if (!this.page || isSame(this.kept(), this.page.state)) return;
    this.restore(this.page);
  }

  /** From now on neither hears of the other. */
  end(): void {
    clearTimeout(this.timer);
    this.page = null;
  }

  /** As it is, not by way of a link, which has not room for everything. What the page cannot take on is left out there, too. */
  private restore(page: Page): void {
    page.restore({ anchor: "", state: this.kept(), problems: [] });
    this.write();
  }

  private kept(): PageState {
    return this.model.get(TRAIT) as PageState;
  }

  /** A notebook has no link. */
  readonly hash = (): string => "";

  readonly replace = (): void => {
    this.timer ??= setTimeout(this.write, REST);
  };

  private readonly write = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.page || isSame(this.kept(), this.page.state)) return;
    this.model.set(TRAIT, this.page.state);
    this.model.save_changes();
  };

  readonly push = this.write;
  readonly settle = this.write;
  readonly adjust = this.replace;
}
