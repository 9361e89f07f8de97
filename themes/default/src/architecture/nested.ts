/**
 * Networks whose skips lie one within the other, as those of a U-Net: too wide for their place they stand as a U, a row
 * for each skip, what comes before it at its left and what comes after at its right. Every row is read from left to right.
 */
import type { Cell } from "./cells.ts";
import type { Edge } from "./detail.ts";
import { endsOfEdge, type Ends, type Placed } from "./layout.ts";
import type { Preferences } from "./preferences.ts";
import type { Point } from "./scene.ts";

/** Room at both sides of a row for what leads down or up. */
const TURN = 7;
/** Fewer skips make no U. */
const FEWEST = 2;

/** Glyphs of a row, before its skip and after it; the lowest has no skip. */
interface Level {
  before: readonly number[];
  after: readonly number[];
}

/** Null where the network is of another kind. */
export function nested(
  count: number,
  edges: readonly Edge[],
  ends: readonly Ends[],
  cells: readonly Cell[],
  preferences: Preferences,
): Placed | null {
  const levels = levelsOf(count, edges);
  return levels && new Standing(levels, edges, ends, cells, preferences).placed();
}

/** The levels of a chain whose further edges all lie one within the other; from the outermost to the lowest. */
function levelsOf(count: number, edges: readonly Edge[]): Level[] | null {
  const skips = edges
    .filter(({ source, target }) => target !== source + 1)
    .sort((one, other) => one.source - other.source);
  const steps = new Set(edges.flatMap(({ source, target }) => (target === source + 1 ? [source] : [])));
  if (skips.length < FEWEST || steps.size !== count - 1) return null;
  const isWithin = skips.every(
    ({ source, target }, index) =>
      source < target &&
      (index === 0 || (source > skips[index - 1]!.source && target < skips[index - 1]!.target)),
  );
  if (!isWithin) return null;
  const between = (from: number, to: number): number[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  const levels = skips.map(({ source, target }, index) => ({
    before: between(index === 0 ? 0 : skips[index - 1]!.source + 1, source + 1),
    after: between(target, index === 0 ? count : skips[index - 1]!.target),
  }));
  const last = skips.at(-1)!;
  return [...levels, { before: between(last.source + 1, last.target), after: [] }];
}

class Standing {
  private readonly places: Point[] = [];
  /** The middle of the room below each row. */
  private readonly below: number[] = [];
  private readonly levelOf: number[] = [];
  private width = 0;
  private height = 0;
  /** Where what comes after the skips begins. */
  private readonly middle: number;

  constructor(
    private readonly levels: readonly Level[],
    private readonly edges: readonly Edge[],
    private readonly ends: readonly Ends[],
    private readonly cells: readonly Cell[],
    private readonly preferences: Preferences,
  ) {
    const upper = levels.slice(0, -1);
    const widest = Math.max(...upper.map(({ before }) => this.lengthOf(before)));
    this.middle = TURN + widest + 3 * TURN;
    for (const [index, level] of levels.entries()) this.stand(level, index);
  }

  placed(): Placed {
    const { places, width, height, edges } = this;
    return {
      ...{ width: width + TURN, height, cells: places, frames: [] },
      edges: edges.map((edge, index) => this.way(edge, index)),
    };
  }

  private lengthOf(glyphs: readonly number[]): number {
    const sum = glyphs.reduce((total, glyph) => total + this.cells[glyph]!.width, 0);
    return sum + Math.max(0, glyphs.length - 1) * this.preferences.spacing;
  }

  /** Puts a level's glyphs in a row, on one line by the middles of their bodies. */
  private stand({ before, after }: Level, index: number): void {
    const all = [...before, ...after].map((glyph) => this.cells[glyph]!);
    const [up, down] = [
      Math.max(0, ...all.map(({ axis }) => axis)),
      Math.max(0, ...all.map(({ axis, height }) => height - axis)),
    ];
    const axis = this.height + up;
    // The lowest row stands below both sides, so that what leads up from it starts at the right.
    const start = after.length ? TURN : Math.max(TURN, this.middle - this.lengthOf(before) / 2);
    this.row(before, start, axis, index);
    this.row(after, this.middle, axis, index);
    this.height = axis + down;
    this.below.push(this.height + this.preferences.gap / 2);
    if (index < this.levels.length - 1) this.height += this.preferences.gap;
  }

  private row(glyphs: readonly number[], start: number, axis: number, level: number): void {
    let x = start;
    for (const glyph of glyphs) {
      const cell = this.cells[glyph]!;
      this.places[glyph] = [x, axis - cell.axis];
      this.levelOf[glyph] = level;
      x += cell.width + this.preferences.spacing;
      this.width = Math.max(this.width, x - this.preferences.spacing);
    }
  }

  private way(edge: Edge, index: number): Point[] {
    const [start, end] = endsOfEdge(edge, index, this.ends, this.cells, this.places);
    const [from, to] = [this.levelOf[edge.source]!, this.levelOf[edge.target]!];
    const right = this.places[edge.source]![0] + this.cells[edge.source]!.width + TURN / 2;
    const left = this.places[edge.target]![0] - TURN / 2;
    if (from === to) return bent(start, end, edge.target === edge.source + 1 ? right : left - TURN);
    const gap = this.below[Math.min(from, to)]!;
    return [start, [right, start[1]], [right, gap], [left, gap], [left, end[1]], end];
  }
}

/** From one height to another at a place across. */
function bent(start: Point, end: Point, x: number): Point[] {
  if (Math.abs(start[1] - end[1]) < 0.01) return [start, end];
  return [start, [x, start[1]], [x, end[1]], end];
}
