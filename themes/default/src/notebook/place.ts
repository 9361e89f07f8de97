/** Where views stand in a notebook: below a root that styles know, one for each output, and one for what floats. */
import { followTheme } from "./theme.ts";

const ROOT = "sitegen-notebook";
const LAYER = "data-sitegen-layer";

/** What holds the outputs of one cell, in JupyterLab and in VS Code; in Colab it is the whole document. */
const CELL = ".jp-OutputArea, .output_container, .cell-output, body";

/** The picture that stands in the saved notebook. */
const STILL = "[data-sitegen-still]";

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
  made.innerHTML = `<div class="page" data-sitegen="live"><div class="page-body"><div class="grid"></div></div></div>`;
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  const figures = [...parsed.querySelectorAll<HTMLElement>("figure.view")];
  made.querySelector(".grid")!.append(...figures);
  into.replaceChildren(made);
  into.closest(CELL)?.querySelector(STILL)?.setAttribute("hidden", "");
  return figures;
}
