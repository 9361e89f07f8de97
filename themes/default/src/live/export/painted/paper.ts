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
  const putBack = endWithWholeRows(root);
  try {
    return withoutPointer(sheets, read);
  } finally {
    putBack();
    parts.forEach(({ style }, index) => style.setProperty("display", ...(before[index] as [string, string])));
    for (const [element, left, top] of places) element.scrollTo({ left, top, behavior: "instant" });
  }
}

const ROWS = "tr, li, summary";

/** A picture cannot be scrolled: a frame of rows ends in it with the last one that is seen whole. */
function endWithWholeRows(root: HTMLElement): () => void {
  const ended = [...root.querySelectorAll<HTMLElement>("*")].flatMap((frame) => {
    const excess = excessOf(frame);
    return excess > 0 ? [{ frame, excess, written: frame.getAttribute("style") }] : [];
  });
  for (const { frame, excess } of ended) {
    const height = frame.getBoundingClientRect().height - excess;
    for (const [name, value] of [
      ["box-sizing", "border-box"],
      ["min-height", "0"],
      ["height", `${height}px`],
      ["flex", "none"],
    ] as const)
      frame.style.setProperty(name, value, "important");
  }
  return () => {
    for (const { frame, written } of ended) {
      if (written === null) frame.removeAttribute("style");
      else frame.style.cssText = written;
    }
  };
}

/** How much of a row that its lower edge cuts is seen in a frame that scrolls, in px, with the gap above; 0 for none. */
function excessOf(frame: HTMLElement): number {
  const isRolling = frame.scrollHeight > frame.clientHeight + 1 && frame.clientHeight > 0;
  if (!isRolling || !/auto|scroll/.test(getComputedStyle(frame).overflowY)) return 0;
  const top = frame.getBoundingClientRect().top + frame.clientTop;
  const bottom = top + frame.clientHeight;
  const rows = [...frame.querySelectorAll(ROWS)]
    .filter((row) => !frame.contains(row.parentElement!.closest(ROWS)))
    .map((row) => row.getBoundingClientRect());
  const cut = rows.filter((row) => row.top < bottom - 1 && row.bottom > bottom + 1);
  const edge = Math.min(...cut.map((row) => row.top));
  const ends = rows.map((row) => row.bottom).filter((end) => end > top && end <= edge + 1);
  // A frame's inner height is known in whole px: a sliver of the row would be left.
  return cut.length && ends.length ? Math.ceil(bottom - Math.max(...ends)) : 0;
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
