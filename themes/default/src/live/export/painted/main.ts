/**
 * What a view shows without being one drawing — cards, tables, bars beside words — as SVG, from where the browser has laid
 * it out: boxes, lines of text, drawings, images. All of it is read in one go, so that nothing moves in between; the
 * pixels of images come after. A part that a style sheet leaves out on paper is for using the view: it is left out here.
 */
import { boxOf } from "./boxes.ts";
import { Clips, inset, isEmpty, shared, type Area } from "./area.ts";
import { fieldOf, isField, markerOf } from "./fields.ts";
import { Layer, type Piece } from "./layers.ts";
import { withoutControls } from "./paper.ts";
import { drawingOf, letGo, pixelsOf } from "./pictures.ts";
import { lineOf, linesOf, type Room } from "./texts.ts";
import type { Chart } from "../image.ts";

/** Outlines reach so far beyond a view, in px. */
const AROUND = 6;

export async function paintedOf(root: HTMLElement): Promise<Chart> {
  const { pieces, width, height, clips } = withoutControls(root, () => readOf(root));
  try {
    const content = await Promise.all(pieces);
    return { content: clips.definitions() + content.join(""), width, height };
  } finally {
    letGo();
  }
}

function readOf(root: HTMLElement): { pieces: Piece[]; width: number; height: number; clips: Clips } {
  const { left, top, width, height } = root.getBoundingClientRect();
  const clips = new Clips();
  const sight = inset({ left: 0, top: 0, right: width, bottom: height }, -AROUND);
  const layer = new Layer();
  new Painter({ left, top }, clips).children(root, layer, { sight, end: null });
  return { pieces: layer.pieces(), width: Math.ceil(width), height: Math.ceil(height), clips };
}

/** What is seen of the parts of an element, and where their texts end. */
interface Within {
  sight: Area;
  end: number | null;
}

class Painter {
  constructor(
    private readonly origin: Room["origin"],
    private readonly clips: Clips,
  ) {}

  children(element: Element, layer: Layer, within: Within): void {
    const style = getComputedStyle(element);
    for (const node of element.childNodes) {
      if (node instanceof Text) layer.add(...this.texts(node, style, within));
      else if (node instanceof Element) this.element(node, layer, within);
    }
  }

  private texts(node: Text, style: CSSStyleDeclaration, within: Within): string[] {
    if (style.visibility !== "visible") return [];
    const room = { origin: this.origin, clips: this.clips, ...within };
    return linesOf(node, this.origin).map((line) => lineOf(line, style, room));
  }

  private element(element: Element, around: Layer, within: Within): void {
    const style = getComputedStyle(element);
    if (style.display === "contents") return this.children(element, around, within);
    if (!element.checkVisibility() || style.opacity === "0") return;
    const layer = around.of(style);
    const area = this.areaOf(element.getBoundingClientRect());
    if (style.visibility === "visible") this.own(element, style, area, layer, within);
    if (isLeaf(element)) return;
    const inside = this.within(element, style, area, within);
    if (inside) this.children(element, layer, inside);
  }

  /** The element itself: its box, and what stands in it that is no other element. */
  private own(
    element: Element,
    style: CSSStyleDeclaration,
    area: Area,
    layer: Layer,
    { sight, end }: Within,
  ): void {
    const { clips, origin } = this;
    const cut = clips.cut(area, sight);
    if (!(element instanceof SVGSVGElement))
      for (const box of style.display === "inline" ? element.getClientRects() : [null])
        layer.add(boxOf(style, box ? this.areaOf(box) : area, sight, clips));
    if (cut !== null) layer.add(contentOf(element, style, area, { origin, clips, sight, end }, cut));
  }

  /** What is seen of an element's parts; null for nothing. */
  private within(
    element: Element,
    style: CSSStyleDeclaration,
    area: Area,
    { sight, end }: Within,
  ): Within | null {
    if (style.overflowX === "visible" && style.overflowY === "visible") return { sight, end };
    const side = (name: string): number =>
      Number.parseFloat(style.getPropertyValue(`border-${name}-width`)) || 0;
    const inner = {
      left: area.left + side("left"),
      top: area.top + side("top"),
      right: area.left + side("left") + element.clientWidth,
      bottom: area.top + side("top") + element.clientHeight,
    };
    const seen = shared(sight, inner);
    // What only screen readers are to find has a box of one px.
    if (isEmpty(seen) || (seen.right - seen.left <= 1 && seen.bottom - seen.top <= 1)) return null;
    const isEnded = style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth;
    return { sight: seen, end: isEnded ? inner.right - Number.parseFloat(style.paddingRight) : end };
  }

  private areaOf({ left, top, right, bottom }: DOMRect): Area {
    const { origin } = this;
    return {
      left: left - origin.left,
      top: top - origin.top,
      right: right - origin.left,
      bottom: bottom - origin.top,
    };
  }
}

/** What an element shows that is neither text nor another element; nothing for most. */
function contentOf(element: Element, style: CSSStyleDeclaration, area: Area, room: Room, cut: string): Piece {
  if (element instanceof SVGSVGElement) return drawingOf(element, area, cut);
  if (element instanceof HTMLCanvasElement || element instanceof HTMLImageElement)
    return pixelsOf(element, area, cut);
  if (isField(element)) return fieldOf(element, style, area, room);
  return style.display === "list-item" ? markerOf(element as HTMLElement, style, area, room) : "";
}

/** Elements whose parts are drawn with them, or not at all. */
function isLeaf(element: Element): boolean {
  return (
    element instanceof SVGElement || isField(element) || element.matches("canvas, img, video, audio, iframe")
  );
}
