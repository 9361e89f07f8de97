/** The matrix on a canvas. All cells are one small image, so that a million of them move as fast as a hundred. */
import { cellShapes, cellsIn, diagonalShapes, ROOMY } from "./cells.ts";
import { Sight, type Layout } from "./layout.ts";
import { margins, type Titles } from "./margins.ts";
import { isHidden } from "./matrix.ts";
import type { Model } from "./model.ts";
import { endOf, FIRST_STEP, inCell, inkOn, LAST_STEP, level, stepOf, valueOf } from "./shade.ts";
import { sharpness } from "../../src/live/printing.ts";
import type { Shape, Text } from "../../src/shapes.ts";

/** A place among rows and columns; -1 is the label before the first. */
export interface Spot {
  row: number;
  column: number;
}

/** Everything that one picture shows. */
export interface Scene {
  model: Model;
  sight: Sight;
  titles: Titles;
  showsWhole: boolean;
  hover: Spot | null;
  cursor: Spot | null;
  selected: readonly Spot[];
}

const FONT = '"Inter Variable", Inter, system-ui, sans-serif';
/** Squares of other sizes than their cells are drawn one by one from so many px. */
const SIZED = 4;

export class Painter {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly resolve: (variable: string) => string;
  private colours = new Map<string, string>();
  private image: { model: Model; together: number; showsWhole: boolean; canvas: HTMLCanvasElement } | null =
    null;
  private fine = 1;
  /** The font that the canvas has; empty where that is not known. */
  private font = "";

  constructor(canvas: HTMLCanvasElement, resolve: (variable: string) => string) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d")!;
    this.resolve = resolve;
  }

  /** Colours are asked for anew: the theme has changed. */
  forget(): void {
    this.colours = new Map();
    this.image = null;
  }

  paint(scene: Scene): void {
    const { context } = this;
    const { layout } = scene.sight;
    this.fit(layout);
    this.font = "";
    context.setTransform(this.fine, 0, 0, this.fine, 0, 0);
    context.clearRect(0, 0, layout.width, layout.height);
    context.save();
    context.beginPath();
    context.rect(layout.left, layout.top, layout.side, layout.side);
    context.fillStyle = this.colour("page-surface");
    context.fill();
    context.clip();
    this.paintCells(scene);
    for (const shape of diagonalShapes(scene.model, scene.sight)) this.shape(shape);
    this.strips(scene);
    context.restore();
    this.font = "";
    for (const shape of margins(scene.model, scene.sight, scene.titles)) this.shape(shape);
    this.rings(scene);
  }

  private fit({ width, height }: Layout): void {
    this.fine = sharpness();
    const [across, down] = [Math.round(width * this.fine), Math.round(height * this.fine)];
    if (this.canvas.width === across && this.canvas.height === down) return;
    [this.canvas.width, this.canvas.height] = [across, down];
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  private colour(variable: string): string {
    let found = this.colours.get(variable);
    if (!found) this.colours.set(variable, (found = this.resolve(`--${variable}`)));
    return found;
  }

  private paintCells({ model, sight, showsWhole }: Scene): void {
    if (model.look.encoding === "size" && sight.scale >= SIZED) {
      for (const shape of cellShapes(model, sight, showsWhole)) this.shape(shape);
      return;
    }
    const together = Math.max(1, Math.ceil(1 / (sight.scale * this.fine)));
    const image = this.imageOf(model, together, showsWhole);
    const [left, right, top, bottom] = sight.window.map((end) => end / together) as [
      number,
      number,
      number,
      number,
    ];
    const [x, y] = [Math.floor(left), Math.floor(top)];
    const [width, height] = [
      Math.min(image.width, Math.ceil(right)) - x,
      Math.min(image.height, Math.ceil(bottom)) - y,
    ];
    const scale = sight.scale * together;
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(
      ...([image, x, y, width, height] as const),
      ...([sight.x(x * together), sight.y(y * together), width * scale, height * scale] as const),
    );
    if (sight.scale >= ROOMY.gap) this.gaps(sight);
    if (sight.scale >= ROOMY.number) this.numbers(model, sight);
  }

  /** One px for each cell, or for a block of them, which has the colour of the strongest. */
  private imageOf(model: Model, together: number, showsWhole: boolean): HTMLCanvasElement {
    const kept = this.image;
    if (kept && kept.model === model && kept.together === together && kept.showsWhole === showsWhole)
      return kept.canvas;
    const canvas = document.createElement("canvas");
    const size = Math.max(1, Math.ceil(model.whole.size / together));
    [canvas.width, canvas.height] = [size, size];
    const data = new ImageData(size, size);
    fill(
      new Uint32Array(data.data.buffer),
      size,
      together,
      model,
      showsWhole,
      this.ramp(),
      this.packed("chart-grey"),
    );
    canvas.getContext("2d")!.putImageData(data, 0, 0);
    this.image = { model, together, showsWhole, canvas };
    return canvas;
  }

  private ramp(): Uint32Array {
    return Uint32Array.from({ length: LAST_STEP - FIRST_STEP + 1 }, (_, step) =>
      this.packed(`ramp-${step + FIRST_STEP}`),
    );
  }

  /** Red, green, blue and full opacity, as an image holds them. */
  private packed(variable: string): number {
    const text = this.colour(variable);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as number[];
    return ((255 << 24) | (blue! << 16) | (green! << 8) | red!) >>> 0;
  }

  private gaps(sight: Sight): void {
    const { context } = this;
    const { layout } = sight;
    context.beginPath();
    for (let column = sight.range("x")[0]; column <= sight.range("x")[1]; column++) {
      context.moveTo(sight.x(column), layout.top);
      context.lineTo(sight.x(column), layout.top + layout.side);
    }
    for (let row = sight.range("y")[0]; row <= sight.range("y")[1]; row++) {
      context.moveTo(layout.left, sight.y(row));
      context.lineTo(layout.left + layout.side, sight.y(row));
    }
    context.strokeStyle = this.colour("page-surface");
    context.lineWidth = 1;
    context.stroke();
  }

  private numbers(model: Model, sight: Sight): void {
    for (const cell of cellsIn(model, sight)) {
      if (cell.n === 0) continue;
      const text = inCell(cell.value, model.look.normalize, sight.scale - 4, 11);
      if (!text) continue;
      const [x, y] = [sight.x(cell.column) + sight.scale / 2, sight.y(cell.row) + sight.scale / 2 + 4];
      this.shape({
        kind: "text",
        x,
        y,
        text,
        size: 11,
        anchor: "middle",
        fill: inkOn(stepOf(cell.level)),
        weight: 550,
      });
    }
  }

  /** The row and the column under the pointer. */
  private strips({ sight, hover }: Scene): void {
    if (!hover) return;
    const { context } = this;
    const { layout, scale } = sight;
    context.globalAlpha = 0.14;
    context.fillStyle = this.colour("chart-accent");
    if (hover.row >= 0) context.fillRect(layout.left, sight.y(hover.row), layout.side, scale);
    if (hover.column >= 0) context.fillRect(sight.x(hover.column), layout.top, scale, layout.side);
    context.globalAlpha = 1;
  }

  private rings({ sight, selected, cursor, hover }: Scene): void {
    if (hover && hover.row >= 0 && hover.column >= 0) this.ring(sight, hover, "chart-title", 1.5);
    if (cursor) this.ring(sight, cursor, "chart-title", 4);
    for (const spot of selected) this.ring(sight, spot, "chart-accent", 2);
  }

  /** Around a cell, or around a whole row or column with its label; no smaller than can be seen. */
  private ring(sight: Sight, { row, column }: Spot, variable: string, line: number): void {
    const { layout, scale } = sight;
    const [right, bottom] = [layout.left + layout.side, layout.top + layout.side];
    const least = 6;
    const [x0, x1] =
      column < 0 ? [layout.left - layout.label, right] : [sight.x(column), sight.x(column) + scale];
    const [y0, y1] = row < 0 ? [layout.top - layout.header, bottom] : [sight.y(row), sight.y(row) + scale];
    const grow = Math.max(0, (least - scale) / 2);
    const box = [
      Math.max(column < 0 ? 0 : layout.left, x0 - grow),
      Math.max(row < 0 ? 0 : layout.top, y0 - grow),
      Math.min(right, x1 + grow),
      Math.min(bottom, y1 + grow),
    ] as const;
    if (box[2] <= box[0] || box[3] <= box[1]) return;
    this.context.strokeStyle = this.colour(variable);
    this.context.lineWidth = line;
    this.context.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }

  private shape(shape: Shape): void {
    const { context } = this;
    context.globalAlpha = shape.kind === "text" ? 1 : (shape.opacity ?? 1);
    if (shape.kind === "text") this.text(shape);
    else if (shape.kind === "line") {
      context.strokeStyle = this.colour(shape.stroke);
      context.lineWidth = shape.line;
      context.beginPath();
      context.moveTo(...shape.from);
      context.lineTo(...shape.to);
      context.stroke();
    } else {
      if (shape.fill) {
        context.fillStyle = this.colour(shape.fill);
        context.fillRect(shape.x, shape.y, shape.width, shape.height);
      }
      if (shape.stroke) {
        context.strokeStyle = this.colour(shape.stroke);
        context.lineWidth = shape.line ?? 1;
        context.strokeRect(shape.x, shape.y, shape.width, shape.height);
      }
    }
    context.globalAlpha = 1;
  }

  /** For every font it is given a canvas asks for the page's styles, even where it has that font. */
  private setFont(font: string): void {
    if (font !== this.font) this.context.font = this.font = font;
  }

  private text({ x, y, text, size, anchor, fill: variable, weight, isTurned }: Text): void {
    const { context } = this;
    this.setFont(`${weight ?? 400} ${size}px ${FONT}`);
    context.textAlign = anchor === "middle" ? "center" : anchor;
    context.fillStyle = this.colour(variable);
    if (!isTurned) {
      context.fillText(text, x, y);
      return;
    }
    context.save();
    context.translate(x, y);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }
}

/** Blocks take the strongest of their cells; what is filtered out is grey where nothing passes. */
function fill(
  pixels: Uint32Array,
  size: number,
  together: number,
  model: Model,
  showsWhole: boolean,
  ramp: Uint32Array,
  grey: number,
): void {
  const { whole, passing, look, axis } = model;
  const strongest = new Float32Array(size * size);
  const end = endOf(model);
  for (const at of whole.cells.keys()) {
    const [row, column] = [Math.floor(at / whole.size), at % whole.size];
    if (isHidden(axis, row, column) || (look.errors && row === column)) continue;
    const block = Math.floor(row / together) * size + Math.floor(column / together);
    const n = passing.cells.get(at);
    if (n) {
      const value = valueOf(passing, row, column, look.normalize) ?? 0;
      strongest[block] = Math.max(strongest[block]!, 0.01 + level(value, model, end));
    } else if (showsWhole && model.isFiltered && pixels[block] === 0) pixels[block] = grey;
  }
  strongest.forEach((found, block) => {
    if (found > 0) pixels[block] = ramp[stepOf(found - 0.01) - FIRST_STEP]!;
  });
}
