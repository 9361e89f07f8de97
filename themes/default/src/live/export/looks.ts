/** What style sheets make of the parts of an SVG, as attributes that stand without them. */

/** Looks that style sheets may give a part of a chart, as a presentation attribute holds them. */
const INHERITED: Readonly<Record<string, string>> = {
  fill: "rgb(0, 0, 0)",
  "fill-opacity": "1",
  stroke: "none",
  "stroke-opacity": "1",
  "stroke-width": "1px",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "stroke-dasharray": "none",
  "font-family": "",
  "font-size": "",
  "font-style": "normal",
  "font-weight": "400",
  "text-anchor": "start",
  "shape-rendering": "auto",
  "image-rendering": "auto",
  visibility: "visible",
};
const OWN: Readonly<Record<string, string>> = {
  opacity: "1",
  "vector-effect": "none",
  "dominant-baseline": "auto",
  "paint-order": "normal",
};

/** Gives a drawing the looks that it, or the one in the page that it is a copy of, has there. */
export function keepLooks(drawing: SVGSVGElement, shown: SVGSVGElement = drawing): void {
  const looks = [...shown.querySelectorAll<SVGElement>("*")].map((element) => looksOf(element, shown));
  // All is read before anything is written.
  [...drawing.querySelectorAll<SVGElement>("*")].forEach((element, index) => {
    const found = looks[index]!;
    if (found === null) element.remove();
    else for (const [name, value] of found) element.setAttribute(name, value);
    for (const name of ["class", "style", "tabindex"]) element.removeAttribute(name);
  });
}

/** What differs from the element around it; null for one that is not drawn. */
function looksOf(element: SVGElement, root: SVGSVGElement): [string, string][] | null {
  const style = getComputedStyle(element);
  if (style.display === "none") return null;
  const around = getComputedStyle(element.parentElement as Element);
  const isOutermost = element.parentElement === (root as Element);
  const value = (name: string): string => style.getPropertyValue(name);
  // Whether the whole is in sight does not matter: it is drawn.
  const before = (name: string): string =>
    isOutermost && name !== "visibility" ? INHERITED[name]! : around.getPropertyValue(name);
  const inherited = Object.keys(INHERITED).filter((name) => value(name) !== before(name));
  const own = Object.keys(OWN).filter((name) => value(name) !== OWN[name]);
  return [...inherited, ...own]
    .filter((name) => !value(name).includes("url("))
    .map((name) => [name, hexOf(value(name))]);
}

/** `#rrggbb`, which every drawing program reads, for `rgb(r, g, b)`. */
function hexOf(value: string): string {
  const found = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(value);
  if (!found) return value;
  return `#${found
    .slice(1)
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("")}`;
}
