/** A view's figure as a file for a paper: PDF, TikZ or PNG, by what the command line writes them with, too. */
import type * as Print from "../architecture/print/main.ts";
import { missingIn } from "../architecture/print/missing.ts";
import type { Mark, Picture, Scene } from "../architecture/scene.ts";
import { PAPER, svgOf } from "../architecture/svg.ts";
import { load, loadModule } from "../data/held.ts";
import { columnsNow, nameOf } from "./entries.ts";
import { fontFaces, MOST_PIXELS, pngOf } from "./export/image.ts";
import { withDots } from "./export/png.ts";
import { save } from "./export/save.ts";
import type { LiveFigure } from "./mount.ts";
import type { Drawing } from "../view.ts";
import { say } from "../words.ts";

export async function savePdf(figure: LiveFigure): Promise<string> {
  const [print, { drawing, scene, title }] = await Promise.all([loadPrint(figure), asked(figure)]);
  const pictures = scene.marks.filter((mark) => mark.kind === "picture");
  const pixels = await Promise.all(pictures.map(pixelsOf));
  const { bytes, missing } = print.printed(scene, title, pixels);
  const name = nameOf(figure, drawing, "pdf");
  save([bytes as Uint8Array<ArrayBuffer>], "application/pdf", name);
  return [saved(name, scene), ...missingIn(missing)].join(" ");
}

export async function saveTikz(figure: LiveFigure): Promise<string> {
  const { drawing, scene, title } = await asked(figure);
  if (!drawing.tikz) throw new Error("nothing is drawn");
  const name = nameOf(figure, drawing, "tex");
  save([drawing.tikz(title)], "text/x-tex;charset=utf-8", name);
  return saved(name, scene);
}

/** Dots of an inch that are offered: for a draft, for print, and for lines in print. */
export const DOTS = [150, 300, 600] as const;
const POINTS = 72;

/** The bare figure in pixels, as wide on paper as PDF and TikZ are. */
export async function saveDots(figure: LiveFigure, dpi: number): Promise<string> {
  const [fonts, { drawing, scene, title }] = await Promise.all([fontFaces(), asked(figure)]);
  const { width, height } = scene;
  if ((Math.max(width, height) * dpi) / POINTS > MOST_PIXELS)
    throw new Error(say("the image is too large for this browser"));
  const marks = await Promise.all(scene.marks.map(withPixels));
  const drawn = svgOf({ ...scene, marks }, { id: "network", title, ink: PAPER, unit: "pt" });
  const text = drawn.replace("<defs>", () => `<style>${fonts}</style><defs>`);
  const blob = await pngOf({ text, width, height }, dpi / POINTS);
  const name = nameOf(figure, drawing, "png", `${dpi}-dpi`);
  save([withDots(new Uint8Array(await blob.arrayBuffer()), dpi)], "image/png", name);
  return saved(name, scene);
}

/** A drawing that becomes an image reads nothing else: its pictures are in it. */
async function withPixels(mark: Mark): Promise<Mark> {
  if (mark.kind !== "picture") return mark;
  const canvas = await paintedOn(mark);
  const [, , width, height] = mark.part;
  return { ...mark, href: canvas.toDataURL(), part: [0, 0, width, height], sheet: [width, height] };
}

interface Asked {
  drawing: Drawing;
  scene: Scene;
  title: string;
}

async function asked(figure: LiveFigure): Promise<Asked> {
  const { drawing } = await figure.shown(columnsNow(figure));
  if (!drawing.paper) throw new Error("nothing is drawn");
  const { id, title } = figure.context.request;
  return { drawing, scene: drawing.paper(), title: title ?? id };
}

async function loadPrint({ page }: LiveFigure): Promise<typeof Print> {
  const address = page.payload.assets.print;
  if (address === undefined) throw new Error(say("this page's theme writes no files for papers"));
  return (await loadModule(address)) as typeof Print;
}

const saved = (name: string, { width, height }: Scene): string =>
  say("Saved {name}, {width} by {height} pt.", {
    name,
    width: Math.round(width),
    height: Math.round(height),
  });

async function pixelsOf(picture: Picture): Promise<Print.Pixels> {
  const canvas = await paintedOn(picture);
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
  return { width, height, rgb: data.filter((_, index) => index % 4 !== 3) as unknown as Uint8Array };
}

/** The part of a sheet that a picture shows. */
async function paintedOn({ href, part: [x, y, width, height] }: Picture): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(await (await load(href)).blob(), x, y, width, height);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const plane = canvas.getContext("2d")!;
  // A PDF's picture hides what is behind it.
  plane.fillStyle = "#ffffff";
  plane.fillRect(0, 0, width, height);
  plane.drawImage(image, 0, 0);
  image.close();
  return canvas;
}
