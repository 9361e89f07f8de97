/** The toolbar's live half: filter with completion, groups, the whole in grey, a chip per selection, copies, reset. */
import { fullHash } from "../../src/whole.ts";
import type { ExprNode } from "@uwdata/mosaic-sql";
import { column, objects, type Result } from "../../src/data/result.ts";
import { formatCount, html } from "../../src/markup.ts";
import { ProblemError } from "../../src/problem.ts";
import { copyText } from "../../src/live/clipboard.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { chipsOf } from "../../src/live/words.ts";
import { TOO_LONG, type PageState } from "../../src/live/state.ts";
import { sentence, type Chip } from "../../src/selected.ts";
import type { Results } from "../../src/view.ts";
import { Combobox } from "./combobox.ts";
import { chipMarkup, countMarkup, idsQuery, MOST_IDS, valuesQuery, view, type Options } from "./view.ts";
import { say } from "../../src/words.ts";

/** How long "Copied" is shown, in ms, and how long the numbers rest before they are said. */
const SAID = 1500;
const QUIET = 500;

class LiveToolbar implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private readonly input: HTMLInputElement;
  private readonly combobox: Combobox;
  private said: ReturnType<typeof setTimeout> | undefined;
  private chipsShown = "";
  private filterShown = "";
  private isRestored = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.input = this.find("input[name=filter]");
    this.combobox = new Combobox(this.input, this.find(".completions"), host.context.table, (of, prefix) =>
      this.values(of, prefix),
    );
    this.listen();
  }

  private listen(): void {
    const { body, page, signal } = this.host;
    this.find("form").addEventListener("submit", (event) => event.preventDefault());
    this.input.addEventListener("change", () => {
      this.combobox.close();
      this.apply();
    });
    this.input.addEventListener("keydown", (event) => {
      if (this.combobox.press(event) || event.key !== "Enter") return;
      // Frames of a notebook may let forms send nothing, and say so.
      event.preventDefault();
      this.apply();
    });
    body.addEventListener("change", (event) => this.changed(event.target as HTMLInputElement));
    body.addEventListener("click", (event) => this.act(event.target as Element));
    page.listen((state) => {
      this.show(state);
      if (page.linkProblem) this.say(page.linkProblem);
      else if (this.find(".toolbar-error").textContent === TOO_LONG) this.say("");
    }, signal);
  }

  draw(results: Results): void {
    const { rows, total } = view.render(this.options, results, {}, this.host.context);
    this.find(".toolbar-count").innerHTML = countMarkup(rows, total, this.options.noun).text;
    updateFrame(this.host.figure, { rows, total, notices: [], data: null });
    clearTimeout(this.said);
    this.said = setTimeout(() => {
      const chips = this.chips(this.host.page.state);
      this.find(".toolbar-said").textContent = sentence(rows, total, this.options.noun, chips);
    }, QUIET);
  }

  restore(): void {
    const { page } = this.host;
    this.show(page.state);
    if (!this.isWriting()) this.input.value = page.state.filter;
    this.isRestored = true;
    this.say(page.problems.join(" "));
  }

  /** Whether the reader writes already while the page comes alive. */
  private isWriting(): boolean {
    const { input } = this;
    return !this.isRestored && document.activeElement === input && input.value !== input.defaultValue;
  }

  private find<E extends HTMLElement>(selector: string): E {
    return this.host.body.querySelector<E>(selector)!;
  }

  private say(message: string): void {
    const error = this.find(".toolbar-error");
    error.textContent = message;
    error.hidden = message === "";
    this.input.setAttribute("aria-invalid", String(message !== ""));
  }

  private apply(): void {
    try {
      this.host.page.setFilter(this.input.value, "commit");
      this.say(this.host.page.linkProblem);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.say(ended(error.said));
    }
  }

  private show(state: PageState): void {
    const chips = this.chips(state);
    const markup = html`${chips.map(chipMarkup)}`.text;
    // A chip that is written anew while its button is pressed would not hear the click.
    if (markup !== this.chipsShown) this.find(".chips").innerHTML = this.chipsShown = markup;
    this.find(".toolbar-reset").hidden = this.host.page.isAsBuilt();
    // What the reader wrote and could not be read stays, with what is wrong about it.
    const isRefused = this.input.getAttribute("aria-invalid") === "true";
    const isTakenBack = state.filter === "" && this.filterShown !== "";
    this.filterShown = state.filter;
    if (!isRefused && (document.activeElement !== this.input || isTakenBack)) this.input.value = state.filter;
    this.find<HTMLInputElement>("input[name=whole]").checked = state.whole !== false;
    this.showGroup(state.group ?? "");
  }

  /** A link may group by a column that is not offered; it is then. */
  private showGroup(name: string): void {
    const select = this.find<HTMLSelectElement | (null & HTMLSelectElement)>("select[name=group]");
    if (!select) return;
    const isOffered = [...select.options].some((option) => option.value === name);
    if (!isOffered && this.host.page.groupOf(this.host.context.table.relation))
      select.add(new Option(say("By {column}", { column: name }), name));
    select.value = name;
  }

  private chips(state: PageState): Chip[] {
    return chipsOf(this.host.page, this.host.context.table.relation, state);
  }

  private changed(target: HTMLInputElement): void {
    if (target.name === "group") this.host.page.setGroup(target.value || null);
    if (target.name === "whole") this.host.page.setWhole(target.checked);
  }

  private act(target: Element): void {
    const button = target.closest<HTMLElement>("[data-action]");
    const { page } = this.host;
    const actions: Readonly<Record<string, () => void>> = {
      reset: () => this.reset(),
      remove: () => page.clear(button!.dataset["id"]!),
      "copy-link": () => void this.copyLink(button!),
      "copy-ids": () => void this.copyIds(button!),
      fold: () => this.fold(button!),
    };
    actions[button?.dataset["action"] ?? ""]?.();
  }

  private reset(): void {
    this.say("");
    this.host.page.reset();
  }

  /** On narrow pages the lesser controls are folded away. */
  private fold(button: HTMLElement): void {
    const isOpen = this.find("form").toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = isOpen ? say("Less") : say("More");
  }

  private async copyLink(button: HTMLElement): Promise<void> {
    const { hash } = this.host.page.link();
    const isCopied = await copyText(new URL(fullHash(hash), location.href).href);
    flash(button, isCopied ? say("Copied") : say("Copy it from the address bar"));
  }

  private async copyIds(button: HTMLElement): Promise<void> {
    const { page, context } = this.host;
    const { relation } = context.table;
    // For a client of none of the page's views every selection counts.
    const passing = page.selection(relation).predicate(null as never) as ExprNode[] | null;
    const found = await this.ask(idsQuery(context, this.options.id!, passing));
    const ids = column(found, "id");
    const isCopied = await copyText(ids.map(String).join("\n"));
    const all = Number(this.host.figure.dataset["rows"]);
    const said =
      ids.length < all
        ? say("the first {most} of {all}", { most: formatCount(MOST_IDS), all: formatCount(all) })
        : formatCount(all);
    flash(button, isCopied ? say("Copied {said}", { said }) : say("The browser refuses to copy"));
  }

  private async values(
    of: Parameters<typeof valuesQuery>[1],
    prefix: string,
  ): Promise<{ value: unknown; n: number }[]> {
    const found = await this.ask(valuesQuery(this.host.context.table.relation, of, prefix));
    return objects(found) as { value: unknown; n: number }[];
  }

  private async ask(query: ReturnType<typeof valuesQuery>): Promise<Result> {
    return this.host.page.coordinator.answer(query);
  }
}

/** What a button says for a moment. */
function flash(button: HTMLElement, text: string): void {
  const before = (button.dataset["name"] ??= button.textContent ?? "");
  button.textContent = text;
  setTimeout(() => (button.textContent = before), SAID);
}

/** Ends a message as a sentence; one that asks has its mark already. */
function ended(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}

export const live: LiveFactory = (host) => new LiveToolbar(host);
