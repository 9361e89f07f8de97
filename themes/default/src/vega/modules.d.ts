/** The parts of Vega's packages that we call and that ship without types. */
declare module "vega-statistics" {
  export function randomLCG(seed: number): () => number;
  export function setRandom(random: () => number): void;

  export function bin(options: {
    extent: [number, number];
    maxbins?: number;
    span?: number;
    step?: number;
  }): {
    start: number;
    stop: number;
    step: number;
  };
}

declare module "vega-scenegraph" {
  import type { Renderer } from "vega";

  export class SVGStringRenderer {
    constructor(loader: unknown);
    initialize(element: null, width: number, height: number, origin: [number, number], scale: number): this;
    render(scene: unknown): this;
    svg(): string;
  }
  export const textMetrics: Record<string, unknown>;

  export class CanvasRenderer extends Renderer {
    dirty(item: unknown): void;
    resize(width: number, height: number, origin: [number, number], scaleFactor?: number): this;
    canvas(): HTMLCanvasElement;
  }
}
