/** The live half of a network's figure: opens, groups and selects, changes its looks, takes back, reads dropped files. */
import { manualIdOf } from "../../src/architecture/detail.ts";
import { manualGroups } from "../../src/architecture/figure.ts";
import { betweenTwo, refusal } from "../../src/architecture/grouping.ts";
import { elk } from "../../src/architecture/engine.ts";
import { useEngine } from "../../src/architecture/layout.ts";
import type { Network } from "../../src/architecture/network.ts";
import { showLevel } from "../../src/architecture/slider.ts";
import { SETTINGS } from "../../src/architecture/preferences.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { fitting } from "../../src/selected.ts";
import type { Context, Drawing, Results, ViewState } from "../../src/view.ts";
import { preferencesMarkup } from "./panels.ts";
import { condition } from "./queries.ts";
import { shownOf, shownOfFile, type NetworkFile, type Shown } from "./drawing.ts";
import { Files } from "./files.ts";
import type { Options } from "./options.ts";
import { readState, writeState, ZOOMS, type ArchitectureState, type Pan } from "./state.ts";
import { drawingOf, framedOf, partsOf, view } from "./view.ts";
import { factsInWords } from "./words.ts";
import { say, sayNumber } from "../../src/words.ts";

const MEANING: Meaning<Options, ArchitectureState> = {
  ...{ view, read: readState, write: writeState, selecting: ["ids"] },
  condition: (_, { ids }) => condition(ids),
  asking: () => [],
};

/** A rest after which what the wheel changed is a step in the history, and a moved window stands in the link; in ms. */
const REST = 300;

/** A network of a file, as it is shown. */
interface Dropped {
  file: NetworkFile;
  state: ArchitectureState;
}

/** Where a pull began, by the pointer and by the window. */
interface Held {
  x: number;
  y: number;
  left: number;
  top: number;
  isMoved: boolean;
}

/** How far a pointer must go for a pull: less is a click, in px. */
const SLACK = 4;

/** How long a click waits for a second one, in ms: two of them open a group, and select nothing. */
const DOUBLE = 260;

class LiveArchitecture extends StatedView<Options, ArchitectureState> {
  private readonly tooltip: Tooltip;
  private readonly files: Files;
  private shown: Shown | null = null;
  private refused: string | null = null;
  private clicking: ReturnType<typeof setTimeout> | undefined;
  /** What was selected before the last click, if that has selected. */
  private unpicked: readonly string[] | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;
  /** Where a selection of all between two layers begins. */
  private anchor: number | null = null;
  private panned: ReturnType<typeof setTimeout> | undefined;
  /** Whether the window is still to be moved to where the link says. */
  private isPanDue = false;
  /** A network of a file, and what was changed in its figure: of no link, as the file is on no other machine. */
  private dropped: Dropped | null = null;
  /** What a file's figure was like before the wheel or the slider began to move. */
  private beforeDrag: Dropped | null = null;
  private held: Held | null = null;
  /** Whether the click that ends a pull is still to come: it selects nothing. */
  private isPulled = false;

  constructor(host: Host) {
    useEngine(elk);
    super(host, MEANING);
    this.tooltip = new Tooltip(host.body);
    this.files = new Files(host, (file) => this.showFile(file));
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("dblclick", (event) => this.doubled(event));
    body.addEventListener("input", (event) => this.slid(event.target as HTMLInputElement, "drag"));
    body.addEventListener("change", (event) => this.set(event.target as HTMLInputElement));
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("pointermove", (event) => this.hovered(event));
    body.addEventListener("pointerdown", (event) => this.grasped(event));
    body.addEventListener("pointerup", () => this.released());
    body.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    // A scroll does not bubble.
    body.addEventListener("scroll", (event) => this.scrolled(event), { capture: true, signal: host.signal });
    body.querySelector(".network-looks")?.addEventListener("toggle", () => this.showLooks());
  }

  override restore(written: ViewState | null): void {
    this.isPanDue = true;
    super.restore(written);
  }

  drawnFor(context: Context): Drawing | null {
    const { dropped, options } = this;
    return dropped && drawingOf(shownOfFile(options, dropped.file, dropped.state, context));
  }

  protected paint(): void {
    const { results, host, options, dropped } = this;
    if (!results || !["layers", "count", "passing"].every((name) => name in results)) return;
    this.shown = dropped
      ? shownOfFile(options, dropped.file, dropped.state, host.context)
      : shownOf(options, results as Results, this.state, host.context);
    this.ensure("figure", results);
    this.parts.show(partsOf(this.shown, this.refused));
    const { level, deepest } = this.shown.figure.shown;
    showLevel(host.body, this.now.detail ?? level, deepest);
    this.showLooks();
    this.files.show();
    updateFrame(host.figure, framedOf(this.shown));
    if (this.isPanDue) this.showPan();
  }

  private showPan(): void {
    this.isPanDue = false;
    const scroll = this.window();
    if (!scroll) return;
    const [across, down] = this.now.pan;
    scroll.scrollLeft = across * (scroll.scrollWidth - scroll.clientWidth);
    scroll.scrollTop = down * (scroll.scrollHeight - scroll.clientHeight);
  }

  /** Made only when it is open: it is long. */
  private showLooks(): void {
    const looks = this.host.body.querySelector<HTMLDetailsElement>(".network-looks");
    if (looks?.open && this.shown) this.parts.show({ looks: preferencesMarkup(this.shown) });
  }

  /* Changing */

  private alter(changed: Partial<ArchitectureState>, kind: Change = "commit"): void {
    this.refused = null;
    this.amend(changed, kind);
  }

  private amend(changed: Partial<ArchitectureState>, kind: Change): void {
    if (!this.dropped) return this.change(changed, kind);
    const before = this.dropped;
    const after = { ...before, state: { ...before.state, ...changed } };
    if (kind === "drag") this.beforeDrag ??= before;
    if (kind === "commit") this.step(this.beforeDrag ?? before, after, before.file.name);
    this.dropped = after;
    this.paint();
  }

  /** A file and what is done with it are in no link, but can be taken back as all else. */
  private step(before: Dropped | null, after: Dropped | null, what: string): void {
    this.beforeDrag = null;
    const { signal } = this.host;
    const show = (dropped: Dropped | null) => (): void => {
      if (!signal.aborted) this.take(dropped);
    };
    this.host.page.own({ what, undo: show(before), redo: show(after) });
  }

  private take(dropped: Dropped | null): void {
    if (dropped?.file !== this.dropped?.file) {
      this.anchor = null;
      this.isPanDue = true;
    }
    this.dropped = dropped;
    this.refused = null;
    // What it tells of is no longer there.
    this.tooltip.hide();
    this.paint();
  }

  /** What the figure that is seen is like. */
  private get now(): ArchitectureState {
    return this.dropped?.state ?? this.state;
  }

  private showFile(file: NetworkFile | null): void {
    // It has the looks that were chosen, and neither the page's groups nor its level of detail.
    const state = { ...readState(this.options, { groups: [], hidden: [] }), detail: null };
    const shown = file && { file, state: { ...state, preferences: this.now.preferences } };
    const before = this.dropped;
    this.step(before, shown, file?.name ?? before?.file.name ?? "");
    this.take(shown);
    this.host.body.scrollIntoView({ block: "nearest" });
  }

  private refuse(what: string): void {
    this.refused = what;
    if (this.shown) this.parts.show(partsOf(this.shown, what));
  }

  private slid(target: HTMLInputElement, kind: Change): void {
    if (target.name === "detail") this.alter({ detail: Number(target.value), opened: [], closed: [] }, kind);
  }

  private set(target: HTMLInputElement): void {
    const { set, alias, colour, hide, rename, activate } = target.dataset;
    const state = this.now;
    if (target.name === "detail") this.slid(target, "commit");
    if (set !== undefined) this.prefer(set, target);
    if (alias !== undefined) this.alter({ aliases: without(state.aliases, alias, target.value.trim()) });
    if (colour !== undefined) this.alter({ colours: without(state.colours, colour, target.value) });
    if (hide !== undefined)
      this.alter({
        hidden: target.checked ? [...state.hidden, hide] : state.hidden.filter((each) => each !== hide),
      });
    if (rename !== undefined || activate !== undefined)
      this.alter({
        groups: state.groups.map((group, index) => {
          if (rename === String(index)) return { ...group, name: target.value.trim() || group.name };
          return activate === String(index) ? { ...group, isActive: target.checked } : group;
        }),
      });
  }

  private prefer(name: string, target: HTMLInputElement): void {
    if (name === "paper") return this.alter({ paper: target.value || null });
    const setting = SETTINGS.find((each) => each.name === name);
    if (!setting) return;
    const value =
      setting.kind === "flag"
        ? target.checked
        : setting.kind === "number"
          ? target.valueAsNumber
          : target.value;
    const written = {
      ...writeState(this.options, this.now),
      set: { ...this.now.preferences, [name]: value },
    };
    const { preferences } = readState(this.options, written);
    if (preferences[setting.name] === value) this.alter({ preferences });
    else if (setting.kind === "number")
      this.refuse(
        say("{title} takes {low} to {high}.", {
          ...{ title: setting.title, low: sayNumber(String(setting.ends[0])) },
          high: sayNumber(String(setting.ends[1])),
        }),
      );
  }

  private act(action: string): void {
    const acts: Readonly<Record<string, () => void>> = {
      open: () => this.toggleSelected(),
      group: () => this.group(),
      smaller: () => this.zoom(-1),
      larger: () => this.zoom(1),
      own: () => this.showFile(null),
      clear: () => this.alter({ ids: [] }),
    };
    acts[action]?.();
  }

  private group(): void {
    const { shown, now: state } = this;
    if (!shown) return;
    const places = placesOf(shown.network);
    const selected = state.ids.map((id) => places.get(id) ?? 0).sort((one, other) => one - other);
    const refused = refusal(shown.network, selected);
    if (refused) return this.refuse(refused);
    const name = say("Group {groups}", { groups: state.groups.length + 1 });
    const layers = selected.map((place) => shown.network.layers[place]!.id);
    const group = { name, layers, isActive: true };
    // Where every layer is shown, it would be open at once, and nothing would be seen of it.
    const { network } = shown.figure.aggregation;
    const ids = manualGroups(network, [group]).map((each) => manualIdOf(network.layers, each.layers));
    this.alter({ groups: [...state.groups, group], closed: [...state.closed, ...ids], ids: [] });
  }

  private dissolve(index: number): void {
    this.alter({ groups: this.now.groups.filter((_, each) => each !== index) });
  }

  /** Opens or closes the groups of which a layer is selected. */
  private toggleSelected(): void {
    const glyph =
      this.shown?.figure.shown.glyphs.findIndex(({ layers }) =>
        layers.some((layer) => this.isSelected(layer)),
      ) ?? -1;
    if (glyph >= 0) this.toggle(glyph);
  }

  private isSelected(layer: number): boolean {
    const { layers } = this.shown!.figure.aggregation.network;
    return this.now.ids.includes(layers[layer]!.id);
  }

  /** A group shows what is in it; what is not one is closed, with the group around it that was opened last. */
  private toggle(index: number, more: Partial<ArchitectureState> = {}): void {
    const glyph = this.shown!.figure.shown.glyphs[index]!;
    const { opened, closed } = this.now;
    if (glyph.part.kind === "group")
      return this.alter({
        ...more,
        opened: [...opened, glyph.id],
        closed: closed.filter((id) => id !== glyph.id),
      });
    if (opened.length) this.alter({ ...more, opened: opened.slice(0, -1) });
  }

  private select(index: number, keep: boolean, between: boolean): void {
    const { figure, network } = this.shown!;
    const glyph = figure.shown.glyphs[index]!;
    const names = figure.aggregation.network.layers;
    const own = glyph.layers.map((layer) => names[layer]!.id);
    if (between && this.anchor !== null) {
      const places = placesOf(network);
      const all = betweenTwo(network, this.anchor, places.get(own.at(-1)!) ?? 0).map(
        (layer) => network.layers[layer]!.id,
      );
      return this.alter({ ids: fitting([...new Set([...all, ...own])]) });
    }
    this.anchor = network.layers.findIndex(({ id }) => id === own[0]);
    const isChosen = own.every((id) => this.now.ids.includes(id));
    const others = keep ? this.now.ids.filter((id) => !own.includes(id)) : [];
    this.alter({ ids: isChosen ? others : fitting([...others, ...own]) });
  }

  /* Pointer and keys */

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("button");
    if (button?.dataset["action"]) return this.act(button.dataset["action"]);
    if (button?.dataset["dissolve"]) return this.dissolve(Number(button.dataset["dissolve"]));
    const isPull = this.isPulled;
    this.isPulled = false;
    const glyph = glyphAt(target);
    if (glyph === null || isPull) return;
    this.pick(glyph, event);
  }

  /** A first click on what a second one opens selects only once none follows: a double click opens, and filters nothing. */
  private pick(glyph: number, event: MouseEvent): void {
    clearTimeout(this.clicking);
    const select = (): void => {
      this.unpicked = this.now.ids;
      this.select(glyph, event.ctrlKey || event.metaKey, event.shiftKey);
    };
    this.unpicked = event.detail < 2 ? null : this.unpicked;
    // Neither keys nor assistive technology double a click.
    if (event.detail === 0 || (event.detail === 1 && !this.canToggle(glyph))) select();
    else if (event.detail === 1) this.clicking = setTimeout(select, DOUBLE);
  }

  private canToggle(glyph: number): boolean {
    const { part } = this.shown!.figure.shown.glyphs[glyph]!;
    return part.kind === "group" || this.now.opened.length > 0;
  }

  private doubled(event: MouseEvent): void {
    const glyph = glyphAt(event.target as Element);
    if (glyph === null) return;
    clearTimeout(this.clicking);
    // Two clicks that were far apart for one double click: what the first selected is let go again.
    const before = this.canToggle(glyph) ? this.unpicked : null;
    this.toggle(glyph, before ? { ids: before } : {});
  }

  private hovered(event: PointerEvent): void {
    if (this.held) return this.pulled(event);
    const glyph = glyphAt(event.target as Element);
    if (glyph === null || !this.shown) this.tooltip.hide();
    else this.tooltip.show(event, factsInWords(this.shown.figure, glyph, this.now.aliases));
  }

  /** The figure is pulled about, wherever the pull begins; fingers scroll it anyway. */
  private grasped(event: PointerEvent): void {
    this.isPulled = false;
    const scroll = (event.target as Element).closest(".network-scroll");
    if (!scroll || event.pointerType !== "mouse" || event.button !== 0) return;
    const at = { x: event.clientX, y: event.clientY };
    this.held = { ...at, left: scroll.scrollLeft, top: scroll.scrollTop, isMoved: false };
  }

  private released(): void {
    this.isPulled = this.held?.isMoved ?? false;
    this.held = null;
  }

  private window(): HTMLElement | null {
    return this.host.body.querySelector<HTMLElement>(".network-scroll");
  }

  private scrolled(event: Event): void {
    const scroll = this.window();
    if (!scroll || event.target !== scroll) return;
    clearTimeout(this.panned);
    this.panned = setTimeout(() => {
      const pan = panOf(scroll);
      if (pan.join() !== this.now.pan.join()) this.amend({ pan }, "adjust");
    }, REST);
  }

  private pulled(event: PointerEvent): void {
    const scroll = this.window();
    if (!scroll || !this.held || event.buttons === 0) {
      this.held = null;
      return;
    }
    const [right, down] = [event.clientX - this.held.x, event.clientY - this.held.y];
    if (!this.held.isMoved && Math.hypot(right, down) < SLACK) return;
    this.held.isMoved = true;
    this.tooltip.hide();
    scroll.scrollLeft = this.held.left - right;
    scroll.scrollTop = this.held.top - down;
  }

  private wheeled(event: WheelEvent): void {
    if (!event.ctrlKey || !(event.target as Element).closest(".network-scroll")) return;
    event.preventDefault();
    this.zoom(event.deltaY > 0 ? -1 : 1, "drag");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.alter({}), REST);
  }

  private zoom(by: number, kind: Change = "commit"): void {
    const at = ZOOMS.indexOf(this.now.zoom) + by;
    this.alter({ zoom: ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at))]! }, kind);
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as Element;
    if (target.matches("input, select")) return;
    const glyph = glyphAt(target);
    const keys: Readonly<Record<string, () => void>> = {
      ...(glyph === null ? {} : this.keysOf(glyph, event)),
      ...(this.now.ids.length ? { Escape: () => this.alter({ ids: [] }) } : {}),
    };
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  }

  private keysOf(glyph: number, event: KeyboardEvent): Record<string, () => void> {
    if (event.altKey || event.metaKey) return {};
    const { glyphs } = this.shown!.figure.shown;
    return {
      ArrowRight: () => this.focus(Math.min(glyphs.length - 1, glyph + 1)),
      ArrowLeft: () => this.focus(Math.max(0, glyph - 1)),
      Home: () => this.focus(0),
      End: () => this.focus(glyphs.length - 1),
      " ": () => this.select(glyph, event.ctrlKey, event.shiftKey),
      Enter: () => this.toggle(glyph),
      g: () => this.group(),
      G: () => this.group(),
    };
  }

  private focus(index: number): void {
    const all = [...this.host.body.querySelectorAll<SVGGElement>("[data-glyph]")];
    for (const each of all)
      each.setAttribute("tabindex", each.dataset["glyph"] === String(index) ? "0" : "-1");
    const next = all.find((each) => each.dataset["glyph"] === String(index));
    next?.focus();
    next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

const placesOf = ({ layers }: Network): Map<string, number> =>
  new Map(layers.map(({ id }, place) => [id, place]));

function panOf(scroll: HTMLElement): Pan {
  const share = (at: number, most: number): number => (most > 0 ? Math.round((at / most) * 1000) / 1000 : 0);
  return [
    share(scroll.scrollLeft, scroll.scrollWidth - scroll.clientWidth),
    share(scroll.scrollTop, scroll.scrollHeight - scroll.clientHeight),
  ];
}

function glyphAt(element: Element): number | null {
  const found = element.closest<SVGGElement>("[data-glyph]");
  return found ? Number(found.dataset["glyph"]) : null;
}

function without(
  record: Readonly<Record<string, string>>,
  name: string,
  value: string,
): Record<string, string> {
  const rest = Object.entries(record).filter(([key]) => key !== name);
  return Object.fromEntries(value ? [...rest, [name, value]] : rest);
}

export const live: LiveFactory = (host) => new LiveArchitecture(host);
