/** What the style sheets leave out on paper, left out while something is read. */
import { withoutPointer } from "./pointer.ts";

/**
 * Calls back while what is for using the view takes no room and nothing shows where the pointer is; what it was before is
 * there again when this returns.
 */
export function withoutControls<Read>(root: HTMLElement, read: () => Read): Read {
  const sheets = [...document.styleSheets].filter(isReadable);
  const selectors = sheets.flatMap(({ cssRules }) => hiding(cssRules, false));
  const parts = [...root.querySelectorAll<HTMLElement>("*")].filter((each) =>
    selectors.some((selector) => each.matches(selector)),
  );
  const before = parts.map(({ style }) => [
    style.getPropertyValue("display"),
    style.getPropertyPriority("display"),
  ]);
  const places = scrolled(root);
  for (const { style } of parts) style.setProperty("display", "none", "important");
  try {
    return withoutPointer(sheets, read);
  } finally {
    parts.forEach(({ style }, index) => style.setProperty("display", ...(before[index] as [string, string])));
    for (const [element, left, top] of places) element.scrollTo({ left, top, behavior: "instant" });
  }
}

/** Where everything is scrolled to, the page included: with less in it, it may have to move. */
function scrolled(root: HTMLElement): [Element, number, number][] {
  const all = [document.scrollingElement!, ...root.querySelectorAll("*")];
  return all
    .filter(({ scrollLeft, scrollTop }) => scrollLeft !== 0 || scrollTop !== 0)
    .map((element) => [element, element.scrollLeft, element.scrollTop]);
}

/** Pages that are opened from a disk may not read their own sheets. */
function isReadable({ href }: CSSStyleSheet): boolean {
  return href === null || !href.startsWith("file:");
}

/** Selectors of what is not printed. */
function hiding(rules: CSSRuleList, isPrint: boolean): string[] {
  return [...rules].flatMap((rule) => {
    if (rule instanceof CSSMediaRule)
      return hiding(rule.cssRules, isPrint || rule.media.mediaText === "print");
    const isHiding = isPrint && rule instanceof CSSStyleRule && rule.style.display === "none";
    return isHiding ? [rule.selectorText] : [];
  });
}
