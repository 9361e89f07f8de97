/** Where views stand in a notebook: below a root that styles know, one for each output, and one for what floats. */
import { html } from "../markup.ts";
import { language, say } from "../words.ts";
import { followTheme } from "./theme.ts";

const ROOT = "sitegen-notebook";
const LAYER = "data-sitegen-layer";

/** What holds the outputs of one cell, in JupyterLab and in VS Code; in Colab it is the whole document. */
const CELL = ".jp-OutputArea, .cell_container, body";

/** The picture that stands in the saved notebook. */
const STILL = ".sitegen-still";

/** The root for what floats, made once; views are mounted unseen in it, too. */
export function layer(): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[${LAYER}]`);
  if (found) return found;
  const made = root();
  made.setAttribute(LAYER, "");
  document.body.append(made);
  followTheme((theme) => {
    for (const each of document.querySelectorAll<HTMLElement>(`.${ROOT}`)) each.dataset["theme"] = theme;
  });
  return made;
}

/** An empty root. Keys pressed in it are its own: JupyterLab would take letters and arrows for commands. */
function root(): HTMLElement {
  const made = document.createElement("div");
  made.className = ROOT;
  made.dataset["sitegen"] = "live";
  made.setAttribute("data-lm-suppress-shortcuts", "true");
  return made;
}

/** A page of the figures in a markup, which are returned; it takes the place of the picture in the saved notebook. */
export function pageWith(markup: string, into: HTMLElement): HTMLElement[] {
  const made = root();
  const { theme } = layer().dataset;
  if (theme) made.dataset["theme"] = theme;
  made.lang = language();
  made.innerHTML = `<div class="page" data-sitegen="live"><div class="page-body"><div class="grid"></div></div></div>`;
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  const figures = [...parsed.querySelectorAll<HTMLElement>("figure.view")];
  made.querySelector(".grid")!.append(...figures);
  into.replaceChildren(made);
  takeOver(into, figures);
  return figures;
}

/** By the place of live views, the picture that they have taken the place of, and what stood in it. */
const ASIDE = new WeakMap<HTMLElement, { still: HTMLElement; kept: DocumentFragment }>();

/** The picture of a place: the nearest one before it, of the same figures. */
function stillOf(place: HTMLElement, figures: readonly HTMLElement[]): HTMLElement | undefined {
  const ids = new Set(figures.map(({ id }) => id));
  const isBefore = (still: HTMLElement): boolean =>
    (still.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const stills = [...(place.closest(CELL)?.querySelectorAll<HTMLElement>(STILL) ?? [])];
  return stills
    .reverse()
    .find(
      (still) => isBefore(still) && [...still.querySelectorAll("figure.view")].some(({ id }) => ids.has(id)),
    );
}

/** Empties the picture of a place: the same ids must not stand twice in a document. */
function takeOver(place: HTMLElement, figures: readonly HTMLElement[]): void {
  const still = ASIDE.has(place) ? undefined : stillOf(place, figures);
  if (!still) return;
  const kept = document.createDocumentFragment();
  kept.append(...still.childNodes);
  ASIDE.set(place, { still, kept });
  still.hidden = true;
}

/** The live view goes, and the picture stands there again. */
export function giveBack(place: HTMLElement): void {
  const found = ASIDE.get(place);
  if (!found) return;
  ASIDE.delete(place);
  found.still.append(found.kept);
  found.still.hidden = false;
}

/** Says below a place why its views do not follow, in the place of what was said before; null takes that back. */
export function warn(place: HTMLElement, error: unknown): void {
  place.querySelector(":scope > [role=alert]")?.remove();
  if (error === null) return;
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  const reason = error instanceof Error ? error.message : String(error);
  said.textContent = say("This view cannot be filtered: {reason}", { reason });
  place.append(said);
}

/** The view lives in another place now: what it drew here stays, and says so. */
export function retire(figure: HTMLElement): void {
  figure.dataset["state"] = "static";
  figure.removeAttribute("id");
  figure.inert = true;
  figure.insertAdjacentHTML(
    "beforeend",
    html`<p class="view-notice">${say("This view is live in another output.")}</p>`.text,
  );
}
