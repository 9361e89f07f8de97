/** The toolbar's live half: applies the filter, shows a chip per selection, resets, copies the link. */
import { html } from "../../src/markup.ts";
import { FILTER } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { describeSelection } from "../../src/live/words.ts";
import { TOO_LONG, type PageState } from "../../src/live/state.ts";
import type { Results } from "../../src/view.ts";
import { chipMarkup, countMarkup, view, type Chip, type Options } from "./view.ts";

export const live: LiveFactory = (host: Host) => {
  const { body, page } = host;
  const find = <E extends HTMLElement>(selector: string): E => body.querySelector<E>(selector)!;
  const input = find<HTMLInputElement>("input[name=filter]");

  const say = (message: string): void => {
    const error = find(".toolbar-error");
    error.textContent = message;
    error.hidden = message === "";
    input.setAttribute("aria-invalid", String(message !== ""));
  };
  const apply = (): void => {
    try {
      page.setFilter(input.value, "commit");
      say("");
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      say(sentence(error.message));
    }
  };
  const show = (state: PageState): void => {
    const chips = chipsOf(host, state);
    find(".chips").innerHTML = html`${chips.map(chipMarkup)}`.text;
    find(".toolbar-reset").hidden = chips.length === 0;
    if (document.activeElement !== input || state.filter === "") input.value = state.filter;
  };

  find("form").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", apply);
  input.addEventListener("keydown", (event) => event.key === "Enter" && apply());
  body.addEventListener("click", (event) => act(host, event.target as Element, find));
  page.listen((state) => {
    show(state);
    if (page.linkProblem) say(page.linkProblem);
    else if (find(".toolbar-error").textContent === TOO_LONG) say("");
  });

  return {
    draw: (results: Results) => {
      const drawing = view.render(host.options as Options, results, {}, host.context);
      const { noun } = host.options as Options;
      find(".toolbar-count").innerHTML = countMarkup(drawing.rows, drawing.total, noun).text;
      updateFrame(host.figure, drawing);
    },
    restore: () => {
      show(page.state);
      input.value = page.state.filter;
      say(page.problems.join(" "));
    },
  };
};

function chipsOf(host: Host, state: PageState): Chip[] {
  const filter = state.filter ? [{ id: FILTER, text: state.filter }] : [];
  const selections = host.page.payload.views.flatMap((request) => {
    const value = state.views[request.id];
    const text = value ? describeSelection(host.page, request, value) : null;
    return text ? [{ id: request.id, text }] : [];
  });
  return [...filter, ...selections];
}

function act(host: Host, target: Element, find: (selector: string) => HTMLElement): void {
  const button = target.closest<HTMLElement>("[data-action]");
  if (!button) return;
  const action = button.dataset["action"];
  if (action === "reset") host.page.reset();
  if (action === "remove") host.page.clear(button.dataset["id"]!);
  if (action === "copy-link") void copyLink(find(".toolbar-link"));
}

/** How long "Copied" is shown, in ms. */
const SAID = 1500;

async function copyLink(button: HTMLElement): Promise<void> {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
  } catch {
    // Clipboards need a secure page and permission; the address bar holds the same link.
    button.textContent = "Copy it from the address bar";
  }
  setTimeout(() => (button.textContent = before), SAID);
}

/** Ends a message as a sentence; one that asks has its mark already. */
function sentence(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
