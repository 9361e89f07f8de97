/**
 * The menu of a live view. It stays what it is without scripts, a disclosure with a list of links and buttons, and gets
 * the entries that need scripts. Tab and the arrow keys move in it; it closes as every popover does (src/boot).
 */
import { formatCount, html, type Markup } from "../markup.ts";
import {
  cite,
  copyLink,
  copyPng,
  linkTo,
  saveCsv,
  saveJson,
  savePng,
  saveRows,
  saveSvg,
  type Tell,
} from "./entries.ts";
import { MOST_ROWS } from "./export/rows.ts";
import type { LiveFigure } from "./mount.ts";
import { DOTS, saveDots, savePdf, saveTikz } from "./paper.ts";
import { say, sayCount } from "../words.ts";
import { messageOf } from "../problem.ts";

type Action = (figure: LiveFigure, tell: Tell) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  link: copyLink,
  cite,
  csv: saveCsv,
  json: saveJson,
  rows: saveRows,
  svg: saveSvg,
  png: savePng,
  pdf: savePdf,
  tikz: saveTikz,
  ...Object.fromEntries(DOTS.map((dpi) => [dotsEntry(dpi), (figure: LiveFigure) => saveDots(figure, dpi)])),
  copy: copyPng,
  full: toggleWidth,
};

function dotsEntry(dpi: number): string {
  return `png-${dpi}`;
}

/** How long a confirmation stays in sight, and a failure, in ms. */
const SAID = { done: 4000, failed: 10_000 };

/** Adds to a figure's menu what a live page can do; call it while the drawing of the build is in place. */
export function addMenu(figure: LiveFigure): void {
  const menu = figure.figure.querySelector<HTMLDetailsElement>(":scope > .view-header > .view-menu");
  if (!menu) return;
  const list = menu.querySelector("ul")!;
  addEntries(list, figure);
  const say = announcer(menu);
  if (menu.open) refresh(menu, figure);
  // A click and a key come before the menu is shown; asked for every view at once, widths take a layout each.
  menu.querySelector("summary")!.addEventListener("click", () => !menu.open && refresh(menu, figure));
  menu.addEventListener("toggle", () => menu.open && refresh(menu, figure));
  menu.addEventListener("keydown", (event) => moveFocus(event, menu, figure));
  list.addEventListener("click", (event) => {
    const entry = (event.target as Element).closest<HTMLElement>("[data-entry]");
    if (!entry) return;
    const action = ACTIONS[entry.dataset["entry"]!];
    // The Parquet is a plain link: the browser follows it.
    if (!action) setTimeout(() => close(menu));
    if (!action || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    close(menu);
    void perform(action, figure, say).then(() => refresh(menu, figure));
  });
  const { signal } = figure;
  addEventListener("keydown", (event) => leaveFullWidth(event, figure), { capture: true, signal });
}

function addEntries(list: HTMLElement, { figure, page }: LiveFigure): void {
  const data = [
    entry("csv", say("Data as CSV"), true),
    entry("json", say("Data as JSON")),
    entry("rows", say("All rows passing (CSV)")),
  ];
  const image = [entry("svg", say("Image as SVG"), true), entry("png", say("Image as PNG"))];
  const isForPapers = figure.querySelector(".view-body svg[data-paper]") !== null;
  const pdf = page.payload.assets.print === undefined ? NO_PDF() : entry("pdf", say("Figure as PDF"));
  const dots = DOTS.map((dpi) => entry(dotsEntry(dpi), say("Figure as PNG, {dpi} dpi", { dpi })));
  const paper = isForPapers ? [pdf, entry("tikz", say("Figure as TikZ")), ...dots] : [];
  list
    .querySelector("[data-entry=link]")!
    .closest("li")!
    .insertAdjacentHTML(
      "afterend",
      html`${canShare() ? entry("cite", say("Cite this view")) : null}${data}`.text,
    );
  for (const parquet of list.querySelectorAll("[data-entry=parquet]"))
    parquet.closest("li")!.classList.remove("view-menu-group");
  list.insertAdjacentHTML(
    "beforeend",
    html`${image}${paper}${entry("copy", say("Copy image"))}${entry("full", say("Full width"), true)}`.text,
  );
}

/** What writes PDF brings its fonts along, which a single file has no room for. */
const NO_PDF = (): Markup =>
  html`<li class="view-menu-note">
    ${say("No PDF here: a single file leaves out what writes it. SVG and TikZ hold the same figure; the site that the file is of, and sitegen figure, write PDF, too.")}
  </li>`;

/** A theme may do without the window of sharing, and so does a notebook. */
function canShare(): boolean {
  return document.querySelector("[data-action=share]") !== null;
}

function entry(name: string, text: string, isFirst = false): Markup {
  return html`<li class="${isFirst ? "view-menu-group" : ""}">
    <button type="button" data-entry="${name}">
      <span class="view-menu-name">${text}</span> <span class="view-menu-hint"></span>
    </button>
  </li>`;
}

/** Counts, link and width as they are now. */
function refresh(menu: HTMLElement, figure: LiveFigure): void {
  refreshHints(menu, figure.figure);
  try {
    menu.querySelector<HTMLAnchorElement>("[data-entry=link]")!.hash = linkTo(figure);
  } catch {
    // A state too long for a link is said when the link is asked for.
  }
}

function refreshHints(menu: HTMLElement, figure: HTMLElement): void {
  const find = (name: string, part: string): HTMLElement =>
    menu.querySelector(`[data-entry=${name}] .view-menu-${part}`)!;
  const rows = Number(figure.dataset["rows"]);
  find("rows", "hint").textContent =
    rows > MOST_ROWS
      ? say("the first {most}", { most: formatCount(MOST_ROWS) })
      : sayCount(rows, "{rows} row", "{rows} rows", { rows: formatCount(rows) });
  const isFull = figure.hasAttribute("data-full");
  find("full", "name").textContent = isFull ? say("Back to its own width") : say("Full width");
  find("full", "hint").textContent = isFull ? "Esc" : "";
  const isWide = figure.offsetWidth >= (figure.parentElement?.clientWidth ?? 0) - 2;
  find("full", "name").closest("li")!.hidden = isWide && !isFull;
}

/** The summary keeps the focus, so that the next key goes on from there. */
function close(menu: HTMLDetailsElement): void {
  menu.open = false;
  menu.querySelector("summary")!.focus({ preventScroll: true });
}

async function perform(action: Action, figure: LiveFigure, tell: Telling): Promise<void> {
  figure.figure.setAttribute("aria-busy", "true");
  tell("", "busy");
  try {
    tell(await action(figure, (text) => tell(text, "busy")), "done");
  } catch (error) {
    tell(say("That did not work: {why}", { why: messageOf(error) }), "failed");
  } finally {
    figure.figure.removeAttribute("aria-busy");
  }
}

type Telling = (text: string, kind: "busy" | "done" | "failed") => void;

/** A line below the header that screen readers read out, and that goes by itself when the work is done. */
function announcer(menu: HTMLElement): Telling {
  const line = document.createElement("p");
  line.className = "view-said";
  line.setAttribute("role", "status");
  menu.after(line);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (text, kind) => {
    clearTimeout(timer);
    line.textContent = text;
    line.dataset["kind"] = kind;
    if (kind !== "busy") timer = setTimeout(() => (line.textContent = ""), SAID[kind]);
  };
}

/** Arrow keys, Home and End among the entries; from the button, down opens and enters. */
function moveFocus(event: KeyboardEvent, menu: HTMLDetailsElement, figure: LiveFigure): void {
  const to = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" }[event.key];
  const isOnButton = event.target === menu.querySelector("summary");
  if (to === undefined || (isOnButton && !menu.open && to !== 1) || event.altKey || event.ctrlKey) return;
  event.preventDefault();
  if (!menu.open) refresh(menu, figure);
  menu.open = true;
  const entries = [...menu.querySelectorAll<HTMLElement>("[data-entry]")].filter(
    (each) => !each.closest("[hidden]"),
  );
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const last = entries.length - 1;
  const steps = { first: 0, last, "1": at + 1 > last ? 0 : at + 1, "-1": at <= 0 ? last : at - 1 };
  entries[steps[to as keyof typeof steps]]!.focus();
}

/** Across all of the page's columns, or back; the view draws itself for its new width. */
async function toggleWidth(figure: LiveFigure): Promise<string> {
  await figure.idle();
  const { page, context } = figure;
  page.setListed("full", context.request.id, !page.isListed("full", context.request.id));
  const isFull = figure.figure.hasAttribute("data-full");
  figure.figure.scrollIntoView({ block: "nearest" });
  return isFull ? say("Full width; press Escape to go back.") : say("Back to its own width.");
}

/** Escape closes what floats first; it is heard before the popovers hear it, while they are still open. */
function leaveFullWidth(event: KeyboardEvent, { figure, page, context }: LiveFigure): void {
  if (event.key !== "Escape" || !figure.hasAttribute("data-full")) return;
  const isElsewhere = document.activeElement !== document.body && !figure.contains(document.activeElement);
  if (isElsewhere || figure.querySelector(".view-header > details[open]")) return;
  page.setListed("full", context.request.id, false);
}
