/** What a view finds around it: the page, or, within a notebook, an element that stands for one. */

const LAYER = "[data-sitegen-layer]";

/** Where what floats above the views is put. */
export function floatingPlace(): HTMLElement {
  return document.querySelector<HTMLElement>(LAYER) ?? document.body;
}

/** The element whose variables are the theme's colours, and whose `data-theme` says light or dark. */
export function themedElement(): HTMLElement {
  return document.querySelector<HTMLElement>(LAYER) ?? document.documentElement;
}
