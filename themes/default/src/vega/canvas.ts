/** Charts that Vega draws on a canvas, painted whole. */
import { CanvasHandler, renderModule } from "vega";
import { CanvasRenderer } from "vega-scenegraph";

/**
 * Vega paints anew only the rectangle in which marks came or went, and cuts at its edge what lies across it: points
 * that overlap would tell by what way the page came to show them, and a link would show others.
 */
class WholeCanvas extends CanvasRenderer {
  override dirty(): void {
    // No part is told, so that all is painted.
  }
}

renderModule("canvas", { renderer: WholeCanvas, handler: CanvasHandler });

export const CANVAS = "canvas";
