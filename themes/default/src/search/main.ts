/** The window in which a reader searches the site; a classic script, so that a page from the disk can load it. */
import { say, sayCount } from "../words.ts";
import { Search, words, type BuiltIndex, type Found, type FoundPage } from "./index.ts";

declare global {
  var sitegenSearchIndex: BuiltIndex | undefined;
  var sitegenSearch: ((base: string) => void) | undefined;
}

const MOST_PAGES = 20;
const KINDS: Readonly<Record<string, () => string>> = {
  column: () => say("column"),
  table: () => say("table"),
  tool: () => say("tool"),
  view: () => say("view"),
};

class Window {
  readonly #base: string;
  readonly #search: Search;
  readonly #dialog = document.createElement("dialog");
  readonly #field = document.createElement("input");
  readonly #status = document.createElement("p");
  readonly #list = document.createElement("ol");

  constructor(base: string, built: BuiltIndex) {
    this.#base = base;
    this.#search = new Search(built);
    this.#dialog.className = "search";
    this.#dialog.setAttribute("aria-label", say("Search this site"));
    this.#field.type = "search";
    this.#field.placeholder = say("Search pages, columns and tools");
    this.#field.setAttribute("aria-label", this.#field.placeholder);
    this.#field.autocomplete = "off";
    this.#status.className = "search-status";
    this.#status.setAttribute("role", "status");
    this.#list.className = "search-pages";
    this.#dialog.append(this.#field, this.#status, this.#list);
    this.#field.addEventListener("input", () => this.#show());
    this.#dialog.addEventListener("keydown", (event) => this.#walk(event));
    this.#dialog.addEventListener("click", (event) => this.#leave(event));
    document.body.append(this.#dialog);
    this.#show();
  }

  open(): void {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.select();
    this.#field.focus();
  }

  /** A press beside the window closes it, and so does a link, which may lead to this very page. */
  #leave(event: Event): void {
    const target = event.target as Element;
    if (target === this.#dialog || target.closest("a")) this.#dialog.close();
  }

  #show(): void {
    const text = this.#field.value;
    const found = this.#search.find(text);
    this.#list.replaceChildren(...found.slice(0, MOST_PAGES).map((page) => this.#page(page, text)));
    if (!words(text).length) this.#status.textContent = say("Arrow keys walk through what is found.");
    else if (found.length) this.#told(found.length);
    else this.#status.textContent = say("Nothing is found. Other words may help.");
  }

  #told(n: number): void {
    this.#status.textContent = sayCount(n, "{n} page", "{n} pages", { n });
  }

  #page(page: FoundPage, text: string): HTMLElement {
    const item = document.createElement("li");
    item.append(this.#link(page.title, page.url, text));
    if (page.places.length) {
      const places = document.createElement("ul");
      places.append(...page.places.map((place) => this.#place(place, text)));
      item.append(places);
    }
    return item;
  }

  #place(place: Found, text: string): HTMLElement {
    const item = document.createElement("li");
    const link = this.#link(place.title, place.url, text);
    const kind = KINDS[place.kind]?.();
    if (kind) {
      const said = document.createElement("span");
      said.className = "search-kind";
      said.textContent = ` ${kind}`;
      link.append(said);
    }
    item.append(link);
    return item;
  }

  #link(title: string, url: string, text: string): HTMLAnchorElement {
    const link = document.createElement("a");
    link.href = this.#base + url;
    link.append(...marked(title, words(text)));
    return link;
  }

  /** Arrow keys go from the field to the first link and on. */
  #walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops: HTMLElement[] = [this.#field, ...this.#list.querySelectorAll("a")];
    if (event.key === "Enter" && document.activeElement === this.#field) stops[1]?.click();
    // The field would take the key to empty itself.
    if (event.key === "Escape") this.#dialog.close();
    if (!step) return;
    event.preventDefault();
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[Math.max(0, Math.min(at + step, stops.length - 1))]?.focus();
  }
}

/** A title with the words that were looked for marked where a word of it begins with one. */
function marked(title: string, wanted: readonly string[]): Node[] {
  return title.split(/([\p{L}\p{N}]+)/u).map((part) => {
    const start = wanted.find((word) => part.toLowerCase().startsWith(word));
    if (!start) return document.createTextNode(part);
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}

let opened: Window | undefined;

globalThis.sitegenSearch = (base) => {
  if (!globalThis.sitegenSearchIndex) return;
  opened ??= new Window(base, globalThis.sitegenSearchIndex);
  opened.open();
};
