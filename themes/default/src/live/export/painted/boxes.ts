/** An element's own box: its ground, its borders, what is drawn around it, and lines that are written as shadows in it. */
import { inset, placed, rounded, type Area, type Clips } from "./area.ts";
import { colourOf, paintOf, type Colour } from "./colour.ts";

const SIDES = ["top", "right", "bottom", "left"] as const;
type Side = (typeof SIDES)[number];

interface Border {
  side: Side;
  width: number;
  colour: Colour;
  isDashed: boolean;
}

export function boxOf(style: CSSStyleDeclaration, area: Area, sight: Area, clips: Clips): string {
  const outline = outlineOf(style);
  const cut = clips.cut(inset(area, -(outline?.reach ?? 0)), sight);
  if (cut === null) return "";
  const radius = radiusOf(style, area);
  return [
    groundOf(style, area, radius, cut),
    ...shadowLines(style, area, cut),
    ...bordersOf(style, area, radius, cut),
    outline ? strokedOf(inset(area, -outline.reach + outline.width / 2), radius, outline, cut) : "",
  ].join("");
}

function groundOf(style: CSSStyleDeclaration, area: Area, radius: number, cut: string): string {
  const colour = colourOf(style.backgroundColor);
  return colour ? `<rect ${placed(area)}${roundedOf(radius)} ${paintOf("fill", colour)}${cut}/>` : "";
}

const roundedOf = (radius: number): string => (radius > 0 ? ` rx="${rounded(radius)}"` : "");

/** One radius for all corners, no larger than the box has room for. */
function radiusOf(style: CSSStyleDeclaration, { left, top, right, bottom }: Area): number {
  const written = style.borderTopLeftRadius.split(" ")[0]!;
  const side = Math.min(right - left, bottom - top);
  const radius = written.endsWith("%")
    ? (Number.parseFloat(written) / 100) * side
    : Number.parseFloat(written);
  return Math.min(radius || 0, side / 2);
}

/* Borders */

function bordersOf(style: CSSStyleDeclaration, area: Area, radius: number, cut: string): string[] {
  const borders = SIDES.flatMap((side) => borderAt(style, side));
  const [first] = borders;
  if (!first) return [];
  const isLike = ({ width, colour, isDashed }: Border): boolean =>
    width === first.width && colour.hex === first.colour.hex && isDashed === first.isDashed;
  if (borders.length === SIDES.length && borders.every(isLike))
    return [strokedOf(inset(area, first.width / 2), Math.max(0, radius - first.width / 2), first, cut)];
  return borders.map(
    (border) => `<rect ${placed(edgeOf(area, border))} ${paintOf("fill", border.colour)}${cut}/>`,
  );
}

function borderAt(style: CSSStyleDeclaration, side: Side): Border[] {
  const line = style.getPropertyValue(`border-${side}-style`);
  const width = Number.parseFloat(style.getPropertyValue(`border-${side}-width`));
  const colour = colourOf(style.getPropertyValue(`border-${side}-color`));
  const isDrawn = line !== "none" && line !== "hidden" && width > 0 && colour !== null;
  return isDrawn ? [{ side, width, colour, isDashed: line === "dashed" || line === "dotted" }] : [];
}

/** The strip along a side. */
function edgeOf(area: Area, { side, width }: Pick<Border, "side" | "width">): Area {
  const far = { top: "bottom", bottom: "top", left: "right", right: "left" } as const;
  const inwards = side === "top" || side === "left" ? width : -width;
  return { ...area, [far[side]]: area[side] + inwards };
}

interface Stroke {
  width: number;
  colour: Colour;
  isDashed: boolean;
}

function strokedOf(area: Area, radius: number, { width, colour, isDashed }: Stroke, cut: string): string {
  const dashes = isDashed ? ` stroke-dasharray="${3 * width} ${2 * width}"` : "";
  return `<rect ${placed(area)}${roundedOf(radius)} fill="none" ${paintOf("stroke", colour)} stroke-width="${rounded(width)}"${dashes}${cut}/>`;
}

/* Around and within */

/** What is drawn around a box, and how far it reaches beyond it. */
function outlineOf(style: CSSStyleDeclaration): (Stroke & { reach: number }) | null {
  const { outlineStyle: line } = style;
  if (line === "none" || line === "auto") return null;
  const [width, offset] = [Number.parseFloat(style.outlineWidth), Number.parseFloat(style.outlineOffset)];
  const colour = colourOf(style.outlineColor);
  if (!colour || !(width > 0)) return null;
  return { width, colour, isDashed: line === "dashed" || line === "dotted", reach: width + offset };
}

const INNER = /^(.+?) (-?[\d.]+)px (-?[\d.]+)px 0px 0px inset$/;

/** Inner shadows that are not blurred are lines along a side; the others are there to look raised. */
function shadowLines(style: CSSStyleDeclaration, area: Area, cut: string): string[] {
  if (!style.boxShadow.includes("inset")) return [];
  return style.boxShadow.split(/,(?![^(]*\))/).flatMap((written) => {
    const found = INNER.exec(written.trim());
    const colour = found && colourOf(found[1]!);
    if (!found || !colour) return [];
    return strips(Number(found[2]), Number(found[3])).map(
      (strip) => `<rect ${placed(edgeOf(area, strip))} ${paintOf("fill", colour)}${cut}/>`,
    );
  });
}

function strips(across: number, down: number): { side: Side; width: number }[] {
  const found: { side: Side; width: number }[] = [];
  if (across !== 0) found.push({ side: across > 0 ? "left" : "right", width: Math.abs(across) });
  if (down !== 0) found.push({ side: down > 0 ? "top" : "bottom", width: Math.abs(down) });
  return found;
}
