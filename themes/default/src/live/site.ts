/** Which site a page belongs to, wherever in it the page stands. */
import { isHeld } from "../data/held.ts";
import type { PagePayload } from "../page.ts";

/** The folder of the site's own files: one address for all its pages. Single files have none; they know their report. */
export function siteOf({ assets }: Pick<PagePayload, "assets">): string {
  if (isHeld(assets.worker)) {
    const name = document.querySelector<HTMLMetaElement>("meta[name=application-name]");
    return `file:${name?.content ?? ""}`;
  }
  const { origin, pathname } = new URL(".", new URL(assets.worker, document.baseURI));
  return `${origin}${pathname}`;
}
