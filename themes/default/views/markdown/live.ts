/** The live half of a text: shows the edit that the link holds, and lets readers make one. */
import { sourceOf, loadEditor } from "../../src/live/editor.ts";
import { hideBar, showBar } from "../../src/live/edited.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { formatCount, html } from "../../src/markup.ts";
import type { BlockSource } from "../../src/page.ts";
import { textOf } from "../../src/source.ts";
import type { ViewState } from "../../src/view.ts";
import { Draft } from "./draft.ts";
import { Form } from "./form.ts";
import { applyEdit, digest, editOf, LONGEST, readEdit, type Edit } from "./state.ts";
import { say } from "../../src/words.ts";

class LiveText implements LiveView {
  private readonly host: Host;
  private readonly source: BlockSource;
  private readonly text: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly button: HTMLButtonElement;
  /** The drawing of the build. */
  private readonly built: string;
  private readonly original: string;
  private edit: Edit | null = null;
  private form: Form | null = null;
  private readonly draft: Draft;
  private shown: Promise<void> = Promise.resolve();
  /** Counts what was to be shown: only the last counts. */
  private turn = 0;

  constructor(host: Host, source: BlockSource) {
    this.host = host;
    this.source = source;
    this.text = host.body.querySelector<HTMLElement>(".prose-text")!;
    this.button = host.body.querySelector<HTMLButtonElement>("[data-action=edit]")!;
    this.bar = document.createElement("div");
    this.bar.setAttribute("aria-live", "polite");
    this.text.after(this.bar);
    this.built = this.text.innerHTML;
    this.original = textOf(source);
    this.draft = new Draft(host.context.request.id, digest(this.original));
    this.button.addEventListener("click", () => void this.open());
  }

  draw(): Promise<void> {
    return this.shown;
  }

  restore(state: ViewState | null): void {
    this.edit = readEdit(state);
    // What a reader is writing stays, whatever the link says meanwhile.
    if (!this.form) this.shown = this.show();
  }

  /** The text as it stands in the link; an edit of an earlier text leaves it as it was built. */
  private edited(): string | null {
    return this.edit && applyEdit(this.original, this.edit);
  }

  private async show(): Promise<void> {
    const turn = ++this.turn;
    const edited = this.edited();
    try {
      await this.write(edited, turn);
    } catch {
      this.say(say("The link edits this text, and the editor could not be loaded: reload the page."));
      return;
    }
    // The link may have come to say something else while the editor was loaded.
    if (turn !== this.turn) return;
    if (this.draft.read() !== null) this.sayDraft();
    else if (!this.edit) hideBar(this.bar);
    else if (edited === null) this.sayEarlier(this.edit);
    else this.showBar(edited);
  }

  private async write(text: string | null, turn: number): Promise<void> {
    if (text === null) {
      if (this.text.innerHTML !== this.built) this.text.innerHTML = this.built;
      return;
    }
    const editor = await loadEditor(this.host.page);
    if (turn === this.turn) this.text.innerHTML = editor.render(text, this.source);
  }

  private showBar(text: string): void {
    const { page, context } = this.host;
    showBar(this.bar, {
      page,
      id: context.request.id,
      source: this.source,
      said: say("This text was edited by a reader."),
      text: () => text,
      discard: () => this.publish(null),
    });
  }

  private say(text: string): void {
    this.bar.innerHTML = html`<p class="edit-bar edit-said" role="status">${text}</p>`.text;
  }

  /** What was written is not lost, though it has no place any more. */
  private sayEarlier({ edits }: Edit): void {
    this.bar.innerHTML = html`<div
      class="edit-bar"
      role="group"
      aria-label="${say("An edit of an earlier text")}"
    >
      <p class="edit-said">${say("The link edits an earlier text of this block. It was left out.")}</p>
      <details>
        <summary>${say("What it put in")}</summary>
        <pre tabindex="0">${edits.map(([, , come]) => come)}</pre>
      </details>
    </div>`.text;
  }

  /** What a reader wrote before the page was left, or loaded again. */
  private sayDraft(): void {
    this.bar.innerHTML = html`<div class="edit-bar" role="group" aria-label="${say("Your draft")}">
      <p class="edit-said">${say("You wrote something here that was not applied.")}</p>
      <div class="edit-buttons">
        <button type="button" data-action="resume">${say("Go on writing")}</button>
        <button type="button" data-action="drop">${say("Discard what I wrote")}</button>
      </div>
    </div>`.text;
    const on = (action: string, then: () => void): void =>
      this.bar.querySelector(`[data-action=${action}]`)!.addEventListener("click", then);
    on("resume", () => void this.open());
    on("drop", () => this.dropDraft());
  }

  private dropDraft(): void {
    this.draft.drop();
    this.shown = this.show();
    this.button.focus();
  }

  private publish(edit: Edit | null): void {
    this.edit = edit;
    this.host.publish(edit && { ...edit }, null, "commit");
    this.shown = this.show();
    this.button.focus();
  }

  /* Writing */

  private async open(): Promise<void> {
    if (this.form) return;
    const { page, context } = this.host;
    this.button.disabled = true;
    try {
      await loadEditor(page);
    } catch {
      this.say(say("The editor could not be loaded. Try again, or reload the page."));
      return;
    } finally {
      this.button.disabled = false;
    }
    hideBar(this.bar);
    this.button.hidden = true;
    const base = this.edited() ?? this.original;
    const text = this.draft.read() ?? base;
    guard(this, text !== base);
    this.form = new Form(context.request.id, base, text, {
      preview: (text) => void this.write(text, ++this.turn),
      apply: (text) => this.close(() => this.publish(editOf(this.original, text))),
      cancel: () => this.close(() => (this.shown = this.show())),
      changed: (written, isDraft) => {
        if (isDraft) this.draft.write(written);
        else this.draft.drop();
        guard(this, isDraft);
      },
      problem: (text) =>
        text.length >= LONGEST
          ? say("The text is too long to be kept: write less than {longest} characters.", {
              longest: formatCount(LONGEST),
            })
          : "",
    });
    this.text.before(this.form.element);
    this.host.body.querySelector(".prose")!.classList.add("prose-editing");
    this.form.focus();
    await this.write(this.form.value(), ++this.turn);
  }

  private close(then: () => void): void {
    this.draft.drop();
    guard(this, false);
    this.form?.element.remove();
    this.form = null;
    this.button.hidden = false;
    this.host.body.querySelector(".prose")!.classList.remove("prose-editing");
    then();
    this.button.focus();
  }
}

/** The texts of which a draft is open. While there is one the browser asks before the page is left. */
const drafts = new Set<object>();

function guard(text: object, isDraft: boolean): void {
  if (isDraft) drafts.add(text);
  else drafts.delete(text);
  // A page that always listens is never kept for the way back.
  if (drafts.size > 0) addEventListener("beforeunload", askToStay);
  else removeEventListener("beforeunload", askToStay);
}

function askToStay(event: Event): void {
  event.preventDefault();
}

export const live: LiveFactory = (host) => {
  const source = sourceOf(host.page, host.context.request.id);
  return source ? new LiveText(host, source) : { draw: () => undefined, restore: () => undefined };
};
