/**
 * The tiny script of every page: theme switch, phone menu, popovers, and the moment at which the
 * page's views come to life. The database and the live bundle are fetched only then.
 */
import { open, type Engine } from "../data/open.ts";
import type { PagePayload } from "../page.ts";
import { installPopovers } from "./popovers.ts";

type Theme = "auto" | "light" | "dark";

interface LiveBundle {
  start(payload: PagePayload, opened: Promise<Engine>): Promise<void>;
}

const THEMES: readonly Theme[] = ["auto", "light", "dark"];
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
    name.textContent = theme.charAt(0).toUpperCase() + theme.slice(1);
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

/** The link carries filters or selections, so the page must show them without being asked. */
function hasState(): boolean {
  return location.hash.includes("~");
}

/** Starts the live page at the first sign of a reader, or at once when the link carries state. */
function installLive(payload: PagePayload): void {
  const listening = new AbortController();
  const begin = (): void => {
    listening.abort();
    start(payload).catch(showFailure);
  };
  if (hasState()) {
    begin();
    return;
  }
  const over = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest(".view")) begin();
  };
  const options = { signal: listening.signal, passive: true };
  addEventListener("pointermove", over, options);
  addEventListener("pointerdown", over, options);
  addEventListener("touchstart", begin, options);
  addEventListener("keydown", begin, options);
  addEventListener("hashchange", () => hasState() && begin(), options);
}

/** The engine and the bundle of the views load beside each other, so that neither waits. */
async function start(payload: PagePayload): Promise<void> {
  if (location.protocol === "file:")
    throw new Error("opened from a file; python -m http.server serves its folder");
  // All at once: a piece of the live module that another names would else be asked for when that one is there.
  payload.assets.modules?.forEach(preload);
  const opened = open(payload);
  // The live bundle hears of a failure when it awaits the engine; until then it is no uncaught one.
  opened.catch(() => undefined);
  const live = (await import(new URL(payload.assets.live, document.baseURI).href)) as LiveBundle;
  await live.start(payload, opened);
}

function preload(url: string): void {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = url;
  document.head.append(link);
}

/** The page stays as it was built, and says so; the reason is for who can mend it. */
function showFailure(error: unknown): void {
  root.dataset["sitegen"] = "error";
  const reason = document.createElement("code");
  reason.textContent = error instanceof Error ? error.message : String(error);
  const notice = document.createElement("p");
  notice.className = "page-notice";
  notice.setAttribute("role", "alert");
  notice.append(
    "The charts cannot be filtered here; they show all the data, as when the page was built. ",
    reason,
  );
  document.querySelector("main")?.prepend(notice);
  console.error(error);
}

/** The page is read: what is in it can be used. */
function install(): void {
  installThemeSwitch();
  installMenu();
  installPopovers();
  const payload = readPayload();
  if (payload) installLive(payload);
}

setTheme(storedTheme());
// No page waits for this script: it may come while the page is still being read, or after.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", install);
else install();
