/**
 * The live half of a confusion matrix: cells on a canvas, pointer and keys on it, and the page's state between the
 * reader's hand and the queries. Only nesting and conditions ask anew; all else is a drawing of answers that are there.
 */
import type { SelectionClause } from "@uwdata/mosaic-core";
import { onThemeChange, resolveVariable } from "../../src/live/colours.ts";
import { listen, type Gestures } from "../../src/live/gestures.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { onResize } from "../../src/live/resizing.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { html } from "../../src/markup.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { controls, legend } from "./controls.ts";
import { answers, wholeOf } from "./counts.ts";
import { Keys } from "./keys.ts";
import { layoutOf, moved, Sight } from "./layout.ts";
import { modelOf, type Model } from "./model.ts";
import type { MeasureName, Options } from "./options.ts";
import { Painter, type Spot } from "./painter.ts";
import { hitAt, type Hit } from "./pointing.ts";
import { predicateOf, dimensionsOf } from "./queries.ts";
import { selectedSpots } from "./spots.ts";
import { Stage } from "./stage.ts";
import {
  cleared,
  compact,
  hasSelection,
  readState,
  withMark,
  type Given,
  type Mark,
  type MatrixState,
  type Window,
} from "./state.ts";
import { idOf, type Key } from "./tree.ts";
import { frameOf, titlesOf } from "./view.ts";
import { cellSentence, describe, entryFacts } from "./words.ts";
import { say } from "../../src/words.ts";

const KEYS = say(
  "Arrows walk from cell to cell, and to the labels; Enter selects, N goes to the next mistake, E opens or closes a group, D looks into it, plus and minus zoom, 0 shows all, Escape lets go.",
);

/** The reader rests, in ms: then the window becomes a step in the browser's history. */
const REST = 450;

interface Place {
  x: number;
  y: number;
}

export class LiveMatrix implements LiveView {
  readonly host: Host;
  readonly options: Options;
  readonly stage: Stage;
  state: MatrixState = {};
  model: Model | null = null;
  sight: Sight | null = null;
  cursor: Spot | null = null;
  private hover: Spot | null = null;
  private readonly painter: Painter;
  private readonly tooltip: Tooltip;
  private results: Results | null = null;
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dragged: Place | null = null;
  /** Whether the window is another than the page was told. */
  private hasMoved = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.stage = new Stage(host.body);
    this.painter = new Painter(this.stage.canvas, resolveVariable);
    this.tooltip = new Tooltip(host.body);
    this.listen();
  }

  private listen(): void {
    const { body, signal } = this.host;
    listen(this.stage.plot, this.gestures());
    const keys = new Keys(this);
    this.stage.plot.addEventListener("keydown", (event) => keys.press(event));
    this.stage.plot.addEventListener("blur", () => this.walkTo(null));
    body.addEventListener("change", (event) => this.chose(event.target as HTMLInputElement));
    body.addEventListener("click", (event) => this.press(event));
    // What floats goes when the reader turns to something else.
    const fold = ({ target }: Event): void => this.stage.fold(target as Element);
    document.addEventListener("pointerdown", fold, { signal });
    body.addEventListener("keydown", (event) => event.key === "Escape" && this.stage.fold(null));
    onThemeChange(() => {
      this.painter.forget();
      this.repaint();
    }, signal);
    const isResized = (): boolean => this.sight !== null && this.sight.layout.width !== this.stage.width;
    onResize(this.stage.plot, () => isResized() && this.repaint(), signal);
  }

  // What is seen

  draw(results: Results): void {
    this.results = results;
    this.refresh();
  }

  foresee(_results: Results, state: ViewState): void {
    const read = readState(this.options, state);
    if (hasSelection(read)) this.host.select(this.clause(read));
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, written);
    if (hasSelection(before) || hasSelection(this.state)) this.host.select(this.clause());
    if (askedBy(before) !== askedBy(this.state)) this.host.requery();
    this.refresh();
  }

  /** Answers to another question than the state's are waited for. */
  private refresh(): void {
    const { results, options, state } = this;
    const isAnswered =
      results &&
      answers(results["passing"], options, state) &&
      answers(wholeOf(results, options, state), options, state);
    if (!isAnswered) return;
    this.model = modelOf(options, results, state, this.host.context);
    const { model } = this;
    updateFrame(this.host.figure, frameOf(model));
    if (model.axis.entries.length === 0) return;
    if (!this.stage.isOpen) this.stage.open(`${describe(model, options)} ${KEYS}`);
    this.stage.set("controls", controls(model, options, state));
    this.stage.set("key", legend(model, options));
    this.stage.setDescription(describe(model, options));
    this.repaint();
  }

  repaint(): void {
    const { model, stage, state } = this;
    if (!model || !stage.isOpen) return;
    const height = stage.heldHeight() ?? this.host.context.request.height;
    const layout = layoutOf(model, stage.width, height);
    this.sight = new Sight(layout, state.window ?? null);
    this.painter.paint({
      model,
      sight: this.sight,
      titles: titlesOf(this.options, state),
      showsWhole: this.host.showsWhole(),
      hover: this.hover,
      cursor: this.cursor,
      selected: selectedSpots(model, state),
    });
    stage.plot.classList.toggle("confusion-moved", !this.sight.isWhole);
  }

  /** At most once a frame, however fast the pointer is. */
  private repaintSoon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.repaint();
      if (this.hasMoved) this.tell("drag");
      this.hasMoved = false;
    });
  }

  // What changes

  /** Takes on a state and tells the page. */
  change(state: MatrixState, kind: Change = "commit"): void {
    const isOther = askedBy(state) !== askedBy(this.state);
    const isSelecting = selectionOf(state) !== selectionOf(this.state);
    this.state = state;
    this.host.publish(
      Object.keys(state).length ? { ...state } : null,
      isSelecting ? this.clause() : null,
      kind,
    );
    if (isOther) this.host.requery();
    else this.refresh();
  }

  private clause(state = this.state): SelectionClause {
    const { host, options } = this;
    const predicate = predicateOf(options, state);
    const value = predicate ? selectionOf(state) : null;
    return { source: host.source, clients: host.clients(), fields: [], value, predicate };
  }

  look(window: Window | null): void {
    const rounded = window?.map((end) => Math.round(end * 100) / 100) as unknown as Window | undefined;
    this.state = compact({ ...this.state, window: rounded });
    this.hasMoved = true;
    this.repaintSoon();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell("commit"), REST);
  }

  private tell(kind: Change): void {
    this.host.publish(Object.keys(this.state).length ? { ...this.state } : null, null, kind);
  }

  zoom(factor: number, around?: Place, by: Place = { x: 0, y: 0 }): void {
    if (!this.sight) return;
    const { left, top, side } = this.sight.layout;
    this.look(moved(this.sight, factor, around ?? { x: left + side / 2, y: top + side / 2 }, by));
  }

  clear(): void {
    if (hasSelection(this.state)) this.change(cleared(this.state));
  }

  selectSpot({ row, column }: Spot, isAdding: boolean): void {
    const { entries } = this.model!.axis;
    const [actual, predicted] = [entries[row]?.mark, entries[column]?.mark];
    if (actual && predicted) this.change(withMark(this.state, { cell: [actual, predicted] }, isAdding));
    else if (actual) this.change(withMark(this.state, { row: actual }, isAdding));
    else if (predicted) this.change(withMark(this.state, { column: predicted }, isAdding));
  }

  toggle(key: Key): void {
    const { toggled = [] } = this.state;
    const isIn = toggled.some((each) => idOf(each) === idOf(key));
    const next = isIn ? toggled.filter((each) => idOf(each) !== idOf(key)) : [...toggled, key];
    this.change(compact({ ...this.state, toggled: next, window: undefined }));
  }

  focus(key: Key | null): void {
    this.change(compact({ ...this.state, focus: key?.length ? key : undefined, window: undefined }));
  }

  // What the reader does

  private gestures(): Gestures {
    const hit = (place: Place): Hit | null =>
      this.model && this.sight ? hitAt(place, this.model, this.sight) : null;
    return {
      isHeld: () => Boolean(this.sight && !this.sight.isWhole),
      start: (place) => (this.dragged = place),
      drag: (place) => {
        if (!this.dragged || !this.sight || this.sight.isWhole) return;
        const by = { x: place.x - this.dragged.x, y: place.y - this.dragged.y };
        this.dragged = place;
        this.tooltip.hide();
        this.zoom(1, place, by);
      },
      end: () => (this.dragged = null),
      cancel: () => (this.dragged = null),
      click: (place, isAdding) => this.take(hit(place), isAdding),
      hover: (place) => this.point(hit(place), place),
      leave: () => this.point(null, null),
      zoom: (factor, around, by) => this.zoom(factor, around, by),
      home: () => undefined,
      pass: () =>
        this.model &&
        this.model.axis.entries.length >= 100 &&
        this.stage.hint(say("Ctrl and the wheel zoom")),
    };
  }

  private take(hit: Hit | null, isAdding: boolean): void {
    if (!hit) return;
    const { entries } = this.model!.axis;
    if (hit.kind === "cell") this.selectSpot(hit.spot, isAdding);
    else if (hit.kind === "band") {
      const mark: Mark = hit.band.node.key;
      this.change(withMark(this.state, hit.side === "row" ? { row: mark } : { column: mark }, isAdding));
    } else if (hit.isMark) this.toggle(entries[hit.at]!.node!.key);
    else this.selectSpot(spotOf(hit), isAdding);
  }

  private point(hit: Hit | null, place: Place | null): void {
    const spot = hit ? spotIn(hit) : null;
    if (!isSameSpot(spot, this.hover)) {
      this.hover = spot;
      this.repaintSoon();
    }
    if (!spot || !place) return this.tooltip.hide();
    const box = this.stage.plot.getBoundingClientRect();
    this.say(spot, box.left + place.x, box.top + place.y);
  }

  private say(spot: Spot, x: number, y: number): void {
    const { model, options } = this;
    const isCell = spot.row >= 0 && spot.column >= 0;
    const facts = isCell
      ? []
      : entryFacts(model!, Math.max(spot.row, spot.column), spot.row >= 0 ? "row" : "column");
    this.tooltip.showAt(
      x,
      y,
      isCell
        ? html`<p class="confusion-said">${cellSentence(model!, spot.row, spot.column, options.noun)}</p>`
        : html`<dl>
            ${facts.map(
              ({ name, value }) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>`,
    );
  }

  /** The keyboard's place; it is kept in sight, shown and, by `Keys`, said. */
  walkTo(spot: Spot | null): void {
    this.cursor = spot;
    if (!spot) this.tooltip.hide();
    if (spot && this.sight && !this.sight.isWhole) this.reveal(spot, this.sight);
    this.repaint();
    if (!spot || !this.sight) return;
    const box = this.stage.plot.getBoundingClientRect();
    const { layout, scale } = this.sight;
    const x = spot.column < 0 ? layout.left : this.sight.x(spot.column) + scale;
    const y = spot.row < 0 ? layout.top : this.sight.y(spot.row) + scale;
    this.say(spot, box.left + x, box.top + y);
  }

  private reveal({ row, column }: Spot, { window }: Sight): void {
    const shift = (at: number, low: number, high: number): number =>
      at < 0 ? 0 : at < low ? at - low : at + 1 > high ? at + 1 - high : 0;
    const [x, y] = [shift(column, window[0], window[1]), shift(row, window[2], window[3])];
    if (x || y) this.look([window[0] + x, window[1] + x, window[2] + y, window[3] + y]);
  }

  private chose(control: HTMLInputElement): void {
    if (!this.model) return;
    const { name, value } = control;
    const { options, state } = this;
    if (name === "errors") this.set("errors", control.checked);
    else if (name === "measure")
      this.set("measures", this.measuresWith(value as MeasureName, control.checked));
    else if (name === "nest") this.nest(this.nestedWith(Number(value), control.checked));
    else if (name === "given") {
      const given = value ? (JSON.parse(value) as Given) : undefined;
      this.change(compact({ ...state, given }));
    } else if (name in options) this.set(name as "order", value as MatrixState["order"]);
  }

  /** What is as the author has it is not part of the state. */
  private set<Name extends keyof MatrixState>(name: Name, value: MatrixState[Name]): void {
    this.change(readState(this.options, { ...this.state, [name]: value }));
  }

  private measuresWith(name: MeasureName, isIn: boolean): MeasureName[] {
    const { measures } = this.model!.look;
    return isIn ? [...measures, name] : measures.filter((each) => each !== name);
  }

  private nestedWith(at: number, isIn: boolean): number[] {
    const nested = dimensionsOf(this.options, this.state);
    return isIn ? [...nested, at] : nested.filter((each) => each !== at);
  }

  /** What was selected or open of other columns is of no meaning then. */
  private nest(nest: readonly number[]): void {
    const { cells: _cells, rows: _rows, columns: _columns, ...kept } = this.state;
    const { focus: _focus, toggled: _toggled, window: _window, ...others } = kept;
    this.change(readState(this.options, { ...others, nest }));
  }

  private press(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button || !this.model) return;
    const { action, zoom, focus, outer, key } = button.dataset;
    const acts: Readonly<Record<string, () => void>> = {
      clear: () => this.clear(),
      open: () => this.openAll(true),
      close: () => this.openAll(false),
      toggle: () => this.toggle(JSON.parse(key!) as Key),
    };
    if (action) acts[action]!();
    if (zoom === "home") this.look(null);
    else if (zoom) this.zoom(zoom === "in" ? 1.6 : 1 / 1.6);
    if (focus !== undefined) this.focus(focus ? (JSON.parse(focus) as Key) : null);
    if (outer !== undefined) this.outwards(Number(outer));
  }

  private outwards(dimension: number): void {
    const nested = [...dimensionsOf(this.options, this.state)];
    const at = nested.indexOf(dimension);
    nested.splice(at - 1, 2, nested[at]!, nested[at - 1]!);
    this.nest(nested);
  }

  private openAll(isOpen: boolean): void {
    const { tree } = this.model!;
    const inner = [...tree.nodes.values()].filter((node) => node.children.length > 1 && node !== tree.root);
    const isShown = (key: Key): boolean => this.model!.axis.bands.some(({ node }) => node.id === idOf(key));
    const toggled = new Map((this.state.toggled ?? []).map((key) => [idOf(key), key]));
    for (const { key, id } of inner) {
      if (isShown(key) === isOpen) continue;
      if (!toggled.delete(id)) toggled.set(id, key);
    }
    this.change(compact({ ...this.state, toggled: [...toggled.values()], window: undefined }));
  }
}

function spotOf(hit: { kind: "row" | "column"; at: number }): Spot {
  return hit.kind === "row" ? { row: hit.at, column: -1 } : { row: -1, column: hit.at };
}

/** The part of a state that the queries depend on. */
function askedBy({ nest, given }: MatrixState): string {
  return JSON.stringify([nest, given]);
}

function selectionOf({ cells, rows, columns, nest }: MatrixState): string {
  return JSON.stringify([cells, rows, columns, nest]);
}

/** The cell, row or column that was hit; none of a band, which is many of them. */
function spotIn(hit: Hit): Spot | null {
  if (hit.kind === "band") return null;
  return hit.kind === "cell" ? hit.spot : spotOf(hit);
}

function isSameSpot(one: Spot | null, other: Spot | null): boolean {
  return one?.row === other?.row && one?.column === other?.column;
}

export const live: LiveFactory = (host) => new LiveMatrix(host);
