/** What lies above what: parts that are taken out of the flow lie above those in it, by their order. */

export type Piece = string | Promise<string>;

interface Raised {
  order: number;
  layer: Layer;
}

export class Layer {
  private readonly flow: Piece[] = [];
  private readonly raised: Raised[] = [];

  constructor(
    private readonly opacity = 1,
    /** The layer among whose parts those of this one are ordered. */
    private readonly context: Layer | null = null,
  ) {}

  add(...pieces: Piece[]): void {
    this.flow.push(...pieces.filter(Boolean));
  }

  /** The layer that an element is drawn in: that around it, or one of its own. */
  of(style: CSSStyleDeclaration): Layer {
    const opacity = Number(style.opacity);
    const isRaised = style.position !== "static";
    if (!isRaised && opacity === 1) return this;
    const isContext = style.zIndex !== "auto" || opacity < 1;
    const holder = this.context ?? this;
    const layer = new Layer(opacity, isContext ? null : holder);
    holder.raised.push({ order: Number(style.zIndex) || 0, layer });
    return layer;
  }

  pieces(): Piece[] {
    const inOrder = [...this.raised].sort((one, other) => one.order - other.order);
    const below = inOrder.filter(({ order }) => order < 0).flatMap(({ layer }) => layer.pieces());
    const above = inOrder.filter(({ order }) => order >= 0).flatMap(({ layer }) => layer.pieces());
    const all = [...below, ...this.flow, ...above];
    return this.opacity < 1 ? [`<g opacity="${this.opacity}">`, ...all, "</g>"] : all;
  }
}
