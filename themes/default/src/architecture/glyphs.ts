/** A glyph as marks: the trapezoid of its layer, its prongs, and what tells groups and samples from layers. */
import type { Cell } from "./cells.ts";
import { darker, lighter, type Paint } from "./palettes.ts";
import type { Preferences } from "./preferences.ts";
import type { Area, Mark, Picture, Point } from "./scene.ts";

/** The image of a dataset's sample, cut from a sheet. */
export type Sample = Pick<Picture, "href" | "part" | "sheet">;

export function marksOf(
  cell: Cell,
  [x, y]: Point,
  paint: Paint,
  preferences: Preferences,
  sample: Sample | null,
): Mark[] {
  const left = x + cell.left;
  const axis = y + cell.axis;
  if (cell.kind === "sample") return sampleMarks(cell, left, axis, preferences, sample);
  const looks = looksOf(cell, paint, preferences);
  const labels = cell.labels.map((label): Mark => ({ ...label, x: label.x + x, y: label.y + y }));
  const body = trapezoid(left, axis, cell.body[0], cell.body[1], cell.body[2]);
  const solid = cell.depth[0] > 0 ? depthMarks(cell, left, axis, looks) : [];
  return [
    ...solid,
    ...prongMarks(cell, left, axis, y, looks),
    { ...looks, points: body },
    ...(cell.isOpen ? [dashed(body, preferences.stroke)] : []),
    ...(paint.texture >= 0
      ? [{ ...looks, fill: "none", stroke: "none", points: body, texture: paint.texture }]
      : []),
    ...otherMarks(cell, left, axis, preferences),
    ...labels,
  ];
}

/** Groups are dark inside with a thick edge in their own colour; dense layers have no edge of another colour. */
function looksOf(
  { kind, isOpen }: Cell,
  { fill }: Paint,
  { stroke, textures }: Preferences,
): Omit<Area, "points"> {
  const edge = textures ? "#555555" : darker(fill, 0.45);
  // What is not known is pale; its edge is dashed over a line in the colour of what is behind.
  if (isOpen) return { kind: "area", fill: lighter(fill, 0.6), stroke: "panel", width: stroke };
  if (kind === "group")
    return {
      kind: "area",
      fill: textures ? fill : lighter(fill, 0.45),
      stroke: textures ? "#222222" : darker(fill, 0.25),
      width: stroke * 2.5,
      round: 1,
    };
  if (kind === "dense") return { kind: "area", fill, stroke: textures ? edge : fill, width: stroke };
  return { kind: "area", fill, stroke: edge, width: stroke };
}

const trapezoid = (left: number, axis: number, width: number, given: number, made: number): Point[] => [
  [left, axis - given / 2],
  [left + width, axis - made / 2],
  [left + width, axis + made / 2],
  [left, axis + given / 2],
];

function depthMarks({ body, depth }: Cell, left: number, axis: number, looks: Omit<Area, "points">): Mark[] {
  const [width, given, made] = body;
  const [dx, dy] = depth;
  const right = left + width;
  const top: Point[] = [
    [left, axis - given / 2],
    [left + dx, axis - given / 2 - dy],
    [right + dx, axis - made / 2 - dy],
    [right, axis - made / 2],
  ];
  const side: Point[] = [
    [right, axis - made / 2],
    [right + dx, axis - made / 2 - dy],
    [right + dx, axis + made / 2 - dy],
    [right, axis + made / 2],
  ];
  return [
    { ...looks, fill: lighter(looks.fill, 0.35), points: top },
    { ...looks, fill: darker(looks.fill, 0.18), points: side },
  ];
}

/** From each end to its share of the body's edge, so that neighbours meet where their inner edges do. */
function prongMarks(cell: Cell, left: number, axis: number, y: number, looks: Omit<Area, "points">): Mark[] {
  const [width, given, made] = cell.body;
  const sides: [readonly number[], number, number, number][] = [
    [cell.prongs[0] > 0 ? cell.ins : [], left, left - cell.prongs[0], given],
    [cell.prongs[1] > 0 ? cell.outs : [], left + width, left + width + cell.prongs[1], made],
  ];
  return sides.flatMap(([ends, from, to, height]) =>
    ends.map((end, index): Mark => {
      const top = axis - height / 2 + (height * index) / ends.length;
      const half = Math.min(3, height / ends.length / 2);
      const tip = y + end;
      const points: Point[] = [
        [to, tip - half],
        [from, top],
        [from, top + height / ends.length],
        [to, tip + half],
      ];
      return { ...looks, points };
    }),
  );
}

/** The second place of arrays that are not square, as a dashed edge. */
function otherMarks(
  { other, body, depth }: Cell,
  left: number,
  axis: number,
  { stroke }: Preferences,
): Mark[] {
  if (!other || depth[0] > 0) return [];
  const points = trapezoid(left, axis, body[0], other[0], other[1]);
  const width = stroke * 0.75;
  return [{ kind: "area", points, fill: "none", stroke: "panel", width }, dashed(points, width)];
}

/** In the colour of text, over a line of the page's: one of the two is seen on whatever is behind. */
const dashed = (points: readonly Point[], width: number): Area => ({
  ...{ kind: "area", points, fill: "none", stroke: "ink", width, dash: true },
});

function sampleMarks(
  cell: Cell,
  left: number,
  axis: number,
  { stroke }: Preferences,
  sample: Sample | null,
): Mark[] {
  const [width, height] = cell.body;
  const box = trapezoid(left, axis, width, height, height);
  const labels = cell.labels.map((label): Mark => ({
    ...label,
    x: label.x + left - cell.left,
    y: label.y + axis - cell.axis,
  }));
  const side = Math.min(width, height);
  const picture: Mark[] = sample
    ? [
        {
          ...{ kind: "picture", x: left + (width - side) / 2, y: axis - side / 2, width: side, height: side },
          ...sample,
        },
      ]
    : [];
  return [
    ...picture,
    { kind: "area", points: box, fill: "none", stroke: "quiet", width: stroke, dash: true },
    ...labels,
  ];
}
