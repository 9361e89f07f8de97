/** Charts that Vega draws on a canvas, painted whole, and finer than the screen where they go to paper. */
import { CanvasHandler, renderModule } from "vega";
import { CanvasRenderer } from "vega-scenegraph";
import { sharpness } from "./printing.ts";

/**
 * Vega paints anew only the rectangle in which marks came or went, and cuts at its edge what lies across it: points
 * that overlap would tell by what way the page came to show them, and a link would show others.
 */
class WholeCanvas extends CanvasRenderer {
  override dirty(): void {
    // No part is told, so that all is painted.
  }

  override resize(width: number, height: number, origin: [number, number], scaleFactor?: number): this {
    super.resize(width, height, origin, scaleFactor);
    const [canvas, fine] = [this.canvas(), sharpness()];
    const context = canvas.getContext("2d") as CanvasRenderingContext2D & { pixelRatio: number };
    [canvas.width, canvas.height] = [width * fine, height * fine];
    context.pixelRatio = fine;
    context.setTransform(fine, 0, 0, fine, fine * origin[0], fine * origin[1]);
    return this;
  }
}

renderModule("canvas", { renderer: WholeCanvas, handler: CanvasHandler });

export const CANVAS = "canvas";
