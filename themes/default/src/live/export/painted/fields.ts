/** Fields of a view as a picture shows them: what they say, whether they are ticked, where a slider stands. */
import { placed, rounded, type Area } from "./area.ts";
import { colourOf, paintOf, type Colour } from "./colour.ts";
import { lineOf, widthIn, type Room } from "./texts.ts";

export type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function isField(element: Element): element is Field {
  return element.matches("input, select, textarea");
}

export function fieldOf(field: Field, style: CSSStyleDeclaration, area: Area, room: Room): string {
  if (field instanceof HTMLInputElement && field.type === "range") return sliderOf(field, style, area);
  if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type))
    return tickOf(field, style, area);
  const text = saidBy(field);
  if (!text) return "";
  const [size, padding] = [style.fontSize, style.paddingLeft].map(Number.parseFloat) as [number, number];
  const left = area.left + Math.max(4, padding);
  const middle = (area.top + area.bottom) / 2;
  const right = left + widthIn(style)(text);
  const place = { left, top: middle - size * 0.6, right, bottom: middle + size * 0.6 };
  return lineOf({ text, area: place }, style, { ...room, end: area.right - 4 });
}

function saidBy(field: Field): string {
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.label ?? "";
  return field.value || field.placeholder;
}

/** The colour of fields; browsers have one where the page has none. */
function accentOf(style: CSSStyleDeclaration): Colour {
  return (style.accentColor === "auto" ? null : colourOf(style.accentColor)) ?? colourOf(style.color)!;
}

function sliderOf(slider: HTMLInputElement, style: CSSStyleDeclaration, area: Area): string {
  const [least, most] = [Number(slider.min || 0), Number(slider.max || 100)];
  const share = most > least ? (Number(slider.value) - least) / (most - least) : 0;
  const radius = 7;
  const middle = (area.top + area.bottom) / 2;
  const at = area.left + radius + share * (area.right - area.left - 2 * radius);
  const colour = accentOf(style);
  const track = { ...area, top: middle - 2, bottom: middle + 2 };
  return `<rect ${placed(track)} rx="2" ${paintOf("fill", colour)} opacity="0.25"/><rect ${placed({ ...track, right: at })} rx="2" ${paintOf("fill", colour)}/><circle cx="${rounded(at)}" cy="${rounded(middle)}" r="${radius}" ${paintOf("fill", colour)}/>`;
}

function tickOf(box: HTMLInputElement, style: CSSStyleDeclaration, area: Area): string {
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const colour = accentOf(style);
  const radius = box.type === "radio" ? width / 2 : 2;
  const frame = `<rect ${placed(area)} rx="${rounded(radius)}" ${box.checked ? paintOf("fill", colour) : `fill="none" ${paintOf("stroke", colourOf(style.color)!)}`}/>`;
  if (!box.checked) return frame;
  const at = (x: number, y: number): string =>
    `${rounded(area.left + x * width)},${rounded(area.top + y * height)}`;
  return `${frame}<path d="M${at(0.22, 0.52)}L${at(0.42, 0.72)}L${at(0.78, 0.3)}" fill="none" stroke="#ffffff" stroke-width="${rounded(width / 8)}"/>`;
}

/** The sign before an item of a list, where the page has one; its place is beside the item's first line. */
export function markerOf(item: HTMLElement, style: CSSStyleDeclaration, area: Area, room: Room): string {
  const sign = signOf(item, style.listStyleType);
  if (!sign) return "";
  const line = Number.parseFloat(style.lineHeight) || Number.parseFloat(style.fontSize) * 1.5;
  const right = area.left - 6;
  const left = right - widthIn(style)(sign);
  const place = { left, top: area.top, right, bottom: area.top + line };
  return lineOf({ text: sign, area: place }, style, { ...room, end: null });
}

function signOf(item: HTMLElement, type: string): string {
  if (type === "none") return "";
  if (type !== "decimal") return "•";
  const list = item.parentElement as HTMLOListElement;
  return `${(list.start || 1) + [...list.children].indexOf(item)}.`;
}
