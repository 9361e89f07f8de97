/** Rectangles of a picture, in px from its upper left corner, and which part of them is in sight. */

export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function shared(one: Area, other: Area): Area {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

export function isEmpty({ left, top, right, bottom }: Area): boolean {
  return right <= left || bottom <= top;
}

export function holds(outer: Area, { left, top, right, bottom }: Area): boolean {
  return left >= outer.left && top >= outer.top && right <= outer.right && bottom <= outer.bottom;
}

/** Narrower by so many px on each side; wider by less than none. */
export function inset({ left, top, right, bottom }: Area, by: number): Area {
  return { left: left + by, top: top + by, right: right - by, bottom: bottom - by };
}

/** A hundredth of a px is finer than any screen. */
export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Its place as an element's attributes. */
export function placed({ left, top, right, bottom }: Area): string {
  return `x="${rounded(left)}" y="${rounded(top)}" width="${rounded(right - left)}" height="${rounded(bottom - top)}"`;
}

/** The clips of a picture: each rectangle that cuts something is named once. */
export class Clips {
  private readonly names = new Map<string, string>();

  /** The attribute that cuts a shape to what is in sight; none where all of it is, null where nothing is. */
  cut(shape: Area, sight: Area): string | null {
    const left = shared(shape, sight);
    // A line has no height.
    if (left.right < left.left || left.bottom < left.top) return null;
    if (holds(inset(sight, -0.5), shape)) return "";
    const place = placed(sight);
    const name = this.names.get(place) ?? `sight-${this.names.size + 1}`;
    this.names.set(place, name);
    return ` clip-path="url(#${name})"`;
  }

  definitions(): string {
    const clips = [...this.names].map(
      ([place, name]) => `<clipPath id="${name}"><rect ${place}/></clipPath>`,
    );
    return clips.length ? `<defs>${clips.join("")}</defs>` : "";
  }
}
