/** The list below the filter's field: what may come next, by keyboard or pointer, as the ARIA combobox pattern has it. */
import { html, type Markup } from "../../src/markup.ts";
import type { Table } from "../../src/page.ts";
import type { Column } from "../../src/page.ts";
import { completionAt, MOST_ITEMS, valueItems, type Completion, type Item } from "./complete.ts";

export type AskValues = (column: Column, prefix: string) => Promise<{ value: unknown; n: number }[]>;

/** How long a reader rests before the database is asked for values, in ms. */
const REST = 80;

export class Combobox {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly table: Table;
  private readonly ask: AskValues;
  private completion: Completion | null = null;
  private items: readonly Item[] = [];
  private active = -1;
  /** Tells the newest question from those before it. */
  private asked = 0;

  constructor(input: HTMLInputElement, list: HTMLElement, table: Table, ask: AskValues) {
    this.input = input;
    this.list = list;
    this.table = table;
    this.ask = ask;
    input.addEventListener("input", () => void this.complete());
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(Number(option.dataset["index"]));
    });
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  /** True when the key was the list's own; the field leaves it alone then. */
  press(event: KeyboardEvent): boolean {
    const isOwn = this.handle(event);
    if (isOwn) event.preventDefault();
    return isOwn;
  }

  private handle({ key, ctrlKey }: KeyboardEvent): boolean {
    if ((key === " " && ctrlKey) || (key === "ArrowDown" && !this.isOpen)) return this.reveal();
    if (!this.isOpen) return false;
    const keys: Readonly<Record<string, () => boolean>> = {
      ArrowDown: () => this.move(1),
      ArrowUp: () => this.move(-1),
      Escape: () => this.close(),
      Enter: () => this.leave(),
      Tab: () => this.leave(),
    };
    return keys[key]?.() ?? false;
  }

  /** Takes the item that is marked; without one the key is the field's. */
  private leave(): boolean {
    if (this.active >= 0) return this.take(this.active);
    this.close();
    return false;
  }

  private reveal(): boolean {
    void this.complete();
    return true;
  }

  private async complete(): Promise<void> {
    const question = ++this.asked;
    const completion = completionAt(this.input.value, this.input.selectionStart ?? 0, this.table);
    this.show(completion, completion.items);
    const { values } = completion;
    if (!values) return;
    await new Promise((resolve) => setTimeout(resolve, REST));
    if (question !== this.asked) return;
    const found = await this.ask(values.column, values.prefix);
    if (question === this.asked && document.activeElement === this.input)
      this.show(completion, [...valueItems(found), ...completion.items]);
  }

  private show(completion: Completion, items: readonly Item[]): void {
    this.completion = completion;
    this.items = items.slice(0, MOST_ITEMS);
    this.list.innerHTML = html`${this.items.map((item, index) => this.option(item, index))}`.text;
    this.list.hidden = this.items.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.activate(-1);
  }

  private option({ kind, label, detail }: Item, index: number): Markup {
    return html`<li
      role="option"
      class="completion completion-${kind}"
      id="${this.list.id}-${index}"
      data-index="${index}"
      aria-selected="false"
    >
      <span>${label || "“”"}</span> <small>${detail}</small>
    </li>`;
  }

  private move(step: number): boolean {
    const { length } = this.items;
    this.activate(this.active < 0 && step < 0 ? length - 1 : (this.active + step + length) % length);
    return true;
  }

  private activate(index: number): void {
    this.active = index;
    [...this.list.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === index)),
    );
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
      this.list.children[index]!.scrollIntoView({ block: "nearest" });
    }
  }

  /** Writes the item in its place; what comes next is offered at once. */
  private take(index: number): boolean {
    const { from, to } = this.completion!;
    const { text } = this.items[index]!;
    const before = this.input.value;
    this.input.value = before.slice(0, from) + text + before.slice(to);
    this.input.setSelectionRange(from + text.length, from + text.length);
    this.input.focus();
    this.close();
    return true;
  }

  close(): boolean {
    this.asked++;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
    return true;
  }
}
