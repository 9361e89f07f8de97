/** The drawing of the build as the page shows it, which the live one takes the place of without a jump. */

export interface Standing {
  /** Of its place and of the drawing in it, in px. */
  width: number;
  height: number;
  /** The width at which it was drawn: between the two drawn widths it is scaled, and so is its height. */
  drawnWidth: number;
}

/** What stands in a body that is `width` px wide, before anything live does; null where there is no drawing. */
export function standingIn(body: HTMLElement, width: number): Standing | null {
  const shown = [...body.querySelectorAll<SVGSVGElement>("svg.chart")].find(
    (each) => each.getClientRects().length > 0,
  );
  if (!shown) return null;
  return {
    width,
    height: Math.round(shown.getBoundingClientRect().height),
    drawnWidth: shown.viewBox.baseVal.width,
  };
}
