/**
 * The live half of a scatter view: a canvas for the marks, an SVG over it, and the page's state between the reader's
 * hand and the queries. What is seen is drawn at once; what must be asked follows when the hand rests.
 */
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { SelectQuery } from "@uwdata/mosaic-sql";
import type { Result } from "../../src/data/result.ts";
import { onThemeChange, resolveVariable } from "../../src/live/colours.ts";
import { whenIdle } from "../../src/live/idle.ts";
import { onResize } from "../../src/live/resizing.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import type { Context, Results, ViewState } from "../../src/view.ts";
import type { Bounds } from "./bounds.ts";
import { isServed, moved, roundedWindow, windowToAsk } from "./camera.ts";
import { Painter, type Scene } from "./canvas.ts";
import { categoriesPredicate, pickedCodes } from "./colouring.ts";
import type { Place } from "../../src/live/gestures.ts";
import type { Options } from "./options.ts";
import { overlay } from "./overlay.ts";
import {
  filling,
  frameOf as plotFrame,
  heightOf,
  homeWindow,
  opacityFor,
  Projection,
  sizeFor,
} from "./plot.ts";
import { Pointing, type Owner } from "./pointing.ts";
import { backdropQuery, isFew, readFacts, readMarks, type Marks, type Points } from "./queries.ts";
import { both, either, isAnyOf, regionsPredicate, regionsTest } from "./regions.ts";
import { cleared, withCategory } from "./selection.ts";
import { coordinate } from "./source.ts";
import { Stage } from "./stage.ts";
import {
  columnOf,
  compact,
  FIRST_MODE,
  hasCategories,
  hasRegions,
  readState,
  type Mode,
  type ScatterState,
} from "./state.ts";
import { describe, frameOf, legendOf, readShown, type Shown } from "./view.ts";
import { say } from "../../src/words.ts";

const KEYS = say(
  "Arrows walk from point to point, Enter selects, B begins a box, Shift and arrows move, plus and minus zoom, 0 shows all, Escape clears.",
);

/** The reader rests, in ms: then the window becomes a step in the browser's history, and is asked for. */
const REST = { ask: 120, commit: 450 };

class LiveScatter implements LiveView, Owner {
  readonly host: Host;
  readonly options: Options;
  state: ScatterState = {};
  shown: Shown | null = null;
  readonly stage: Stage;
  private readonly painter: Painter;
  private readonly pointing: Pointing;
  private results: Results | null = null;
  /** The window that the queries follow, and the marks that were there when they were asked anew. */
  private askedWindow: Bounds | undefined;
  private awaited: unknown = null;
  private backdrop: { marks: Marks; key: string } | null = null;
  private readonly timers: Record<"ask" | "commit", ReturnType<typeof setTimeout> | undefined> = {
    ask: undefined,
    commit: undefined,
  };
  private frames = 0;
  private painted: unknown = null;
  private wasPartial = false;
  private isClauseDue = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.stage = new Stage(host.body);
    this.painter = new Painter(this.stage.canvas, resolveVariable);
    this.pointing = new Pointing(this);
    this.listen();
  }

  private listen(): void {
    const { body, signal } = this.host;
    onThemeChange(() => {
      this.painter.forget();
      this.repaint();
    }, signal);
    onResize(this.stage.plot, () => this.resized(), signal);
    body.addEventListener("change", (event) => {
      const select = (event.target as Element).closest<HTMLSelectElement>("select[name=color]");
      if (select) this.recolour(select.value);
    });
    body.addEventListener("click", (event) => this.press(event));
  }

  draw(results: Results): void {
    const isFirst = !this.results;
    this.results = results;
    this.shown = readShown(this.options, results, this.asking(), this.host.context);
    if (this.shown.asked.facts.placed === 0) return this.frame();
    if (isFirst) this.begin();
    if (this.isClauseDue) this.host.select(this.clause());
    this.isClauseDue = false;
    this.askBetter();
    // Of the answers to one question each comes by itself; only new marks, or the first grey, change the picture.
    const isPartial = this.shown.passing.rows < this.shown.asked.facts.total;
    if (this.painted !== results["marks"] || this.wasPartial !== isPartial) this.repaint();
    this.painted = results["marks"];
    this.wasPartial = isPartial;
    this.frame();
    this.askBackdrop();
  }

  /** The first drawing takes the place of the build's; a link's window was drawn for another screen, perhaps. */
  private begin(): void {
    const chosen = this.stage.select.value;
    // The link's window moves on before it is asked; points of the whole serve every window, and are not asked again.
    this.host.follow({ ...this.asking() });
    this.stage.open(`${describe(this.options, this.shown!, this.host.context)} ${KEYS}`);
    // The reader may have chosen a colour before the page was live.
    if (chosen !== (columnOf(this.options, this.state)?.name ?? "")) {
      if (this.state.color === undefined) this.recolour(chosen);
    }
    this.tellControls();
    if (hasRegions(this.state) || hasCategories(this.state)) this.host.select(this.clause());
    this.askIfNeeded();
    // The first filter need not wait for it.
    whenIdle(() => this.fetchBackdrop(), this.host.signal);
  }

  /** Answers of another colour are waited for. */
  private isCurrent(): boolean {
    return this.shown!.marks.color === (columnOf(this.options, this.state)?.name ?? "");
  }

  /** Which values share a colour is known with what no filter changes. */
  foresee(results: Results, written: ViewState): void {
    const { options, host } = this;
    const read = readState(options, written);
    if (!hasRegions(read) && !hasCategories(read)) return;
    const { colouring } = readFacts(options, read, host.context.table, results);
    this.host.select(this.clause(read, colouring));
  }

  restore(state: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, state);
    if (!this.shown) {
      this.askedWindow = this.state.window;
      return;
    }
    const isRecoloured = before.color !== this.state.color;
    // Categories of another colour are known when its answers are there.
    this.isClauseDue = isRecoloured && hasCategories(this.state);
    this.host.select(this.clause());
    if (isRecoloured || !this.isServed()) this.askAnew();
    this.tellControls();
    this.repaint();
    this.frame();
  }

  // What is seen

  projection(): Projection {
    const { width } = this.stage;
    const height = this.stage.heightAt(heightOf(this.host.context.request.height, width));
    const frame = plotFrame(this.options, width, height);
    const { window } = this.state;
    const seen = window ? filling(window, frame, this.options.isEqual) : this.homeIn(frame);
    return new Projection(seen, frame);
  }

  private homeIn(frame: Projection["frame"]): Bounds {
    return homeWindow(this.shown!.asked.facts.extent, frame, this.options.isEqual);
  }

  scene(): Scene {
    const { asked, marks, passing } = this.shown!;
    const { colouring, total } = asked.facts;
    const projection = this.projection();
    const whole = this.backdrop?.marks.kind === "points" ? this.backdrop.marks : marks;
    const n = whole.kind === "points" ? this.pointsInSight(whole, projection) : whole.n.length;
    const isPartial = passing.rows < total && this.host.showsWhole();
    return {
      projection,
      backdrop: isPartial || pickedCodes(colouring, this.state) ? (this.backdrop?.marks ?? null) : null,
      marks,
      colouring,
      picked: pickedCodes(colouring, this.state),
      isSelected: hasRegions(this.state) ? this.selectedTest() : null,
      size: sizeFor(this.options, n),
      opacity: opacityFor(this.options, n),
    };
  }

  /** Points grow as fewer share the window. */
  private pointsInSight(points: Points, { window }: Projection): number {
    if (!this.state.window) return points.n;
    let n = 0;
    for (let index = 0; index < points.n; index++) {
      const [x, y] = [points.x[index]!, points.y[index]!];
      if (x >= window[0] && x <= window[1] && y >= window[2] && y <= window[3]) n++;
    }
    return n;
  }

  private selectedTest(): (index: number, points: Points) => boolean {
    const isInside = regionsTest(this.state);
    const ids = new Set<unknown>(this.state.ids ?? []);
    return (index, points) =>
      isInside(points.x[index]!, points.y[index]!) || (ids.size > 0 && ids.has(points.ids?.[index]));
  }

  repaint(): void {
    if (!this.shown || !this.stage.isOpen || !this.isCurrent()) return;
    const scene = this.scene();
    this.stage.fit(scene.projection.frame);
    this.painter.paint(scene);
    this.pointing.refresh(scene, this.painter.density);
    this.paintOver(scene);
  }

  /** At most once a frame, however fast the pointer is. */
  repaintSoon(): void {
    if (this.frames) return;
    this.frames = requestAnimationFrame(() => {
      this.frames = 0;
      this.repaint();
    });
  }

  paintOver(scene: Scene): void {
    const { asked, marks } = this.shown!;
    this.stage.setOver(
      overlay(
        this.options,
        { facts: asked.facts, marks },
        {
          projection: scene.projection,
          picked: scene.picked,
          state: this.state,
          points: this.pickedPlaces(scene),
          way: this.pointing.way,
          current: this.pointing.currentPlace(),
          size: scene.size,
        },
      ),
    );
  }

  private pickedPlaces({ marks, projection }: Scene): Place[] {
    const ids = new Set<unknown>(this.state.ids ?? []);
    if (ids.size === 0 || marks.kind !== "points" || !marks.ids) return [];
    return marks.ids.flatMap((id, index) =>
      ids.has(id) ? [{ x: projection.x(marks.x[index]!), y: projection.y(marks.y[index]!) }] : [],
    );
  }

  private resized(): void {
    if (!this.stage.isOpen || !this.stage.hasResized()) return;
    this.repaint();
    this.askIfNeeded();
  }

  /** Counts, legend, notices, data and the sentence for those who do not see it. */
  private frame(): void {
    const shown = this.shown!;
    updateFrame(this.host.figure, frameOf(this.options, shown));
    this.stage.setKey(legendOf(this.options, shown, this.state, this.host.context));
    this.stage.setDescription(describe(this.options, shown, this.host.context));
  }

  private tellControls(): void {
    this.stage.setControls({
      color: columnOf(this.options, this.state)?.name ?? "",
      mode: this.mode,
      isHeld: this.pointing.isHeld,
      canClear: hasRegions(this.state) || hasCategories(this.state),
    });
  }

  // What is asked

  private isServed(): boolean {
    const window = this.state.window ? this.projection().window : null;
    return isServed(window, this.askedWindow, this.shown!.marks.kind === "points");
  }

  private askIfNeeded(): void {
    if (this.isServed()) return;
    clearTimeout(this.timers.ask);
    this.timers.ask = setTimeout(() => this.askAnew(), REST.ask);
  }

  private askAnew(): void {
    clearTimeout(this.timers.ask);
    this.awaited = this.results?.["marks"] ?? null;
    this.askedWindow = windowToAsk(this.state.window ? this.projection().window : null);
    this.host.requery({ ...this.asking() });
  }

  /** The state by which queries are asked: with the window that was asked last, not the one that is seen. */
  private asking(): ScatterState {
    const { window: _window, ...others } = this.state;
    return compact({ ...others, window: this.askedWindow });
  }

  /** Points where few rows pass, though the window holds many; cells where more pass than was thought. */
  private askBetter(): void {
    const { asked, marks, passing } = this.shown!;
    const isAnswered = this.results!["marks"] !== this.awaited && Number.isFinite(passing.inside);
    if (!isAnswered || isFew(this.options, asked, this.results!) === (marks.kind === "points")) return;
    this.askAnew();
  }

  /** Whether the whole is seen behind what passes. */
  private get isPartial(): boolean {
    const { asked, passing } = this.shown!;
    return passing.rows < asked.facts.total || hasCategories(this.state);
  }

  /** The whole behind what passes, asked when something is first left out. */
  private askBackdrop(): void {
    if (this.isPartial) this.fetchBackdrop();
  }

  private fetchBackdrop(): void {
    const { asked } = this.shown!;
    const key = asked.window.join(" ");
    if (this.backdrop?.key === key) return;
    const { context, condition } = this.host;
    const query = backdropQuery(this.options, context.table, asked, this.results!, condition);
    this.ask(query).then(
      (answer) => {
        this.backdrop = { marks: readMarks(answer), key };
        if (this.isPartial) this.repaintSoon();
      },
      // The view's own queries fail alike and say so in its place.
      () => undefined,
    );
  }

  /** A question beside the view's own. */
  async ask(query: SelectQuery): Promise<Result> {
    return this.host.page.coordinator.answer(query);
  }

  // What the reader does

  /** A new window: seen at once, asked and put into the link when the hand rests. */
  look(window: Bounds | null): void {
    const { window: _before, ...others } = this.state;
    this.state = compact({ ...others, window: window ?? undefined });
    if (window) this.state = { ...this.state, window: roundedWindow(this.projection()) };
    this.publish("drag");
    this.repaintSoon();
    this.askIfNeeded();
    clearTimeout(this.timers.commit);
    this.timers.commit = setTimeout(() => this.publish("commit"), REST.commit);
  }

  zoom(factor: number, around: Place, by?: Place): void {
    const projection = this.projection();
    this.look(moved(projection, this.homeIn(projection.frame), factor, around, by));
  }

  zoomAtMiddle(factor: number): void {
    const { left, right, top, bottom } = this.projection().frame;
    this.zoom(factor, { x: (left + right) / 2, y: (top + bottom) / 2 });
  }

  /** Takes on a selection, and tells the page. */
  select(state: ScatterState, change: Change): void {
    this.state = state;
    this.host.publish(this.written(), this.clause(), change);
    this.tellControls();
    this.repaintSoon();
    if (change === "commit" && this.shown) {
      this.frame();
      this.askBackdrop();
    }
  }

  private publish(change: Change): void {
    this.host.publish(this.written(), null, change);
  }

  /** The end of a drag becomes a step in the browser's history. */
  commit(): void {
    this.publish("commit");
    this.frame();
    this.askBackdrop();
  }

  home(): void {
    this.look(null);
  }

  get mode(): Mode {
    return this.state.mode ?? FIRST_MODE;
  }

  get context(): Context {
    return this.host.context;
  }

  private written(): ViewState | null {
    return Object.keys(this.state).length ? { ...this.state } : null;
  }

  private clause(state = this.state, colouring = this.shown!.asked.facts.colouring): SelectionClause {
    const { options, host } = this;
    const regions = regionsPredicate(coordinate(options.x), coordinate(options.y), state);
    const picked = state.ids ? isAnyOf(options.id!.name, state.ids) : null;
    const places = either(regions, picked);
    const predicate = both(places, categoriesPredicate(colouring, state));
    const value = predicate ? JSON.stringify(state) : null;
    return { source: host.source, clients: host.clients(), fields: [], value, predicate };
  }

  clear(): void {
    if (hasRegions(this.state) || hasCategories(this.state)) this.select(cleared(this.state), "commit");
  }

  private recolour(name: string): void {
    const hadCategories = hasCategories(this.state);
    const { categories: _categories, other: _other, ...kept } = this.state;
    const isFirst = name === (this.options.color?.name ?? "");
    this.state = compact({ ...kept, color: isFirst ? undefined : name });
    if (hadCategories) this.select(this.state, "commit");
    else this.publish("commit");
    if (this.shown) this.askAnew();
  }

  private press(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button || !this.shown) return;
    const { mode, zoom, code, action } = button.dataset;
    if (mode) this.choose(mode as Mode);
    if (zoom) this.zoomBy(zoom);
    if (code !== undefined) this.pick(Number(code), event.shiftKey || event.metaKey || event.ctrlKey);
    if (action === "clear") this.clear();
  }

  private zoomBy(button: string): void {
    if (button === "home") this.home();
    else this.zoomAtMiddle(button === "in" ? 1.6 : 1 / 1.6);
  }

  /** Chosen by hand, a mode holds one finger too; chosen again, it lets go of it. */
  private choose(mode: Mode): void {
    const isNew = mode !== this.mode;
    this.pointing.isHeld = isNew || !this.pointing.isHeld;
    this.state = compact({ ...this.state, mode: mode === FIRST_MODE ? undefined : mode });
    this.tellControls();
    if (isNew) this.publish("commit");
  }

  private pick(code: number, isAdding: boolean): void {
    const { colouring } = this.shown!.asked.facts;
    if (colouring.kind === "categories")
      this.select(withCategory(this.state, colouring, code, isAdding), "commit");
  }
}

export const live: LiveFactory = (host) => new LiveScatter(host);
