/**
 * The page on its way to paper. No frame comes between the wish to print and the sheet, so the page is laid out as wide
 * as a sheet and in the colours of paper, and its views draw at once; afterwards they are drawn for the window again.
 */
import { tellSizes } from "./resizing.ts";

/** Px of a canvas for one of CSS: screens that have more are drawn no finer, and paper is as fine as the best of them. */
const FINEST = 2;

let isOnPaper = false;

export function isPrinting(): boolean {
  return isOnPaper;
}

export function sharpness(): number {
  return isOnPaper ? FINEST : Math.min(FINEST, Math.max(1, devicePixelRatio || 1));
}

/** Follows the page to paper and back. Nothing that is shown lasts: the reader's own theme returns with the window. */
export function followPrinting(root: HTMLElement): void {
  let theme: string | null = null;
  const turn = (toPaper: boolean): void => {
    if (isOnPaper === toPaper) return;
    isOnPaper = toPaper;
    root.toggleAttribute("data-printing", toPaper);
    if (toPaper) theme = root.getAttribute("data-theme");
    // Canvases hear of another theme, and of the same one again, and are drawn anew.
    if (toPaper || theme !== null) root.setAttribute("data-theme", toPaper ? "light" : theme!);
    else root.removeAttribute("data-theme");
    tellSizes();
  };
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
}
