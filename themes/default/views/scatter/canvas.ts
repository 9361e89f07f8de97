/** Marks on a canvas, in the colours of the theme that is on. Dots are stamped from one picture per look, cells from one image. */
import type { Colouring } from "./colouring.ts";
import { densityOf, greyOf, paintOf, type Density, type Paint, type Shade } from "./density.ts";
import { variableOf } from "./drawing.ts";
import type { Projection } from "./plot.ts";
import type { Cells, Marks, Points } from "./queries.ts";

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
/** Squares of devices with more px than this are drawn no finer. */
const FINEST = 2;

export class Painter {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly resolve: (variable: string) => string;
  private readonly colours = new Map<string, string>();
  private readonly stamps = new Map<string, HTMLCanvasElement>();
  private images = new WeakMap<Density, HTMLCanvasElement>();
  private readonly greys = new WeakMap<Cells, Density>();
  private scale = 1;
  /** The shades of the cells as they were last drawn. */
  density: Density | null = null;
  private densityKey: readonly unknown[] = [];

  constructor(canvas: HTMLCanvasElement, resolve: (variable: string) => string) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d")!;
    this.resolve = resolve;
  }

  /** Colours are asked for anew: the theme has changed. */
  forget(): void {
    this.colours.clear();
    this.stamps.clear();
    this.images = new WeakMap();
  }

  paint(scene: Scene): void {
    const { frame } = scene.projection;
    this.fit(frame.width, frame.height);
    const { context, scale } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.save();
    context.beginPath();
    const size = [frame.right - frame.left, frame.bottom - frame.top] as const;
    context.rect(frame.left * scale, frame.top * scale, size[0] * scale, size[1] * scale);
    context.clip();
    if (scene.backdrop) this.paintBackdrop(scene.backdrop, scene);
    if (scene.marks.kind === "points") this.paintPoints(scene.marks, scene);
    else this.paintCells(this.shaded(scene.marks, scene), scene.marks, scene);
    context.restore();
  }

  private fit(width: number, height: number): void {
    this.scale = Math.min(FINEST, Math.max(1, devicePixelRatio || 1));
    const [across, up] = [Math.round(width * this.scale), Math.round(height * this.scale)];
    if (this.canvas.width === across && this.canvas.height === up) return;
    this.canvas.width = across;
    this.canvas.height = up;
    this.stamps.clear();
  }

  private colour(variable: string): string {
    let found = this.colours.get(variable);
    if (!found) this.colours.set(variable, (found = this.resolve(`--${variable}`)));
    return found;
  }

  private paintBackdrop(backdrop: Marks, scene: Scene): void {
    if (backdrop.kind === "points") {
      this.context.globalAlpha = 0.7;
      this.stampAll(backdrop, scene, () => "chart-grey");
      this.context.globalAlpha = 1;
      return;
    }
    let density = this.greys.get(backdrop);
    if (!density) this.greys.set(backdrop, (density = densityOf(backdrop, { kind: "plain" }, null)));
    const { most } = density;
    this.paintCells(density, backdrop, scene, (shade) => greyOf(shade, most));
  }

  /** What is left out by the legend is grey, what is outside the reader's own selection faint; the rest lies on top. */
  private paintPoints(points: Points, scene: Scene): void {
    const { colouring, picked, isSelected, opacity } = scene;
    const isPicked = (index: number): boolean => !picked || picked.has(points.code[index]!);
    const look = (index: number): string =>
      isPicked(index) ? variableOf(points.code[index]!, colouring) : "chart-grey";
    const isFront = (index: number): boolean => isPicked(index) && (!isSelected || isSelected(index, points));
    const { context } = this;
    if (picked || isSelected) {
      context.globalAlpha = isSelected ? UNSELECTED : opacity;
      this.stampAll(points, scene, look, (index) => !isFront(index));
    }
    context.globalAlpha = opacity;
    this.stampAll(points, scene, look, picked || isSelected ? isFront : null);
    context.globalAlpha = 1;
  }

  private stampAll(
    points: Points,
    { projection, size }: Scene,
    look: (index: number) => string,
    isShown: ((index: number) => boolean) | null = null,
  ): void {
    const { context, scale } = this;
    const { width, height } = projection.frame;
    const middle = this.stamp("chart-grey", size).width / 2;
    for (let index = 0; index < points.n; index++) {
      const [x, y] = [projection.x(points.x[index]!), projection.y(points.y[index]!)];
      if (x < -size || y < -size || x > width + size || y > height + size) continue;
      if (isShown && !isShown(index)) continue;
      context.drawImage(this.stamp(look(index), size), x * scale - middle, y * scale - middle);
    }
  }

  /** The picture of a dot, made once per colour and size. */
  private stamp(variable: string, size: number): HTMLCanvasElement {
    const key = `${variable} ${size}`;
    const found = this.stamps.get(key);
    if (found) return found;
    const side = Math.ceil(size * this.scale) + 2;
    const made = document.createElement("canvas");
    made.width = made.height = side;
    const context = made.getContext("2d")!;
    context.fillStyle = this.colour(variable);
    context.beginPath();
    context.arc(side / 2, side / 2, (size * this.scale) / 2, 0, 2 * Math.PI);
    context.fill();
    this.stamps.set(key, made);
    return made;
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
    scene: Scene,
    paint: (shade: Shade) => Paint = (shade) => paintOf(shade, density.most, scene.colouring),
  ): void {
    const { projection } = scene;
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
      image.data.set([...channels(this.colour(variable)), Math.round(opacity * 255)], at);
    }
    context.putImageData(image, 0, 0);
    return made;
  }
}

/** Red, green and blue of `#rrggbb`, as the theme writes its colours. */
function channels(colour: string): [number, number, number] {
  const number = Number.parseInt(colour.replace("#", ""), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
