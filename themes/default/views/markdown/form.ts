/** Where a reader writes: a field for Markdown, with what it becomes beside it. Keys do all that the buttons do. */
import { html } from "../../src/markup.ts";
import { say } from "../../src/words.ts";

export interface Actions {
  /** Shows what the text becomes. */
  preview: (text: string) => void;
  apply: (text: string) => void;
  cancel: () => void;
  /** Why the text cannot be applied; empty where it can. */
  problem: (text: string) => string;
  /** Is told of every change, and whether there is anything to lose. */
  changed: (text: string, isDraft: boolean) => void;
}

/** How long a reader rests before the preview follows, in ms. */
const REST = 120;

const [FEWEST_LINES, MOST_LINES] = [6, 24];

export class Form {
  readonly element: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly actions: Actions;
  /** What the text is when nothing is applied. */
  private readonly base: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** A field that holds `text`, which may be a draft of what the text shall be in place of `base`. */
  constructor(id: string, base: string, text: string, actions: Actions) {
    this.base = base;
    this.actions = actions;
    this.element = document.createElement("form");
    this.element.className = "edit-form";
    this.element.innerHTML = html`<label for="${id}-field">${say("Markdown")}</label>
      <textarea id="${id}-field" aria-describedby="${id}-keys" spellcheck="true"></textarea>
      <p class="edit-problem" role="alert" hidden></p>
      <div class="edit-ask" hidden>
        <p role="alert"></p>
        <div class="edit-buttons">
          <button type="button" data-action="keep">${say("Go on writing")}</button>
          <button type="button" data-action="drop">${say("Discard what I wrote")}</button>
        </div>
      </div>
      <div class="edit-buttons">
        <button type="button" class="edit-apply" data-action="apply">${say("Apply")}</button>
        <button type="button" data-action="cancel">${say("Cancel")}</button>
        <span class="edit-keys" id="${id}-keys"
          ><kbd>${say("Ctrl")}</kbd> <kbd>${say("Enter")}</kbd> ${say("applies,")}
          <kbd>${say("Esc")}</kbd> ${say("cancels")}</span
        >
      </div>`.text;
    this.field = this.element.querySelector("textarea")!;
    this.field.value = text;
    this.field.rows = Math.min(MOST_LINES, Math.max(FEWEST_LINES, text.split("\n").length + 1));
    this.element.addEventListener("input", () => this.changed());
    this.element.addEventListener("keydown", (event) => this.pressed(event));
    // No submit: a notebook may show its outputs in frames that let forms send nothing.
    this.on("apply", () => this.apply());
    this.on(
      "cancel",
      () => this.leave() || this.element.querySelector<HTMLElement>("[data-action=keep]")!.focus(),
    );
    this.on("keep", () => (this.ask(false), this.focus()));
    this.on("drop", () => this.finish(() => actions.cancel()));
  }

  private on(action: string, then: () => void): void {
    this.element.querySelector(`[data-action=${action}]`)!.addEventListener("click", then);
  }

  value(): string {
    return this.field.value;
  }

  focus(): void {
    this.field.focus();
  }

  /** Whether there is anything to lose. */
  private isDraft(): boolean {
    return this.value() !== this.base;
  }

  private changed(): void {
    this.ask(false);
    this.actions.changed(this.value(), this.isDraft());
    this.say(this.actions.problem(this.value()));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.actions.preview(this.value()), REST);
  }

  /** The keys are the form's own: Escape closes nothing else, and what was written only when it is pressed again. */
  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const isApplied = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !isApplied) return;
    event.preventDefault();
    event.stopPropagation();
    if (isApplied) this.apply();
    else if (this.isAsking() && !event.repeat) this.finish(() => this.actions.cancel());
    else this.leave();
  }

  /** Cancels where nothing is lost by it, else asks; whether it is cancelled. */
  private leave(): boolean {
    const isDraft = this.isDraft();
    if (isDraft) this.ask(true);
    else this.finish(() => this.actions.cancel());
    return !isDraft;
  }

  private isAsking(): boolean {
    return !this.element.querySelector<HTMLElement>(".edit-ask")!.hidden;
  }

  private ask(isAsked: boolean): void {
    const place = this.element.querySelector<HTMLElement>(".edit-ask")!;
    place.hidden = !isAsked;
    // Said when it comes, and again when it comes again.
    place.querySelector("p")!.textContent = isAsked
      ? say("What you wrote is not applied. Press Escape again to discard it.")
      : "";
  }

  private apply(): void {
    const problem = this.actions.problem(this.value());
    this.say(problem);
    if (!problem) this.finish(() => this.actions.apply(this.value()));
  }

  private say(problem: string): void {
    const line = this.element.querySelector<HTMLElement>(".edit-problem")!;
    line.textContent = problem;
    line.hidden = problem === "";
  }

  private finish(then: () => void): void {
    clearTimeout(this.timer);
    then();
  }
}
