/** Images and drawings within a view: with their looks and their pixels in them, so that nothing is left to fetch. */
import { load } from "../../../data/held.ts";
import { base64 } from "../image.ts";
import { keepLooks } from "../looks.ts";
import { placed, type Area } from "./area.ts";

/** Numbers the drawings of a picture, so that the names in them stay apart. */
let drawings = 0;

/** A drawing in its place. It is read at once; its images come later. */
export function drawingOf(shown: SVGSVGElement, area: Area, cut: string): Promise<string> {
  // A copy in this document would begin to load its images, which are given others.
  const copy = document.implementation.createHTMLDocument().importNode(shown, true);
  keepLooks(copy, shown);
  keepApart(copy, `d${++drawings}-`);
  const view = copy.getAttribute("viewBox");
  const ratio = copy.getAttribute("preserveAspectRatio");
  const window = (view ? ` viewBox="${view}"` : "") + (ratio ? ` preserveAspectRatio="${ratio}"` : "");
  const overflow = getComputedStyle(shown).overflow === "visible" ? ' overflow="visible"' : "";
  return withImages(copy, view).then(() => {
    const writer = new XMLSerializer();
    const content = [...copy.childNodes].map((each) => writer.serializeToString(each)).join("");
    return `<g${cut}><svg ${placed(area)}${window}${overflow}${looksAround(shown)}>${content}</svg></g>`;
  });
}

/** Parts of a drawing take over what the page says around it. */
function looksAround(shown: SVGSVGElement): string {
  const style = getComputedStyle(shown);
  return style.imageRendering === "auto" ? "" : ` image-rendering="${style.imageRendering}"`;
}

/** Drawings of one view may name their parts alike. */
function keepApart(drawing: SVGSVGElement, prefix: string): void {
  for (const element of drawing.querySelectorAll("*"))
    for (const { name, value } of [...element.attributes]) {
      if (name === "id") element.setAttribute(name, prefix + value);
      else if (/href$/.test(name) && value.startsWith("#"))
        element.setAttribute(name, `#${prefix}${value.slice(1)}`);
      else if (value.includes("url(#"))
        element.setAttribute(name, value.replaceAll("url(#", `url(#${prefix}`));
    }
}

/** Puts the images of a drawing into it, and of those in a window of its own the part that is seen. */
export async function withOwnImages(drawing: SVGSVGElement): Promise<void> {
  for (const window of drawing.querySelectorAll("svg"))
    await withImages(window, window.getAttribute("viewBox"));
  await withImages(drawing, null);
}

async function withImages(drawing: SVGSVGElement, view: string | null): Promise<void> {
  const window = view
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  await Promise.all(
    [...drawing.querySelectorAll("image")].map(async (image) => {
      const href = image.getAttribute("href") ?? image.getAttribute("xlink:href") ?? "";
      if (href.startsWith("data:") || !href) return;
      // Of a sheet of many images the drawing shows one.
      if (window && image.parentNode === drawing && !image.hasAttribute("transform"))
        await cropped(image, href, window as [number, number, number, number]);
      else image.setAttribute("href", await embedded(href));
      image.removeAttribute("xlink:href");
    }),
  );
}

async function embedded(href: string): Promise<string> {
  if (isMade(href)) return copied(await imageOf(href));
  const response = await load(href);
  const type = response.headers.get("content-type") ?? "image/webp";
  return `data:${type};base64,${base64(new Uint8Array(await response.arrayBuffer()))}`;
}

/** Keeps the part of an image that is in the drawing's window, in the pixels of its own. */
async function cropped(
  image: SVGImageElement,
  href: string,
  [left, top, width, height]: readonly [number, number, number, number],
): Promise<void> {
  const size = (name: string): number => Number(image.getAttribute(name) ?? 0);
  const sheet = await sheetOf(href);
  const [across, down] = [
    sheet.width / (size("width") || sheet.width),
    sheet.height / (size("height") || sheet.height),
  ];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [
    Math.max(1, Math.round(width * across)),
    Math.max(1, Math.round(height * down)),
  ];
  const from = [(left - size("x")) * across, (top - size("y")) * down] as const;
  const part = [canvas.width, canvas.height] as const;
  canvas.getContext("2d")!.drawImage(sheet, ...from, ...part, 0, 0, ...part);
  const set = { x: left, y: top, width, height };
  for (const [name, value] of Object.entries(set)) image.setAttribute(name, String(value));
  image.setAttribute("href", canvas.toDataURL("image/png"));
}

/** Sheets as they are asked for: cards of one view share them. */
const sheets = new Map<string, Promise<ImageBitmap>>();

function sheetOf(href: string): Promise<ImageBitmap> {
  const found =
    sheets.get(href) ??
    (isMade(href)
      ? imageOf(href).then((image) => createImageBitmap(image))
      : load(href).then(async (response) => createImageBitmap(await response.blob())));
  sheets.set(href, found);
  return found;
}

/** Whether the page made the address of a picture that it holds: elements may show it, but nothing may fetch it. */
function isMade(href: string): boolean {
  return href.startsWith("blob:");
}

async function imageOf(href: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = href;
  await image.decode();
  return image;
}

/** Forgets the sheets' pixels when the picture is done. */
export function letGo(): void {
  for (const sheet of sheets.values())
    void sheet.then(
      (bitmap) => bitmap.close(),
      // Whoever needed it has heard of the failure.
      () => undefined,
    );
  sheets.clear();
}

/** A canvas, or an image, in the pixels it has. */
export function pixelsOf(shown: HTMLCanvasElement | HTMLImageElement, area: Area, cut: string): string {
  const href = shown instanceof HTMLCanvasElement ? shown.toDataURL("image/png") : copied(shown);
  const style = getComputedStyle(shown).imageRendering === "auto" ? "" : ' image-rendering="pixelated"';
  return `<image ${placed(area)} preserveAspectRatio="none" href="${href}"${style}${cut}/>`;
}

function copied(image: HTMLImageElement): string {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, image.naturalWidth), Math.max(1, image.naturalHeight)];
  canvas.getContext("2d")!.drawImage(image, 0, 0);
  return canvas.toDataURL("image/png");
}
