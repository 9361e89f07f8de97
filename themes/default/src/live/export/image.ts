/** What a view shows, taken out of the page: as SVG, and as pixels with the page's fonts in it. */
import { fetchBytes } from "../../data/relations.ts";
import type { Markup } from "../../markup.ts";
import { keepLooks } from "./looks.ts";
import { paintedOf } from "./painted/main.ts";
import { letGo, withOwnImages } from "./painted/pictures.ts";

/** Drawings that are all that their view shows. */
export const DRAWN = "svg.chart, svg.map";

export interface Chart {
  content: string;
  width: number;
  height: number;
}

/**
 * What a figure shows: its chart as `drawn` for its place, else all that stands in it, as it stands; so, too, where the
 * page is split and it shows a panel for each group.
 */
export async function chartIn(figure: HTMLElement, drawn: Markup | null): Promise<Chart> {
  const body = figure.querySelector<HTMLElement>(":scope > .view-body")!;
  const panels = figure.querySelector<HTMLElement>(":scope > .view-panels");
  const chart = panels === null && drawn !== null ? await chartOf(drawn, body) : null;
  return chart ?? paintedOf(panels ?? body);
}

/**
 * The first chart of a drawing, with the looks that the page's style sheets give it; null where there is none. It is
 * put into the view for that moment, unseen.
 */
async function chartOf(drawing: Markup, body: HTMLElement): Promise<Chart | null> {
  const parsed = new DOMParser().parseFromString(drawing.text, "text/html");
  const svg = parsed.querySelector<SVGSVGElement>(DRAWN);
  if (!svg) return null;
  const stage = document.createElement("div");
  stage.className = "view-stage";
  stage.append(document.adoptNode(svg));
  body.append(stage);
  try {
    keepLooks(svg);
    await withOwnImages(svg);
    const { width, height } = svg.viewBox.baseVal;
    const writer = new XMLSerializer();
    return {
      content: [...svg.childNodes].map((each) => writer.serializeToString(each)).join(""),
      width,
      height,
    };
  } finally {
    stage.remove();
    letGo();
  }
}

/** The page's own fonts as CSS that needs no other file. */
export async function fontFaces(): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) => (rule instanceof CSSFontFaceRule ? [{ rule, sheet }] : [])),
  );
  return (await Promise.all(rules.map(({ rule, sheet }) => fontFace(rule, sheet.href)))).join("\n");
}

async function fontFace({ style }: CSSFontFaceRule, sheet: string | null): Promise<string> {
  const written = /url\("?([^")]+)"?\)/.exec(style.getPropertyValue("src"))?.[1];
  if (!written) return "";
  const url = new URL(written, sheet ?? document.baseURI).href;
  const source = url.startsWith("data:") ? url : `data:font/woff2;base64,${base64(await fetchBytes(url))}`;
  const kept = ["font-family", "font-style", "font-weight", "unicode-range"].map((name) => [
    name,
    style.getPropertyValue(name),
  ]);
  const declared = kept.filter(([, value]) => value).map(([name, value]) => `${name}:${value};`);
  return `@font-face{${declared.join("")}src:url("${source}")}`;
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Pixels of the image for each of the file, and the most that browsers draw along a side. */
const SCALE = 2;
export const MOST_PIXELS = 16_000;

/** The drawing in pixels. Rejects where the browser cannot draw it. */
export async function pngOf(
  {
    text,
    width,
    height,
  }: {
    text: string;
    width: number;
    height: number;
  },
  wanted = SCALE,
): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    await comeIn(image);
    const scale = Math.min(wanted, MOST_PIXELS / width, MOST_PIXELS / height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await blobOf(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Px of drawings that are compared with each other, ms between them, and the most of them: a second in all. */
const COMPARED = 1_000_000;
const REST = 20;
const MOST_DRAWINGS = 50;

/**
 * Waits for the fonts in a drawing: browsers read them when it is first drawn, after they called it decoded, and leave
 * out all texts of a look of which one letter is not there yet. They say nowhere when the fonts have come, so that it is
 * drawn until two drawings are alike.
 */
async function comeIn(image: HTMLImageElement): Promise<void> {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, Math.sqrt(COMPARED / (image.naturalWidth * image.naturalHeight)));
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const drawn = (): Uint8ClampedArray => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  let last = drawn();
  for (let turn = 0; turn < MOST_DRAWINGS; turn++) {
    await new Promise((resolve) => setTimeout(resolve, REST));
    const next = drawn();
    if (isAlike(last, next)) return;
    last = next;
  }
}

function isAlike(one: Uint8ClampedArray, other: Uint8ClampedArray): boolean {
  return one.every((value, at) => value === other[at]);
}

async function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the image is too large for this browser"))),
      "image/png",
    );
  });
}
