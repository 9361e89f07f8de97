/** Marks on a canvas, in the colours of the theme that is on: dots as pixels, cells as one small image enlarged. */
import { sharpness } from "../../src/live/printing.ts";
import type { Colouring } from "./colouring.ts";
import { densityOf, greyOf, paintOf, type Density, type Paint, type Shade } from "./density.ts";
import { variableOf } from "./drawing.ts";
import type { Projection } from "./plot.ts";
import type { Cells, Marks, Points } from "./queries.ts";
import { Raster, type Colour } from "./raster.ts";

/** Everything that one picture of the plot shows. */
export interface Scene {
  projection: Projection;
  /** The unfiltered whole in grey, where something is left out. */
  backdrop: Marks | null;
  marks: Marks;
  colouring: Colouring;
  picked: ReadonlySet<number> | null;
  /** Whether a point is in what the reader selected here; null where nothing is. */
  isSelected: ((index: number, points: Points) => boolean) | null;
  size: number;
  opacity: number;
}

/** What is not in the reader's own selection stays, fainter. */
const UNSELECTED = 0.22;
const BEHIND = 0.7;

export class Painter {
  readonly canvas: HTMLCanvasElement;
  /** The shades of the cells as they were last drawn. */
  density: Density | null = null;
  private readonly context: CanvasRenderingContext2D;
  /** Where dots are put together before they are laid over the cells. */
  private readonly sheet = document.createElement("canvas");
  private readonly resolve: (variable: string) => string;
  private readonly resolved = new Map<string, Colour>();
  private images = new WeakMap<Density, HTMLCanvasElement>();
  private readonly greys = new WeakMap<Cells, Density>();
  private raster = new Raster(1, 1);
  private scale = 1;
  private densityKey: readonly unknown[] = [];

  constructor(canvas: HTMLCanvasElement, resolve: (variable: string) => string) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d")!;
    this.resolve = resolve;
  }

  /** Colours are asked for anew: the theme has changed. */
  forget(): void {
    this.resolved.clear();
    this.images = new WeakMap();
  }

  paint(scene: Scene): void {
    const { frame } = scene.projection;
    this.fit(frame.width, frame.height);
    const { context, scale } = this;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.save();
    context.beginPath();
    const size = [frame.right - frame.left, frame.bottom - frame.top] as const;
    context.rect(frame.left * scale, frame.top * scale, size[0] * scale, size[1] * scale);
    context.clip();
    this.paintMarks(scene);
    context.restore();
  }

  private paintMarks(scene: Scene): void {
    const { backdrop, marks } = scene;
    this.raster.clear();
    if (backdrop?.kind === "cells") this.paintGrey(backdrop, scene);
    const grey = this.colour("chart-grey");
    if (backdrop?.kind === "points") this.dots(backdrop, scene, () => grey, BEHIND);
    if (marks.kind === "points") this.paintPoints(marks, scene);
    else this.paintCells(this.shaded(marks, scene), marks, scene);
    if (marks.kind === "points") this.layDots();
  }

  private fit(width: number, height: number): void {
    this.scale = sharpness();
    const [across, up] = [Math.round(width * this.scale), Math.round(height * this.scale)];
    if (this.canvas.width === across && this.canvas.height === up) return;
    [this.canvas.width, this.canvas.height] = [across, up];
    [this.sheet.width, this.sheet.height] = [across, up];
    this.raster = new Raster(across, up);
  }

  private colour(variable: string): Colour {
    let found = this.resolved.get(variable);
    if (!found) this.resolved.set(variable, (found = channels(this.resolve(`--${variable}`))));
    return found;
  }

  /** The colour of a code; those of categories are looked up once, not for each of thousands of points. */
  private colours(colouring: Colouring): (code: number) => Colour {
    const colourOf = (code: number): Colour => this.colour(variableOf(code, colouring));
    if (colouring.kind !== "categories") return colourOf;
    const found = Array.from({ length: colouring.values.length + 1 }, (_, code) => colourOf(code));
    return (code) => found[code] ?? colourOf(code);
  }

  private paintGrey(backdrop: Cells, scene: Scene): void {
    let density = this.greys.get(backdrop);
    if (!density) this.greys.set(backdrop, (density = densityOf(backdrop, { kind: "plain" }, null)));
    const { most } = density;
    this.paintCells(density, backdrop, scene, (shade) => greyOf(shade, most));
  }

  /** What is left out by the legend is grey, what is outside the reader's own selection faint; the rest lies on top. */
  private paintPoints(points: Points, scene: Scene): void {
    const { colouring, picked, isSelected, opacity } = scene;
    const isPicked = (index: number): boolean => !picked || picked.has(points.code[index]!);
    const isFront = (index: number): boolean => isPicked(index) && (!isSelected || isSelected(index, points));
    const [colourOf, grey] = [this.colours(colouring), this.colour("chart-grey")];
    const look = (index: number): Colour => (isPicked(index) ? colourOf(points.code[index]!) : grey);
    if (!picked && !isSelected) {
      this.dots(points, scene, look, opacity);
      return;
    }
    const front = Uint8Array.from({ length: points.n }, (_, index) => Number(isFront(index)));
    this.dots(points, scene, look, isSelected ? UNSELECTED : opacity, (index) => front[index] === 0);
    this.dots(points, scene, look, opacity, (index) => front[index] === 1);
  }

  private dots(
    points: Points,
    { projection, size }: Scene,
    look: (index: number) => Colour,
    opacity: number,
    isShown: ((index: number) => boolean) | null = null,
  ): void {
    const { raster, scale } = this;
    for (let index = 0; index < points.n; index++) {
      if (isShown && !isShown(index)) continue;
      const [x, y] = [projection.x(points.x[index]!) * scale, projection.y(points.y[index]!) * scale];
      raster.dot(x, y, size * scale, look(index), opacity);
    }
  }

  private layDots(): void {
    const { raster, sheet } = this;
    sheet.getContext("2d")!.putImageData(new ImageData(raster.data, raster.width, raster.height), 0, 0);
    this.context.drawImage(sheet, 0, 0);
  }

  /** Cells are added up anew only when they, their colours or what is picked changed. */
  private shaded(cells: Cells, { colouring, picked }: Scene): Density {
    const key = [cells, colouring, picked && [...picked].join(" ")];
    if (this.density && key.every((part, index) => part === this.densityKey[index])) return this.density;
    this.densityKey = key;
    return (this.density = densityOf(cells, colouring, picked));
  }

  private paintCells(
    density: Density,
    { lattice }: Cells,
    { projection, colouring }: Scene,
    paint: (shade: Shade) => Paint = (shade) => paintOf(shade, density.most, colouring),
  ): void {
    let image = this.images.get(density);
    if (!image)
      this.images.set(density, (image = this.imageOf(density, lattice.columns, lattice.rows, paint)));
    const { context, scale } = this;
    const [left, bottom] = [projection.x(lattice.left), projection.y(lattice.bottom)];
    const width = lattice.columns * lattice.width * projection.perX;
    const height = lattice.rows * lattice.height * projection.perY;
    context.imageSmoothingEnabled = false;
    context.drawImage(image, left * scale, (bottom - height) * scale, width * scale, height * scale);
  }

  private imageOf(
    density: Density,
    columns: number,
    rows: number,
    paint: (shade: Shade) => Paint,
  ): HTMLCanvasElement {
    const made = document.createElement("canvas");
    [made.width, made.height] = [columns, rows];
    const context = made.getContext("2d")!;
    const image = context.createImageData(columns, rows);
    for (const shade of density.shades) {
      const { variable, opacity } = paint(shade);
      const at = ((rows - 1 - shade.row) * columns + shade.column) * 4;
      image.data.set([...this.colour(variable), Math.round(opacity * 255)], at);
    }
    context.putImageData(image, 0, 0);
    return made;
  }
}

/** Red, green and blue of `#rrggbb`, as the theme writes its colours. */
function channels(colour: string): Colour {
  const number = Number.parseInt(colour.replace("#", ""), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
