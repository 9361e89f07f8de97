/**
 * A whole report in one file: each of its pages waits in an element that browsers show where there are no scripts, and one
 * of them is put in its place. The address names it, before what the page itself says there: `#!PAGE!ANCHOR~STATE`.
 */

const HOLDER = "noscript[data-page]";
const ADDRESS = /^#!([^!#]*)[!#]?(.*)$/s;

function holders(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(HOLDER)];
}

/** What ids of a page begin with as long as it is one of many; the address names it by the same. */
function mark(page: string): string {
  return `!${page}!`;
}

/** The page on show, as the address names it; empty where the file is one page. Both of a page's bundles ask. */
export function shownPage(): string {
  return globalThis.document?.documentElement.dataset["page"] ?? "";
}

/** The page that an address names; the first one where it names none that there is. */
function named(hash: string): HTMLElement | undefined {
  const page = ADDRESS.exec(hash)?.[1];
  const all = holders();
  return all.find((each) => each.dataset["page"] === page) ?? all[0];
}

/** The address as the page itself writes it: `#ANCHOR~STATE`. */
export function ownHash(): string {
  const rest = shownPage() ? ADDRESS.exec(location.hash)?.[2] : undefined;
  if (rest === undefined) return location.hash;
  return rest && `#${rest}`;
}

/** What the page says in the address, as the address has it. */
export function fullHash(own: string): string {
  const page = shownPage();
  return page ? `#${mark(page)}${own.slice(1)}` : own;
}

/** Puts the page into its place that the address names, and another one when the address does. */
export function installWhole(): void {
  const holder = named(location.hash);
  if (!holder) return;
  const { page = "", title = "" } = holder.dataset;
  document.documentElement.dataset["page"] = page;
  const text = (holder.textContent ?? "").replaceAll(mark(page), "");
  const parsed = new DOMParser().parseFromString(text, "text/html");
  for (const note of parsed.querySelectorAll(".without-scripts")) note.remove();
  document.title = title;
  document.body.prepend(...parsed.body.firstElementChild!.childNodes);
  addEventListener("hashchange", follow);
  document.getElementById(anchorOf(ownHash()))?.scrollIntoView();
}

function anchorOf(hash: string): string {
  const anchor = hash.slice(1).split("~")[0]!;
  try {
    return decodeURIComponent(anchor);
  } catch {
    return anchor;
  }
}

/**
 * Another page starts anew, as any page does that is opened. Where a link led within the page, the address tells the
 * page again.
 */
function follow(): void {
  const isOther = ADDRESS.test(location.hash) && named(location.hash)?.dataset["page"] !== shownPage();
  if (isOther) location.reload();
  else if (!ADDRESS.test(location.hash)) history.replaceState(history.state, "", fullHash(location.hash));
}
