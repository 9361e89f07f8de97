/**
 * The menu of a report's versions, and the word that there is a newer one. The list stands at the root of all
 * versions: a page that was published earlier learns there of those that came after it.
 */
import { holdsFiles, runScript } from "../data/held.ts";
import { say } from "../words.ts";

interface Version {
  readonly name: string;
  /** Day of its first publication. */
  readonly date: string;
  /** Whether it is none yet, as its name says. */
  readonly preview?: boolean;
}

interface Versions {
  /** By their numbers, the highest first. */
  readonly versions: readonly Version[];
  /** The newest one that is no preview. Lists of earlier publications do not say it. */
  readonly newest?: string;
  /** Pages that some versions lack, and which. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
}

declare global {
  var sitegenVersions: Versions | undefined;
}

/** Turns the link to the list of versions into a menu; without the list it stays the link. */
export function installVersions(): void {
  const place = document.querySelector<HTMLElement>("[data-versions]");
  // A single file asks nobody, so it hears of no other version.
  if (!place || holdsFiles()) return;
  runScript(`${place.dataset["versions"]}versions.js`).then(
    () => globalThis.sitegenVersions && show(place, globalThis.sitegenVersions),
    () => undefined, // the link leads to the list, which says more than a menu that is not there
  );
}

function show(place: HTMLElement, { versions, newest = versions[0]?.name, missing }: Versions): void {
  const { versions: root = "", version: own = "", url: page = "" } = place.dataset;
  const to = (name: string): string => {
    const isThere = !missing[page]?.includes(name);
    return `${root}${encodeURIComponent(name)}/${isThere ? page : "index.html"}`;
  };
  place.replaceChildren(menu(own, versions, newest, to));
  if (newest !== undefined && newest !== own) tell(said(own, newest, versions), newest, to(newest));
}

function menu(
  own: string,
  versions: Versions["versions"],
  newest: string | undefined,
  to: (name: string) => string,
): HTMLElement {
  const summary = document.createElement("summary");
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = `${say("Version")} `;
  summary.append(said, own);
  const list = document.createElement("ul");
  list.append(...versions.map((one) => entry(one, one.name === newest, one.name === own, to(one.name))));
  const details = document.createElement("details");
  details.className = "site-nav-menu site-versions";
  details.append(summary, list);
  details.addEventListener("toggle", () => {
    details.classList.remove("opens-right");
    details.classList.toggle("opens-right", list.getBoundingClientRect().left < 0);
    showOwn(list);
  });
  return details;
}

/** Scrolls a long list, and nothing around it, to where the reader is: beside it stand the versions next to this one. */
function showOwn(list: HTMLElement): void {
  const own = list.querySelector<HTMLElement>("[aria-current]");
  if (!own) return;
  const [{ top, height }, frame] = [own.getBoundingClientRect(), list.getBoundingClientRect()];
  list.scrollTop += top - frame.top - (frame.height - height) / 2;
}

function entry(
  { name, date, preview }: Version,
  isNewest: boolean,
  isOwn: boolean,
  href: string,
): HTMLElement {
  const link = leading(name, href);
  if (isOwn) link.setAttribute("aria-current", "page");
  const day = document.createElement("time");
  day.dateTime = day.textContent = date;
  const mark = isNewest ? say("newest") : preview ? say("preview") : "";
  const told = document.createElement("span");
  told.append(mark && `${mark} · `, day);
  link.append(" ", told);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

/** A link to another version of the page, which shows the same view: filters come along. */
function leading(name: string, href: string): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = name;
  link.addEventListener("click", () => (link.hash = location.hash));
  return link;
}

/** A preview stands above the newest version in the list, and is newer than it. */
function said(version: string, newest: string, versions: Versions["versions"]): string {
  const place = (name: string): number => versions.findIndex((one) => one.name === name);
  return place(version) < place(newest)
    ? say("This is a preview, version {version}; the newest version is {newest}.", { version })
    : say("This is version {version}; the newest one is {newest}.", { version });
}

function tell(text: string, newest: string, href: string): void {
  const [before = "", after = ""] = text.split("{newest}");
  const notice = document.createElement("p");
  notice.className = "page-notice";
  notice.append(before, leading(newest, href), after);
  document.querySelector("main")?.prepend(notice);
}
