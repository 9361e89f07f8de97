/** One sample whole, in a dialog: its image as large as fits, its text or sound, and every column with its unit. */
import { objects, type Result } from "../../src/data/result.ts";
import { floatingPlace } from "../../src/live/surroundings.ts";
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import type { Context } from "../../src/view.ts";
import { valueInWords } from "../../src/values.ts";
import { imageMarkup, isMisread } from "../../src/cards.ts";
import type { Options } from "./options.ts";
import { detailColumns } from "./queries.ts";
import type { Id } from "./state.ts";
import { say } from "../../src/words.ts";
import { messageOf } from "../../src/problem.ts";

export interface Answers {
  step: (by: number) => void;
  closed: () => void;
  played: (id: Id, into: Element) => void;
}

/** The sample's place among those that pass, when it is one of those shown. */
export interface PlaceShown {
  number: number;
  rows: number;
}

/** Side of the large image, in px, and signs of a value in the table of columns. */
const SIDE = 320;
const MOST_SIGNS = 400;

export class Detail {
  private readonly context: Context;
  private readonly options: Options;
  private readonly answers: Answers;
  private dialog: HTMLDialogElement | null = null;
  private id: Id | null = null;

  constructor(context: Context, options: Options, answers: Answers) {
    this.context = context;
    this.options = options;
    this.answers = answers;
  }

  /** Shows a sample; asks for it unless it is the one shown. */
  show(id: Id, place: PlaceShown | null, ask: () => Promise<Result>): void {
    const dialog = (this.dialog ??= this.make());
    if (!dialog.open) dialog.showModal();
    this.showPlace(place);
    if (this.id === id) return;
    this.id = id;
    void this.fill(id, ask);
  }

  close(): void {
    this.id = null;
    if (this.dialog?.open) this.dialog.close();
  }

  private async fill(id: Id, ask: () => Promise<Result>): Promise<void> {
    const body = this.dialog!.querySelector(".detail-body")!;
    let content: Markup;
    try {
      const row = objects(await ask())[0];
      content = row
        ? this.content(row, id)
        : html`<p class="view-empty">${say("There is no sample of this id.")}</p>`;
    } catch (error) {
      content = html`<p class="view-error" role="alert">
        ${say("The sample could not be read: {message}", { message: messageOf(error) })}
      </p>`;
    }
    if (this.id !== id) return;
    this.dialog!.querySelector("h3")!.textContent = `${this.options.id.name} ${String(id)}`;
    body.innerHTML = content.text;
  }

  private make(): HTMLDialogElement {
    const dialog = document.createElement("dialog");
    const name = `${this.context.request.id}-detail`;
    dialog.className = "detail";
    dialog.setAttribute("aria-labelledby", name);
    dialog.innerHTML = html`<header>
        <h3 id="${name}"></h3>
        <button type="button" data-action="close" aria-label="${say("Close")}">×</button>
      </header>
      <div class="detail-body"></div>
      <footer>
        <button type="button" data-step="-1">${say("Previous")}</button
        ><span class="detail-place" role="status"></span
        ><button type="button" data-step="1">${say("Next")}</button>
      </footer>`.text;
    dialog.addEventListener("click", (event) => this.clicked(event.target as Element));
    dialog.addEventListener("keydown", (event) => this.pressed(event));
    dialog.addEventListener("close", () => {
      if (this.id === null) return;
      this.id = null;
      this.answers.closed();
    });
    floatingPlace().append(dialog);
    return dialog;
  }

  private clicked(target: Element): void {
    const { action, step, play } = target.closest<HTMLElement>("button")?.dataset ?? {};
    // The dialog itself is hit only where it is nothing but backdrop.
    if (action === "close" || target === this.dialog) this.dialog!.close();
    if (step !== undefined) this.answers.step(Number(step));
    if (play !== undefined) this.answers.played(this.id!, this.dialog!.querySelector(".detail-sound")!);
  }

  private pressed(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined || (event.target as Element).closest("audio")) return;
    event.preventDefault();
    this.answers.step(by);
  }

  private showPlace(place: PlaceShown | null): void {
    const said = place
      ? say("{number} of {rows}", { number: formatCount(place.number), rows: formatCount(place.rows) })
      : "";
    this.dialog!.querySelector(".detail-place")!.textContent = said;
    const [previous, next] = this.dialog!.querySelectorAll<HTMLButtonElement>("[data-step]");
    previous!.disabled = !place || place.number <= 1;
    next!.disabled = !place || place.number >= place.rows;
  }

  private content(row: Readonly<Record<string, unknown>>, id: Id): Markup {
    const { table } = this.context;
    const { sheet, x, y, text, audio } = this.options;
    const of = (column: Column | null): unknown => (column ? row[column.name] : undefined);
    const sheets = table.media.filter((each) => each.kind === "sprite");
    const image = imageMarkup({ id, sheet: of(sheet), x: of(x), y: of(y) }, sheets, SIDE);
    const whole = text && html`<p class="detail-text" tabindex="0">${String(of(text) ?? "–")}</p>`;
    const sound =
      audio &&
      html`<p class="detail-sound">
        <button type="button" class="sample-play" data-play="">
          <span aria-hidden="true">▶</span> ${say("Play")}
        </button>
      </p>`;
    const hidden = new Set(
      [sheet, x, y, text].filter((column) => column !== null).map((column) => column.name),
    );
    const shown = detailColumns(table).filter(({ name }) => !hidden.has(name));
    return html`<div class="detail-media">${image}${whole}${sound}${this.misread(row)}</div>
      <dl class="detail-columns">${shown.map((column) => entry(column, row[column.name]))}</dl>`;
  }

  private misread(row: Readonly<Record<string, unknown>>): Markup | null {
    const { label, prediction } = this.options;
    const [shows, said] = [label && row[label.name], prediction && row[prediction.name]];
    if (!isMisread({ id: null, label: shows, prediction: said })) return null;
    return html`<p class="sample-prediction">
      <span class="sample-mark" aria-hidden="true">✗</span>
      ${say("said {said}, is {shows}", { said: formatCell(said, 60), shows: formatCell(shows, 60) })}
    </p>`;
  }
}

function entry(column: Column, value: unknown): Markup {
  const said =
    typeof value === "number" && column.role === "id"
      ? String(value)
      : valueInWords(column, value, MOST_SIGNS);
  return html`<div>
    <dt title="${column.description}">${column.name}</dt>
    <dd>${said}</dd>
  </div>`;
}
