/**
 * The samples' live half: pages and groups, selection by click and key, one sample whole in a dialog, sounds. A
 * selection filters the other views.
 */
import { clausePoints } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import type { Table as ArrowTable } from "@uwdata/flechette";
import { fromArrow, objects, scalar, type Result } from "../../src/data/result.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import type { Change } from "../../src/live/page.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { Detail } from "./detail.ts";
import { stepOf } from "./keys.ts";
import type { Options } from "./options.ts";
import { detailQuery, soundQuery } from "./queries.ts";
import { playable } from "./sound.ts";
import {
  between,
  closedGroups,
  compact,
  moreOf,
  openId,
  pageOf,
  selectedIds,
  toggled,
  type Id,
} from "./state.ts";
import { view } from "./view.ts";

/** Which sample is taken when a turned page is drawn, and whether it is opened or only focused. */
interface Awaited {
  end: "first" | "last";
  isOpened: boolean;
  /** The answer that the page before was drawn from; the counts may come before the next. */
  left?: Result;
}

class LiveSamples implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private readonly detail: Detail;
  private shared: ViewState = {};
  /** In a group's part of a page that is split, each part has a page of its own. */
  private own: ViewState;
  private latest: Results | null = null;
  /** Where a range that is selected with shift begins. */
  private anchor: Id | null = null;
  private awaited: Awaited | null = null;
  /** What was selected before the first click of a double one. */
  private before: readonly Id[] = [];

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.own = host.context.group ? { page: 0 } : {};
    host.keep(this.own);
    this.detail = new Detail(host.context, this.options, {
      step: (by) => this.stepDetail(by),
      closed: () => this.change({ open: null }),
      played: (id, into) => void this.play(id, into),
    });
    this.listen();
  }

  private listen(): void {
    const { body } = this.host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("dblclick", (event) => {
      const id = idOf(event.target as Element);
      if (id !== null) this.change({ ids: this.before, open: id });
    });
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("focusin", (event) => this.rove(event.target as Element));
    body.addEventListener("toggle", (event) => this.folded(event.target as HTMLDetailsElement), true);
  }

  private state(): ViewState {
    return { ...this.shared, ...this.own };
  }

  draw(results: Results): void {
    this.latest = results;
    const rows = scalar(results["passing"]!, "rows");
    const page = pageOf(this.state());
    // A filter can leave fewer pages than the one shown: go back to the first, which is no step of the reader's.
    if (page > 0 && page * this.options.perPage >= rows) this.turn(0, "adjust");
    this.redraw();
    this.takeAwaited();
  }

  restore(restored: ViewState | null): void {
    const before = this.state();
    const selectedBefore = selectedIds(this.options, this.shared);
    this.shared = restored ?? {};
    if (selectedBefore.length || selectedIds(this.options, this.shared).length)
      this.host.select(this.clause());
    if (isAskedAnew(before, this.state())) this.host.requery();
    this.redraw();
    this.showDetail();
  }

  private clause(): ReturnType<typeof clausePoints> {
    const ids = selectedIds(this.options, this.shared);
    const values = ids.length ? ids.map((each) => [each]) : null;
    const { source } = this.host;
    return clausePoints([columnRef(this.options.id.name)], values, { source, clients: this.host.clients() });
  }

  private redraw(): void {
    if (!this.latest) return;
    const drawing = view.render(this.options, this.latest, this.state(), this.host.context);
    const { body } = this.host;
    const focused = body.contains(document.activeElement) ? focusKey(document.activeElement!) : null;
    body.innerHTML = drawing.body.text;
    if (focused) this.focus(body.querySelector<HTMLElement>(focused));
    updateFrame(this.host.figure, drawing);
  }

  /** Takes on what changed, draws it, and tells the page. */
  private change(changed: ViewState, kind: Change = "commit"): void {
    const before = this.state();
    this.shared = compact(this.options, { ...this.shared, ...changed });
    const isSelection = "ids" in changed;
    this.host.publish(
      Object.keys(this.shared).length ? this.shared : null,
      isSelection ? this.clause() : null,
      kind,
    );
    if (isAskedAnew(before, this.state())) this.host.requery();
    this.redraw();
    this.showDetail();
  }

  private turn(page: number, kind: Change = "commit"): void {
    if (!this.host.context.group) return this.change({ page }, kind);
    this.own = { page };
    this.host.keep(this.own);
    this.host.requery();
  }

  private tiles(): HTMLElement[] {
    const all = [...this.host.body.querySelectorAll<HTMLElement>(".sample")];
    return all.filter((tile) => tile.checkVisibility());
  }

  private shownIds(): Id[] {
    return this.tiles().map((tile) => idOf(tile)!);
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const id = idOf(target);
    if (id !== null && event.detail < 2) this.pick(id, event);
    const button = target.closest<HTMLElement>("button");
    if (!button || id !== null) return;
    const { page, size, play, more, action } = button.dataset;
    if (action === "reset") this.host.page.reset();
    if (action === "select-shown") this.select(this.shownIds());
    if (page !== undefined) this.turn(Number(page));
    if (size !== undefined) this.change({ size });
    if (more !== undefined) this.showMore(JSON.parse(more));
    if (play !== undefined) void this.play(JSON.parse(play) as Id, button.closest("li")!);
  }

  /** Shift selects a range, control or command adds or removes one. */
  private pick(id: Id, keys: { shiftKey: boolean; metaKey: boolean; ctrlKey: boolean }): void {
    const ids = selectedIds(this.options, this.shared);
    this.before = ids;
    if (keys.shiftKey && this.anchor !== null) {
      const range = between(this.shownIds(), this.anchor, id);
      return this.select(keys.metaKey || keys.ctrlKey ? [...new Set([...ids, ...range])] : range);
    }
    this.anchor = id;
    this.select(toggled(ids, id, keys.metaKey || keys.ctrlKey || keys.shiftKey));
  }

  private select(ids: readonly Id[]): void {
    this.change({ ids });
  }

  private pressed(event: KeyboardEvent): void {
    const tile = (event.target as Element).closest<HTMLElement>(".sample");
    if (!tile || event.altKey) return;
    const id = idOf(tile)!;
    const isAll = event.key === "a" && (event.ctrlKey || event.metaKey);
    if (isAll) this.select(this.shownIds());
    else if (event.key === "Enter") this.change({ open: id });
    else if (event.key === " ") this.pick(id, { ...modifiers(event), ctrlKey: !event.shiftKey });
    else if (event.key === "Escape" && selectedIds(this.options, this.shared).length) this.select([]);
    else if (!this.walk(tile, event.key)) return;
    event.preventDefault();
  }

  /** Moves the focus by an arrow key, over the edge to the next page; false for other keys. */
  private walk(tile: HTMLElement, key: string): boolean {
    const tiles = this.tiles();
    const step = stepOf(tiles, tile, key);
    if (step === null) return false;
    if (step.page !== 0) this.turnTo(step.page, { end: step.page > 0 ? "first" : "last", isOpened: false });
    else this.focus(tiles[step.index] ?? null);
    return true;
  }

  private turnTo(by: number, awaited: Awaited): void {
    const to = pageOf(this.state()) + by;
    const pages = Math.ceil(this.rows() / this.options.perPage);
    if (this.options.group || to < 0 || to >= pages) return;
    this.awaited = { ...awaited, ...(this.latest?.["tiles"] ? { left: this.latest["tiles"] } : {}) };
    this.turn(to);
  }

  private rows(): number {
    return this.latest ? scalar(this.latest["passing"]!, "rows") : 0;
  }

  private takeAwaited(): void {
    const { awaited } = this;
    if (!awaited || awaited.left === this.latest!["tiles"]) return;
    this.awaited = null;
    const tile = this.tiles().at(awaited.end === "first" ? 0 : -1);
    if (!tile) return;
    if (awaited.isOpened) this.change({ open: idOf(tile) });
    else this.focus(tile);
  }

  private focus(element: HTMLElement | null): void {
    if (!element) return;
    this.rove(element);
    element.focus();
  }

  /** One sample at a time is in the order of the tab key; arrows lead to the others. */
  private rove(target: Element): void {
    const tile = target.closest<HTMLElement>(".sample");
    if (!tile) return;
    for (const each of this.host.body.querySelectorAll<HTMLElement>(".sample"))
      each.tabIndex = each === tile ? 0 : -1;
  }

  private folded(details: HTMLDetailsElement): void {
    const key = details.dataset["heading"];
    if (key === undefined) return;
    const value: unknown = JSON.parse(key);
    const closed = closedGroups(this.shared).filter((each) => JSON.stringify(each) !== key);
    const next = details.open ? closed : [...closed, value];
    if (next.length === closedGroups(this.shared).length) return;
    this.shared = compact(this.options, { ...this.shared, closed: next });
    this.host.publish(Object.keys(this.shared).length ? this.shared : null, null, "drag");
  }

  private showMore(value: unknown): void {
    const key = JSON.stringify(value);
    const others = moreOf(this.shared).filter(([each]) => JSON.stringify(each) !== key);
    const now = moreOf(this.shared).find(([each]) => JSON.stringify(each) === key)?.[1] ?? 0;
    this.change({ more: [...others, [value, now + 1]] });
  }

  /** The dialog follows the state: opened, at another sample, or closed. */
  private showDetail(): void {
    const id = openId(this.options, this.shared);
    // Where the page is split, the part that holds the sample shows it; the first part if none does on its page.
    if (id === null || (this.host.context.group && !this.shownIds().includes(id))) return this.detail.close();
    const at = this.shownIds().indexOf(id);
    const first = this.options.group ? 0 : pageOf(this.state()) * this.options.perPage;
    const place = at < 0 ? null : { number: first + at + 1, rows: this.rows() };
    this.detail.show(id, place, () => this.ask(detailQuery(this.options, this.host.context.table, id)));
  }

  private stepDetail(by: number): void {
    const ids = this.shownIds();
    const at = ids.indexOf(openId(this.options, this.shared)!);
    const next = ids[at + by];
    if (at < 0) return;
    if (next !== undefined) this.change({ open: next });
    else this.turnTo(by, { end: by > 0 ? "first" : "last", isOpened: true });
  }

  private async play(id: Id, into: Element): Promise<void> {
    const found = await this.ask(soundQuery(this.options, this.host.context.table, id));
    const row = objects(found)[0];
    const player = playable(row?.["bytes"], row?.["type"]);
    into.querySelector(".sample-play, .sample-silent")?.replaceWith(player);
  }

  private async ask(query: ReturnType<typeof soundQuery>): Promise<Result> {
    return fromArrow((await this.host.page.coordinator.query(query)) as ArrowTable);
  }
}

/** The sample whose card this is in, or null. */
function idOf(target: Element): Id | null {
  const written = target.closest<HTMLElement>(".sample")?.dataset["id"];
  return written === undefined ? null : (JSON.parse(written) as Id);
}

function modifiers({ shiftKey, metaKey }: KeyboardEvent): { shiftKey: boolean; metaKey: boolean } {
  return { shiftKey, metaKey };
}

/** How the focused element is found again in fresh markup. */
function focusKey(element: Element): string | null {
  const { dataset } = element as HTMLElement;
  const key = ["id", "turn", "size", "action", "more", "play"].find((name) => dataset[name] !== undefined);
  return key ? `[data-${key}="${CSS.escape(dataset[key]!)}"]` : null;
}

/** Whether the cards of one state are others than those of another. */
function isAskedAnew(before: ViewState, after: ViewState): boolean {
  return pageOf(before) !== pageOf(after) || JSON.stringify(moreOf(before)) !== JSON.stringify(moreOf(after));
}

export const live: LiveFactory = (host) => new LiveSamples(host);
