/**
 * The tiny script of every page: theme switch, phone menu, popovers, and the moment at which the
 * page's views come to life. The database and the live bundle are fetched only then.
 */
import { holdsFiles, installHeldLinks, isHeld, loadModule, pictureAddress } from "../data/held.ts";
import { open, type Engine } from "../data/open.ts";
import type { PagePayload } from "../page.ts";
import { digestsOf } from "../live/digests.ts";
import { installWhole } from "../whole.ts";
import { say } from "../words.ts";
import { installCopying } from "./code.ts";
import { layOutViews } from "./layout.ts";
import { showNotice } from "./notice.ts";
import { installPopovers } from "./popovers.ts";
import { installSearch } from "./search.ts";
import { installSharing } from "./share.ts";
import { installVersions } from "./versions.ts";
import { keepWishes } from "./waking.ts";

type Theme = "auto" | "light" | "dark";

interface LiveBundle {
  start(payload: PagePayload, opened: Promise<Engine>): Promise<void>;
}

const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const NAMES = { auto: () => say("Auto"), light: () => say("Light"), dark: () => say("Dark") };
const THEME_KEY = "sitegen-theme";

const root = document.documentElement;

/** The reader's choice; "auto" too where the browser keeps nothing. */
function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(THEME_KEY);
    return THEMES.find((theme) => theme === stored) ?? "auto";
  } catch {
    // Private windows and `file:` pages may refuse storage; the switch then lasts as long as the page.
    return "auto";
  }
}

function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // See storedTheme.
  }
}

function setTheme(theme: Theme): void {
  if (theme === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}

function showTheme(theme: Theme): void {
  setTheme(theme);
  for (const name of document.querySelectorAll(".theme-switch-name")) {
    name.textContent = NAMES[theme]();
  }
  dispatchEvent(new Event("sitegen:theme"));
}

function installThemeSwitch(): void {
  let theme = storedTheme();
  showTheme(theme);
  for (const button of document.querySelectorAll("[data-action=theme]")) {
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
      storeTheme(theme);
      showTheme(theme);
    });
  }
}

function installMenu(): void {
  const button = document.querySelector(".site-menu-button");
  const menu = document.querySelector(".site-menu");
  if (!button || !menu) return;
  const open = (isOpen: boolean): void => {
    menu.toggleAttribute("data-open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
  };
  button.addEventListener("click", () => open(!menu.hasAttribute("data-open")));
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target as Node) && event.target !== button) open(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open(false);
  });
}

function readPayload(): PagePayload | null {
  const text = document.getElementById("sitegen-page")?.textContent;
  return text ? (JSON.parse(text) as PagePayload) : null;
}

/**
 * The link carries filters or selections, so the page must show them without being asked; or it was made for other
 * data, and the page must say so. The data that the page shows are no reason.
 */
function hasState({ data }: PagePayload): boolean {
  const [, state] = location.hash.split("~", 2);
  return state !== undefined && state !== `.data=${digestsOf(data)}`;
}

/** Starts the live page at the first sign of a reader, or at once when the link carries state. */
function installLive(payload: PagePayload): void {
  const listening = new AbortController();
  const begin = (): void => {
    listening.abort();
    start(payload).catch(showFailure);
  };
  if (hasState(payload)) {
    begin();
    return;
  }
  keepWishes();
  // A claim says all it has to without the engine: where there can be none, nothing needs to be said.
  const lively = location.protocol === "file:" && !holdsFiles() ? ".view" : ".view, .claim-mark";
  const over = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest(lively)) begin();
  };
  // What is kept for a view goes no further than to here.
  const options = { signal: listening.signal, passive: true, capture: true };
  addEventListener("focusin", over, options);
  addEventListener("pointermove", over, options);
  addEventListener("pointerdown", over, options);
  // Whoever only reads a text with claims in it needs no engine.
  addEventListener("touchstart", payload.views.length ? begin : over, options);
  if (payload.views.length) addEventListener("keydown", begin, options);
  addEventListener("sitegen:begin", begin, options);
  addEventListener("hashchange", () => hasState(payload) && begin(), options);
}

/** The engine and the bundle of the views load beside each other, so that neither waits. */
async function start(payload: PagePayload): Promise<void> {
  const { live: address, modules = [] } = payload.assets;
  if (!isHeld(address) && location.protocol === "file:")
    throw new Error("opened from a file; python -m http.server serves its folder");
  // All at once: a piece of the live module that another names would else be asked for when that one is there.
  if (!isHeld(address)) modules.forEach(preload);
  const opened = open(payload);
  // The live bundle hears of a failure when it awaits the engine; until then it is no uncaught one.
  opened.catch(() => undefined);
  await locatePictures(payload);
  const live = (await loadModule(address, modules)) as LiveBundle;
  await live.start(payload, opened);
}

/** In a page that holds its pictures, views are told where in the page those are. */
async function locatePictures({ tables }: PagePayload): Promise<void> {
  const sheets = Object.values(tables).flatMap(({ media }) => media);
  await Promise.all(sheets.map(async (sheet) => (sheet.url = await pictureAddress(sheet.url))));
}

function preload(url: string): void {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = url;
  document.head.append(link);
}

/** The page stays as it was built, and says so. */
function showFailure(error: unknown): void {
  root.dataset["sitegen"] = "error";
  const reason = error instanceof Error ? error.message : String(error);
  const said = say("The charts cannot be filtered here; they show all the data, as when the page was built.");
  showNotice(`${said} `, reason);
  console.error(error);
}

/** Boxes as the page was built: some browsers remember them over a reload, while the views forget. */
function forgetChoices(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("input[type=checkbox], input[type=radio]"))
    box.checked = box.defaultChecked;
}

/** The page is read: what is in it can be used. */
function install(): void {
  if (root.dataset["sitegen"] === "moved") return follow();
  forgetChoices();
  installThemeSwitch();
  installHeldLinks();
  installMenu();
  installPopovers();
  installCopying();
  installSearch();
  installVersions();
  installSharing();
  layOutViews();
  const payload = readPayload();
  if (payload) installLive(payload);
}

/** A page that has moved leads on, with the place and the state that the old link named. */
function follow(): void {
  const link = document.querySelector<HTMLAnchorElement>("#moved");
  if (link) location.replace(link.hash || !location.hash ? link.href : link.href + location.hash);
}

setTheme(storedTheme());
installWhole();
// No page waits for this script: it may come while the page is still being read, or after.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", install);
else install();
