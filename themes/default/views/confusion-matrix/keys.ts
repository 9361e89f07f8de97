/** The keyboard on a matrix: arrows walk its cells and labels, and each is said. */
import type { LiveMatrix } from "./live.ts";
import type { Spot } from "./painter.ts";
import { isHidden } from "./matrix.ts";
import type { Model } from "./model.ts";
import { cellSentence, entrySentence, worst } from "./words.ts";
import { say } from "../../src/words.ts";

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** Px that shift and an arrow move the window by. */
const PAN = 60;

export class Keys {
  private readonly matrix: LiveMatrix;

  constructor(matrix: LiveMatrix) {
    this.matrix = matrix;
  }

  press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.matrix.model) return;
    const step = STEPS[event.key];
    const acts: Readonly<Record<string, () => void>> = {
      Enter: () => this.select(event.shiftKey),
      " ": () => this.select(event.shiftKey),
      Escape: () => this.matrix.clear(),
      Home: () => this.go({ row: this.spot().row, column: -1 }),
      End: () => this.go({ row: this.spot().row, column: this.last() }),
      "+": () => this.matrix.zoom(1.6),
      "=": () => this.matrix.zoom(1.6),
      "-": () => this.matrix.zoom(1 / 1.6),
      "0": () => this.matrix.look(null),
      e: () => this.onNode((key) => this.matrix.toggle(key)),
      d: () => this.onNode((key) => this.matrix.focus(key)),
      Backspace: () => this.matrix.focus(this.matrix.model!.axis.way.at(-2)?.key ?? null),
      n: () => this.nextMistake(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!step && !act) return;
    event.preventDefault();
    if (!step) act!();
    else if (event.shiftKey) this.matrix.zoom(1, undefined, { x: -step[1] * PAN, y: -step[0] * PAN });
    else this.walk(step);
  }

  private last(): number {
    return this.matrix.model!.axis.entries.length - 1;
  }

  /** Where the walk is; it begins at the most frequent mistake. */
  private spot(): Spot {
    const { cursor, model } = this.matrix;
    if (cursor && Math.max(cursor.row, cursor.column) <= this.last()) return cursor;
    const most = worst(model!);
    return most ? { row: most.row, column: most.column } : { row: 0, column: 0 };
  }

  private walk([rows, columns]: readonly [number, number]): void {
    if (!this.matrix.cursor) return this.go(this.spot());
    const { row, column } = this.spot();
    const within = (at: number): number => Math.min(this.last(), Math.max(-1, at));
    const next = { row: within(row + rows), column: within(column + columns) };
    // There is nothing in the corner between the labels.
    if (next.row >= 0 || next.column >= 0) this.go(next);
  }

  private go(spot: Spot): void {
    this.matrix.walkTo(spot);
    this.matrix.stage.speak(this.sentence(spot));
  }

  private sentence({ row, column }: Spot): string {
    const { model, options } = this.matrix;
    if (row >= 0 && column >= 0) return cellSentence(model!, row, column, options.noun);
    return row >= 0 ? entrySentence(model!, row, "row") : entrySentence(model!, column, "column");
  }

  private select(isAdding: boolean): void {
    const spot = this.matrix.cursor;
    if (!spot) return this.go(this.spot());
    const { axis } = this.matrix.model!;
    if (spot.row >= 0 && spot.column >= 0 && isHidden(axis, spot.row, spot.column)) return;
    this.matrix.selectSpot(spot, isAdding);
  }

  /** On a label its own node, open or closed; on a cell that of its row. */
  private onNode(act: (key: readonly string[]) => void): void {
    const { cursor, model } = this.matrix;
    if (!cursor) return;
    const at = cursor.row >= 0 ? cursor.row : cursor.column;
    const entry = model!.axis.entries[at];
    if (entry?.isClosed) return act(entry.node!.key);
    const around = model!.axis.bands.filter((band) => band.from <= at && at < band.to);
    const [inner] = around.sort((a, b) => b.level - a.level);
    if (inner) act(inner.node.key);
  }

  /** After the mistake that the walk is at; else the most frequent. */
  private nextMistake(): void {
    const { cursor, model } = this.matrix;
    const all = mistakesOf(model!);
    if (all.length === 0) return this.matrix.stage.speak(say("There are no mistakes."));
    const at = all.findIndex(({ row, column }) => row === cursor?.row && column === cursor.column);
    const { row, column } = all[(at + 1) % all.length]!;
    this.go({ row, column });
  }
}

function mistakesOf({ passing }: Model): Spot[] {
  return [...passing.cells]
    .map(([at, n]) => ({ row: Math.floor(at / passing.size), column: at % passing.size, n }))
    .filter(({ row, column, n }) => row !== column && n > 0)
    .sort((a, b) => b.n - a.n || a.row - b.row || a.column - b.column);
}
