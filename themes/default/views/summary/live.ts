/** The live half of a summary: readers add charts, take them away, order and rename them; the link keeps the choice. */
import { hideBar, showBar } from "../../src/live/edited.ts";
import { sourceOf } from "../../src/live/editor.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { Parts } from "../../src/live/parts.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { BlockSource } from "../../src/page.ts";
import type { ViewState } from "../../src/view.ts";
import {
  builtTitle,
  chosen,
  LONGEST_TITLE,
  renamed,
  writtenState,
  type Options,
  type Titles,
} from "./view.ts";
import { say } from "../../src/words.ts";

class LiveSummary implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private readonly source: BlockSource;
  private readonly parts: Parts;
  private readonly button: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private readonly bar: HTMLElement;
  private columns: readonly string[];
  /** What the reader calls charts, by column. */
  private titles: Titles = {};

  constructor(host: Host, source: BlockSource) {
    this.host = host;
    this.source = source;
    this.options = host.options as Options;
    this.columns = this.options.columns;
    this.button = host.body.querySelector<HTMLButtonElement>("[data-action=edit]")!;
    this.panel = host.body.querySelector<HTMLElement>(".summary-edit")!;
    this.bar = host.body.querySelector<HTMLElement>(".summary-bar")!;
    this.parts = new Parts(this.panel);
    this.button.addEventListener("click", () => (this.isOpen() ? this.close() : this.open()));
    this.panel.addEventListener("click", (event) => this.act(event.target as Element));
    this.panel.addEventListener("change", (event) => this.rename(event.target as HTMLElement));
    this.panel.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(): void {}

  restore(state: ViewState | null): void {
    this.columns = chosen(this.options, state);
    this.titles = renamed(this.options, state);
    this.show();
  }

  private isOpen(): boolean {
    return this.panel.childElementCount > 0;
  }

  private open(): void {
    const { id } = this.host.context.request;
    this.panel.innerHTML = html`<div
      class="summary-panel"
      role="group"
      aria-label="${say("Charts of this summary")}"
    >
      <ol class="summary-list" data-part="list" aria-label="${say("Charts shown")}"></ol>
      <div class="summary-add" data-part="add"></div>
      <p class="visually-hidden" role="status" id="${id}-said"></p>
    </div>`.text;
    this.parts.forget();
    this.button.textContent = say("Done");
    this.button.setAttribute("aria-expanded", "true");
    this.show();
    this.panel.querySelector<HTMLElement>("select, button")?.focus({ preventScroll: true });
  }

  private close(): void {
    this.panel.replaceChildren();
    this.button.textContent = say("Choose charts");
    this.button.setAttribute("aria-expanded", "false");
    this.button.focus();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }

  private act(target: Element): void {
    const button = target.closest<HTMLElement>("[data-action]");
    const column = button?.dataset["column"] ?? "";
    const at = this.columns.indexOf(column);
    const actions: Readonly<Record<string, () => void>> = {
      up: () => this.choose(moved(this.columns, at, -1), say("{column} is now chart {at}.", { column, at })),
      down: () =>
        this.choose(moved(this.columns, at, 1), say("{column} is now chart {at}.", { column, at: at + 2 })),
      remove: () => this.choose(without(this.columns, column), say("{column} is taken away.", { column })),
      add: () => this.add(),
    };
    actions[button?.dataset["action"] ?? ""]?.();
  }

  private add(): void {
    const column = this.panel.querySelector("select")?.value;
    if (column) this.choose([...this.columns, column], say("{column} is added.", { column }));
  }

  /** An empty title is the report's own. */
  private rename(field: HTMLElement): void {
    const column = field.dataset["rename"];
    if (column === undefined) return;
    const title = (field as HTMLInputElement).value.trim() || builtTitle(this.options, column);
    const titles = renamed(this.options, { titles: { ...this.titles, [column]: title } });
    this.choose(this.columns, say("The chart of {column} is called {title}.", { column, title }), titles);
    (field as HTMLInputElement).value = title;
  }

  private choose(columns: readonly string[], said: string, titles = this.titles): void {
    const { options, host } = this;
    this.columns = columns;
    this.titles = titles;
    host.publish(writtenState(options, columns, titles), null, "commit");
    this.show();
    const status = this.panel.querySelector("[role=status]");
    if (status) status.textContent = said;
    // The pressed button may be gone, or at an end of the list.
    const { activeElement } = document;
    if (!this.panel.contains(activeElement) || (activeElement as HTMLButtonElement).disabled)
      this.panel.querySelector<HTMLElement>("select, button:not(:disabled)")?.focus({ preventScroll: true });
  }

  private show(): void {
    if (this.isOpen()) this.parts.show({ list: this.list(), add: this.adding() });
    this.showBar();
  }

  private showBar(): void {
    const { page, context } = this.host;
    const { id } = context.request;
    const { columns, options, titles } = this;
    const state = writtenState(options, columns, titles);
    if (state === null) {
      hideBar(this.bar);
      return;
    }
    showBar(this.bar, {
      page,
      id,
      source: this.source,
      said: state["columns"] ? say("A reader chose these charts.") : say("A reader renamed these charts."),
      text: (editor) =>
        editor.withChoice(this.source, {
          ...(state["columns"] ? { columns } : {}),
          ...(state["titles"] ? { titles: titlesOf(options, titles) } : {}),
        }),
      discard: () => this.choose(options.columns, say("The charts are those of the report."), {}),
    });
  }

  private list(): Markup {
    const last = this.columns.length - 1;
    return html`${this.columns.map(
      (column, at) =>
        html`<li>
          <input
            class="summary-name"
            data-rename="${column}"
            data-key="rename ${column}"
            value="${this.titles[column] ?? builtTitle(this.options, column)}"
            maxlength="${LONGEST_TITLE}"
            autocomplete="off"
            aria-label="${say("Title of the chart of {column}", { column })}"
            title="${column}"
          />
          ${mover("up", column, "↑", at === 0)}${mover("down", column, "↓", at === last)}
          <button
            type="button"
            data-action="remove"
            data-column="${column}"
            data-key="remove ${column}"
            aria-label="${say("Take {column} away", { column })}"
          >
            ×
          </button>
        </li>`,
    )}`;
  }

  private adding(): Markup {
    const { id } = this.host.context.request;
    const rest = this.options.charts.filter((column) => !this.columns.includes(column));
    if (rest.length === 0)
      return html`<p class="summary-note">${say("Every column that a chart can show is shown.")}</p>`;
    return html`<label for="${id}-add">${say("Add a chart of")}</label>
      <select id="${id}-add" data-key="choice">
        ${rest.map((column) => html`<option value="${column}">${column}</option>`)}
      </select>
      <button type="button" data-action="add" data-key="add">${say("Add")}</button>`;
  }
}

function mover(way: "up" | "down", column: string, sign: string, isEnd: boolean): Markup {
  return html`<button
    type="button"
    data-action="${way}"
    data-column="${column}"
    data-key="${way} ${column}"
    aria-label="${way === "up" ? say("Move {column} up", { column }) : say("Move {column} down", { column })}"
    ${isEnd ? "disabled" : ""}
  >
    ${sign}
  </button>`;
}

/** All titles that are not their columns' names, as the block says them. */
function titlesOf(options: Options, titles: Titles): Titles {
  const all = { ...options.titles, ...titles };
  return Object.fromEntries(Object.entries(all).filter(([column, title]) => title !== column));
}

function moved(columns: readonly string[], at: number, by: number): string[] {
  const found = [...columns];
  const [column] = found.splice(at, 1);
  found.splice(at + by, 0, column!);
  return found;
}

function without(columns: readonly string[], column: string): string[] {
  return columns.filter((each) => each !== column);
}

export const live: LiveFactory = (host) => {
  const source = sourceOf(host.page, host.context.request.id);
  return source ? new LiveSummary(host, source) : { draw: () => undefined, restore: () => undefined };
};
