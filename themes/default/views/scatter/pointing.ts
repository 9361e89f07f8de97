/** The hand on a plot: dragging areas, moving, walking points with the keyboard, and what a tooltip says of each. */
import type { SelectQuery } from "@uwdata/mosaic-sql";
import type { Result } from "../../src/data/result.ts";
import type { Change } from "../../src/live/page.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import type { Context } from "../../src/view.ts";
import type { Scene } from "./canvas.ts";
import type { Density, Shade } from "./density.ts";
import {
  briefDetail,
  cellDetail,
  detailInWords,
  detailMarkup,
  detailQuery,
  readDetail,
  type Detail,
} from "./details.ts";
import { listen, type Place } from "../../src/live/gestures.ts";
import { DIRECTIONS, nextIn, PointGrid, type Direction } from "./nearest.ts";
import type { Options } from "./options.ts";
import type { Projection } from "./plot.ts";
import type { Points } from "./queries.ts";
import { boxBetween, hasRoom, lassoAlong, withBox, withLasso, withPoint } from "./selection.ts";
import type { Stage } from "./stage.ts";
import type { Mode, ScatterState } from "./state.ts";
import { say } from "../../src/words.ts";

/** What the hand acts on. */
export interface Owner {
  readonly options: Options;
  readonly context: Context;
  readonly stage: Stage;
  readonly state: ScatterState;
  readonly mode: Mode;
  ask: (query: SelectQuery) => Promise<Result>;
  select: (state: ScatterState, change: Change) => void;
  commit: () => void;
  clear: () => void;
  zoom: (factor: number, around: Place, by?: Place) => void;
  zoomAtMiddle: (factor: number) => void;
  home: () => void;
  repaintSoon: () => void;
  paintOver: (scene: Scene) => void;
}

/** How far from a point the pointer may be, in px. */
const REACH = 12;
/** px that Shift and an arrow move the plot by. */
const STEP = 60;
/** px that an arrow moves the corner of a box by. */
const CORNER_STEP = 24;
const ZOOM = 1.6;
const FULL = say("A selection holds at most 8 areas. Press Escape to clear it.");
const PASSING = say("Click the plot, or hold Ctrl, to zoom with the wheel");

interface Drag {
  from: Place;
  last: Place;
  isAdding: boolean;
  before: ScatterState;
}

export class Pointing {
  /** Whether one finger draws or moves instead of scrolling the page. */
  isHeld = false;
  /** The lasso under way, in px. */
  way: Place[] = [];
  private readonly owner: Owner;
  private readonly tooltip: Tooltip;
  private readonly drop: () => void;
  private drag: Drag | null = null;
  /** Whether the corner of the box under way is moved by keys. */
  private isKeyed = false;
  private scene: Scene | null = null;
  private density: Density | null = null;
  private grid: { points: Points; found: PointGrid } | null = null;
  /** The point, or the cell, that the pointer or the keyboard is at. */
  private current: number | null = null;
  private readonly details = new Map<string, Detail>();

  constructor(owner: Owner) {
    this.owner = owner;
    const { plot } = owner.stage;
    this.tooltip = new Tooltip(plot);
    this.drop = listen(plot, {
      isHeld: () => this.isHeld,
      start: (place, isAdding) => this.start(place, isAdding),
      drag: (place) => this.follow(place),
      end: () => this.end(),
      cancel: () => this.cancel(),
      click: (place, isAdding) => this.click(place, isAdding),
      hover: (place) => this.point(this.markAt(place), place),
      leave: () => this.point(null),
      zoom: (factor, around, by) => owner.zoom(factor, around, by),
      home: () => owner.home(),
      pass: () => owner.stage.hint(PASSING),
    });
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("blur", () => {
      if (this.isKeyed) this.closeBox();
      this.point(null);
    });
  }

  /** The picture changed: a mark that is no longer there is let go. */
  refresh(scene: Scene, density: Density | null): void {
    const isSame = this.scene?.marks === scene.marks;
    this.scene = scene;
    this.density = scene.marks.kind === "cells" ? density : null;
    if (!isSame || this.drag) this.leave();
  }

  private leave(): void {
    this.current = null;
    this.tooltip.hide();
  }

  // Dragging

  private start(place: Place, isAdding: boolean): void {
    const { owner } = this;
    this.leave();
    if (owner.mode !== "pan" && isAdding && !hasRoom(owner.state)) {
      owner.stage.hint(FULL);
      return;
    }
    this.isKeyed = false;
    this.drag = { from: place, last: place, isAdding, before: owner.state };
    this.way = owner.mode === "lasso" ? [place] : [];
  }

  private follow(place: Place): void {
    const { drag, owner, scene } = this;
    if (!drag || !scene) return;
    if (owner.mode === "pan") owner.zoom(1, place, { x: place.x - drag.last.x, y: place.y - drag.last.y });
    if (owner.mode === "box") this.stretch(drag, place, scene.projection);
    if (owner.mode === "lasso") {
      this.way.push(place);
      owner.paintOver(scene);
    }
    drag.last = place;
  }

  private stretch({ from, before, isAdding }: Drag, place: Place, projection: Projection): void {
    const box = boxBetween(projection, from, place);
    if (box) this.owner.select(withBox(before, box, isAdding), "drag");
  }

  private end(): void {
    const { drag, owner, scene, way } = this;
    this.drag = null;
    this.way = [];
    if (!drag || !scene) return;
    if (owner.mode === "lasso") this.close(drag, way, scene);
    else if (owner.mode === "box") owner.commit();
  }

  private close({ before, isAdding }: Drag, way: readonly Place[], scene: Scene): void {
    const lasso = lassoAlong(scene.projection, way, isAdding ? before : {});
    if (lasso) this.owner.select(withLasso(before, lasso, isAdding), "commit");
    else this.owner.paintOver(scene);
  }

  private cancel(): void {
    const { drag, owner } = this;
    this.drop();
    this.drag = null;
    this.way = [];
    if (drag && owner.mode === "box") owner.select(drag.before, "drag");
    owner.repaintSoon();
  }

  private click(place: Place, isAdding: boolean): void {
    this.owner.stage.plot.focus({ preventScroll: true });
    const at = this.markAt(place);
    this.point(at, place);
    if (at !== null) this.choose(at, isAdding);
  }

  private choose(at: number, isAdding: boolean): void {
    const { owner, scene } = this;
    if (scene?.marks.kind !== "points") return;
    const id = scene.marks.ids?.[at];
    if (typeof id === "string" || typeof id === "number")
      owner.select(withPoint(owner.state, id, isAdding), "commit");
  }

  // Hovering and walking

  private isShown = (index: number): boolean => {
    const { picked, marks } = this.scene!;
    return !picked || picked.has(marks.code[index]!);
  };

  private markAt(place: Place): number | null {
    const { scene } = this;
    if (!scene) return null;
    const { frame } = scene.projection;
    const isOutside =
      place.x < frame.left || place.x > frame.right || place.y < frame.top || place.y > frame.bottom;
    if (isOutside) return null;
    if (scene.marks.kind === "cells") return this.cellAt(place);
    if (this.grid?.points !== scene.marks)
      this.grid = { points: scene.marks, found: new PointGrid(scene.marks) };
    return this.grid.found.nearest(scene.projection, place, REACH, this.isShown);
  }

  private cellAt(place: Place): number | null {
    const { projection, marks } = this.scene!;
    if (marks.kind !== "cells" || !this.density) return null;
    const { left, bottom, width, height } = marks.lattice;
    const column = Math.floor((projection.valueX(place.x) - left) / width);
    const row = Math.floor((projection.valueY(place.y) - bottom) / height);
    const at = this.density.shades.findIndex((shade) => shade.column === column && shade.row === row);
    return at < 0 ? null : at;
  }

  private placeOf(at: number): Place {
    const { projection, marks } = this.scene!;
    if (marks.kind === "points") return { x: projection.x(marks.x[at]!), y: projection.y(marks.y[at]!) };
    const { left, bottom, width, height } = marks.lattice;
    const { column, row } = this.density!.shades[at]!;
    return { x: projection.x(left + (column + 0.5) * width), y: projection.y(bottom + (row + 0.5) * height) };
  }

  currentPlace(): Place | null {
    return this.current === null || this.scene?.marks.kind !== "points" ? null : this.placeOf(this.current);
  }

  /** Points at a mark, or at none; the tooltip stands where the pointer is. */
  private point(at: number | null, place: Place | null = null): void {
    const isNew = at !== this.current;
    this.current = at;
    if (isNew && this.scene) this.owner.paintOver(this.scene);
    if (at === null) this.tooltip.hide();
    else this.tell(at, place ?? this.placeOf(at));
  }

  /** What is known at once, unless there is more: then that, when it is there. */
  private tell(at: number, place: Place): void {
    const { marks, colouring } = this.scene!;
    const { options } = this.owner;
    if (marks.kind === "cells") {
      this.show(cellDetail(this.density!.shades[at] as Shade, this.density!, colouring, "rows"), place);
      return;
    }
    const id = marks.ids?.[at];
    if (typeof id !== "string" && typeof id !== "number") {
      this.show(
        briefDetail(options, colouring, { x: marks.x[at]!, y: marks.y[at]!, code: marks.code[at]! }),
        place,
      );
      return;
    }
    this.look(id, at, place);
  }

  private look(id: string | number, at: number, place: Place): void {
    const { options, context } = this.owner;
    const { colouring } = this.scene!;
    const colour = colouring.kind === "plain" ? null : colouring.column;
    const key = JSON.stringify([id, colour?.name ?? ""]);
    const known = this.details.get(key);
    if (known) {
      this.show(known, place);
      return;
    }
    void this.owner.ask(detailQuery(options, context.table, colour, id)).then((result) => {
      const detail = readDetail(options, context.table, colour, result);
      this.details.set(key, detail);
      if (this.current === at) this.show(detail, place);
    });
  }

  private show(detail: Detail, place: Place): void {
    const { plot } = this.owner.stage;
    const { left, top } = plot.getBoundingClientRect();
    this.tooltip.showAt(left + place.x, top + place.y, detailMarkup(detail));
    if (plot.matches(":focus")) this.owner.stage.speak(detailInWords(detail));
  }

  // The keyboard

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.act(event.key, event.shiftKey)) return;
    event.preventDefault();
  }

  private act(key: string, isShift: boolean): boolean {
    if (this.isKeyed) return this.widen(key);
    if (this.zoomed(key)) return true;
    if (key === "Escape") this.escape();
    else if (key in DIRECTIONS) this.arrow(key as Direction, isShift);
    else if (key === "b" || key === "B") this.openBox(isShift);
    else if ((key === "Enter" || key === " ") && this.current !== null) this.choose(this.current, isShift);
    else return false;
    return true;
  }

  private zoomed(key: string): boolean {
    const { owner } = this;
    if (key === "+" || key === "=") owner.zoomAtMiddle(ZOOM);
    else if (key === "-" || key === "_") owner.zoomAtMiddle(1 / ZOOM);
    else if (key === "0") owner.home();
    else return false;
    return true;
  }

  /** What a drag does by pointer: a box that begins at the mark walked to, or in the middle; with shift it is added. */
  private openBox(isAdding: boolean): void {
    const { owner, scene } = this;
    if (!scene) return;
    if (isAdding && !hasRoom(owner.state)) {
      owner.stage.hint(FULL);
      return;
    }
    const { frame } = scene.projection;
    const middle = { x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2 };
    const from = this.current === null ? middle : this.placeOf(this.current);
    this.leave();
    this.isKeyed = true;
    this.drag = { from, last: from, isAdding, before: owner.state };
    owner.stage.speak(say("A box begins here. Arrow keys widen it, enter keeps it, escape drops it."));
  }

  private widen(key: string): boolean {
    if (key in DIRECTIONS) this.moveCorner(key as Direction);
    else if (["Enter", " ", "b", "B"].includes(key)) this.closeBox();
    else if (key === "Escape") this.dropBox();
    else return false;
    return true;
  }

  private moveCorner(direction: Direction): void {
    const { drag, scene } = this;
    if (!drag || !scene) return;
    const { frame } = scene.projection;
    const [across, down] = DIRECTIONS[direction];
    const place = {
      x: Math.min(frame.right, Math.max(frame.left, drag.last.x + across * CORNER_STEP)),
      y: Math.min(frame.bottom, Math.max(frame.top, drag.last.y + down * CORNER_STEP)),
    };
    drag.last = place;
    this.stretch(drag, place, scene.projection);
  }

  private closeBox(): void {
    this.isKeyed = false;
    this.drag = null;
    this.owner.commit();
    this.owner.stage.speak(say("The box is selected."));
  }

  private dropBox(): void {
    const { drag, owner } = this;
    this.isKeyed = false;
    this.drag = null;
    if (drag) owner.select(drag.before, "drag");
    owner.commit();
  }

  private escape(): void {
    if (this.drag) this.cancel();
    else this.owner.clear();
  }

  private arrow(direction: Direction, isShift: boolean): void {
    const [across, down] = DIRECTIONS[direction];
    if (isShift) this.owner.zoom(1, { x: 0, y: 0 }, { x: -across * STEP, y: -down * STEP });
    else this.walk(direction);
  }

  private walk(direction: Direction): void {
    const { scene, density } = this;
    if (!scene) return;
    const { frame } = scene.projection;
    const middle = { x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2 };
    const isPoints = scene.marks.kind === "points";
    const count = scene.marks.kind === "points" ? scene.marks.n : (density?.shades.length ?? 0);
    const seen = (index: number): Place | null => {
      if (isPoints && !this.isShown(index)) return null;
      const place = this.placeOf(index);
      const isIn =
        place.x >= frame.left && place.x <= frame.right && place.y >= frame.top && place.y <= frame.bottom;
      return isIn ? place : null;
    };
    const next =
      this.current === null
        ? nearestTo(middle, count, seen)
        : nextIn(direction, this.placeOf(this.current), count, seen);
    if (next !== null) this.point(next);
  }
}

function nearestTo(middle: Place, count: number, placeOf: (index: number) => Place | null): number | null {
  let [best, least] = [-1, Infinity];
  for (let index = 0; index < count; index++) {
    const place = placeOf(index);
    const distance = place ? Math.hypot(place.x - middle.x, place.y - middle.y) : Infinity;
    if (distance < least) [best, least] = [index, distance];
  }
  return best < 0 ? null : best;
}
