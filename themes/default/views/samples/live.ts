/**
 * The samples' live half: scrolls through all that pass and asks for them a window at a time; selection by click and key,
 * a search in texts, one sample whole in a dialog, sounds. A selection filters the other views.
 */
import { clausePoints } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { objects, scalar, type Result } from "../../src/data/result.ts";
import { highlightsOfFilter, joined } from "../../src/highlight.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { FAR, KeptOrder } from "../../src/live/order.ts";
import { play } from "../../src/live/sound.ts";
import type { Change } from "../../src/live/page.ts";
import { RowWindow } from "../../src/live/window.ts";
import { formatCount } from "../../src/markup.ts";
import { fitting, MOST_SELECTED } from "../../src/selected.ts";
import type { Results, ViewState } from "../../src/view.ts";
import type { Drawn, Tile } from "../../src/cards.ts";
import { Controls, type Controlled } from "./controls.ts";
import { Detail } from "./detail.ts";
import { fullestTiles, longestOf } from "./fullest.ts";
import { Grid, type Cards, type Heading } from "./grid.ts";
import type { Options } from "./options.ts";
import {
  detailQuery,
  orderedRows,
  perGroup,
  rowTiles,
  tilesOf,
  windowIds,
  windowRows,
  type Asked,
  type Span,
} from "./queries.ts";
import { atOf, closedGroups, compact, openId, searchOf, selectedIds, type Id } from "./state.ts";
import { dataTable, drawnOf, emptyMarkup, keysId, notices, view } from "./view.ts";
import { say } from "../../src/words.ts";
import { messageOf } from "../../src/problem.ts";

class LiveSamples implements LiveView, Controlled {
  readonly host: Host;
  readonly options: Options;
  readonly grid: Grid;
  private readonly detail: Detail;
  private readonly controls: Controls;
  private readonly rows: RowWindow<Tile>;
  private readonly order: KeptOrder;
  private shared: ViewState = {};
  /** In a group's part of a page that is split, each part is scrolled by itself. */
  private own: ViewState;
  private results: Results | null = null;
  private seen: Result | null = null;
  private longest: Partial<Tile> = {};
  /** After a link or a step in the history the place is the link's; after a change of the filters it is the beginning. */
  private keepsPlace = false;
  /** While this view itself tells the page. */
  private isTelling = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.own = this.placed();
    this.order = new KeptOrder(host);
    this.rows = new RowWindow(
      (offset, limit) => this.ask({ offset, limit }),
      () => this.grid.scroller.schedule(),
      (error) =>
        this.controls.say(say("Samples could not be read: {why}", { why: messageOf(error).slice(0, 200) })),
    );
    const cards: Cards = {
      tile: (index) => this.rows.row(index),
      isChosen: ({ id }) => selectedIds(this.options, this.shared).includes(id as Id),
      wanted: (ranges) => this.want(ranges),
      rested: () => this.rested(),
    };
    this.grid = new Grid(this.frame(), cards, host.signal);
    this.detail = new Detail(host.context, this.options, {
      step: (by) => void this.stepDetail(by),
      closed: () => this.closed(),
      played: (id, into) => void this.play(id, into),
    });
    this.controls = new Controls(this);
    host.page.listen((_state, change) => {
      // Where something is scrolled to is adjusted, and leaves all others where they are.
      const isStep = change === "drag" || change === "commit";
      if (isStep && !this.isTelling) this.keepsPlace = false;
    }, host.signal);
  }

  /** The region of the cards; a group's part of a page is empty at first. */
  private frame(): HTMLElement {
    const { body } = this.host;
    const found = body.querySelector<HTMLElement>(".samples-frame");
    if (found) return found;
    body.innerHTML = view.render(this.options, NOTHING, {}, this.host.context).body.text;
    return body.querySelector<HTMLElement>(".samples-frame")!;
  }

  state(): ViewState {
    return { ...this.shared, ...this.own };
  }

  private placed(): ViewState {
    const { place } = this.host;
    return place ? { at: place.read() } : {};
  }

  /* Drawing */

  async draw(results: Results): Promise<void> {
    this.results = results;
    const isFresh = results["tiles"] !== this.seen;
    if (isFresh) {
      this.seen = results["tiles"]!;
      this.rows.reset(this.firstTiles());
      this.grid.renew();
      // A filter can leave fewer cards than were scrolled past: back to the first, which is no step of the reader's.
      if (!this.keepsPlace || atOf(this.state()) >= this.count()) this.setAt(0);
    }
    this.arrange();
    if (isFresh) this.toPlace();
    await this.allRead();
    this.frameDrawing();
    this.showDetail();
  }

  foresee(_results: Results, state: ViewState): void {
    if (selectedIds(this.options, state).length) this.host.select(this.clause(state));
  }

  restore(restored: ViewState | null): void {
    const before = this.state();
    const selectedBefore = selectedIds(this.options, this.shared);
    this.shared = restored ?? {};
    this.own = this.placed();
    this.keepsPlace = true;
    if (selectedBefore.length || selectedIds(this.options, this.shared).length)
      this.host.select(this.clause());
    this.controls.show();
    if (searchOf(this.options, before) !== searchOf(this.options, this.state())) this.host.requery();
    this.arrange();
    if (atOf(before) !== atOf(this.state())) this.toPlace();
    this.showDetail();
  }

  count(): number {
    return this.results ? scalar(this.results["passing"]!, "rows") : 0;
  }

  /** The cards of the first answer, by their numbers. */
  private *firstTiles(): Iterable<[number, Tile]> {
    const tiles = tilesOf(this.results!);
    if (!this.options.group) return yield* tiles.entries();
    let first = 0;
    for (const { key, cards } of this.headings()) {
      const of = tiles
        .filter((tile) => JSON.stringify(tile.heading) === key)
        .slice(0, perGroup(this.options));
      for (const [index, tile] of of.entries()) yield [first + index, tile];
      first += cards;
    }
  }

  private headings(): Heading[] {
    if (!this.options.group) return [{ key: null, value: null, cards: this.count(), isClosed: false }];
    const closed = new Set(closedGroups(this.shared).map((value) => JSON.stringify(value)));
    return objects(this.results!["headings"]!).map(({ heading, heading_rows: cards }) => {
      const key = JSON.stringify(heading);
      return { key, value: heading, cards: Number(cards), isClosed: closed.has(key) };
    });
  }

  private drawn(): Drawn {
    const { context, page } = this.host;
    const drawn = drawnOf(this.options, this.results!, this.state(), context);
    const filtered = highlightsOfFilter(page.state.filter, context.table);
    return { ...drawn, isLive: true, highlights: joined(drawn.highlights, filtered) };
  }

  /** Everything: the cards, and the lines around them. */
  private arrange(): void {
    if (!this.results) return;
    const total = scalar(this.results["total"]!, "rows");
    const drawn = this.drawn();
    this.longest = longestOf(tilesOf(this.results), this.longest);
    if (this.count() === 0)
      this.grid.empty(emptyMarkup(total, searchOf(this.options, this.state()), this.host.context).text);
    else
      this.grid.arrange({
        headings: this.headings(),
        drawn,
        fullest: fullestTiles(this.results, drawn, this.longest),
        usual: Math.min(total, this.options.perPage),
        keys: keysId(this.host.context),
      });
    this.controls.show();
  }

  private frameDrawing(): void {
    const self = this;
    updateFrame(this.host.figure, {
      rows: this.count(),
      total: scalar(this.results!["total"]!, "rows"),
      notices: notices(this.options, this.results!),
      get data() {
        return dataTable(self.options, self.shownTiles());
      },
    });
  }

  /** As many cards as the page holds by itself, from where the reader is. */
  private shownTiles(): Tile[] {
    if (this.options.group) return tilesOf(this.results!);
    const first = atOf(this.state());
    const tiles = Array.from({ length: this.options.perPage }, (_, index) => this.rows.row(first + index));
    return tiles.filter((tile) => tile !== null);
  }

  /* Scrolling */

  /** Scrolls to where the state says. */
  private toPlace(): void {
    const place = this.grid.layout?.partOf(atOf(this.state()));
    if (!place) return;
    this.grid.scroller.begin(place);
    this.grid.paint();
  }

  /** Where the reader has come to rest goes into the link, and is what the data table begins with. */
  private rested(): void {
    if (!this.grid.layout) return;
    const [at, first] = [atOf(this.state()), this.grid.firstInSight()];
    const rowOf = (index: number): number | undefined => this.grid.layout!.rectangleOf(index)?.top;
    if (rowOf(at) !== rowOf(first)) this.setAt(first);
    this.frameDrawing();
  }

  /** No step of the reader's: going back leads to where the cards were left. */
  private setAt(at: number): void {
    if (at === atOf(this.state())) return;
    if (this.host.place) {
      this.own = { at };
      this.host.place.write(at);
      return;
    }
    this.shared = compact(this.options, { ...this.shared, at });
    this.tell(null, "adjust");
  }

  /* Asking */

  private asked(): Asked {
    const { table } = this.host.context;
    const search = searchOf(this.options, this.state());
    return { options: this.options, table, filter: this.order.filter(), search };
  }

  private want(ranges: readonly { first: number; end: number }[]): void {
    this.controls.showPlace();
    const all = [...ranges, ...this.dataRange()];
    const isMissing = ({ first, end }: { first: number; end: number }): boolean => {
      for (let index = first; index < end; index++) if (!this.rows.row(index)) return true;
      return false;
    };
    const next = all.find(isMissing);
    if (next) this.rows.want(next.first, next.end);
  }

  private dataRange(): { first: number; end: number }[] {
    if (this.options.group) return [];
    const first = atOf(this.state());
    return [{ first, end: Math.min(this.count(), first + this.options.perPage) }];
  }

  /** Resolves when all that is in sight is read: one window may follow another. */
  private async allRead(): Promise<void> {
    let isOpen = true;
    while (isOpen) {
      await this.rows.settled();
      this.grid.paint();
      isOpen = this.rows.isAsking();
    }
  }

  /** Two questions: which rows are next in the order, then what is on their cards. */
  private async ask(span: Span): Promise<Tile[]> {
    const asked = this.asked();
    const found = await this.order.ask(async () => {
      if (this.count() <= FAR) return String(windowRows(asked, span, null));
      await this.order.keep(orderedRows(asked));
      return String(windowRows(asked, span, this.order.name));
    });
    const rows = (found.columns[":row"] ?? []) as readonly number[];
    if (rows.length === 0) return [];
    const tiles = await this.order.ask(() => Promise.resolve(String(rowTiles(asked, rows))));
    const byRow = new Map(objects(tiles).map((tile) => [tile[":row"], tile as unknown as Tile]));
    return rows.map((row) => byRow.get(row)!);
  }

  /* Changing */

  /** Takes on what changed, draws it, and tells the page. */
  change(changed: ViewState, kind: Change = "commit"): void {
    const before = this.state();
    this.shared = compact(this.options, { ...this.shared, ...changed });
    this.tell("ids" in changed ? this.clause() : null, kind);
    if (searchOf(this.options, before) !== searchOf(this.options, this.state())) {
      this.keepsPlace = false;
      this.host.requery();
    }
    const at = this.grid.firstInSight();
    this.arrange();
    // Cards of another size are others in sight: the first one stays.
    if ("size" in changed) this.keepInSight(at);
    this.showDetail();
  }

  private keepInSight(index: number): void {
    const place = this.grid.layout?.partOf(index);
    if (place) this.grid.scroller.begin(place);
    this.grid.paint();
  }

  private tell(clause: ReturnType<typeof clausePoints> | null, kind: Change): void {
    this.isTelling = true;
    this.host.publish(Object.keys(this.shared).length ? this.shared : null, clause, kind);
    this.isTelling = false;
  }

  private clause(shared = this.shared): ReturnType<typeof clausePoints> {
    const ids = selectedIds(this.options, shared);
    const values = ids.length ? ids.map((each) => [each]) : null;
    const { source } = this.host;
    return clausePoints([columnRef(this.options.id.name)], values, { source, clients: this.host.clients() });
  }

  fold(key: string, isClosed: boolean): void {
    const closed = closedGroups(this.shared).filter((each) => JSON.stringify(each) !== key);
    const next = isClosed ? [...closed, JSON.parse(key) as unknown] : closed;
    if (next.length !== closedGroups(this.shared).length) this.change({ closed: next });
  }

  /* Selecting */

  idOf(index: number): Id | null {
    return (this.rows.row(index)?.id as Id | undefined) ?? null;
  }

  /** Ids of the cards from one to another, both included; at most as many as a query can hold. */
  async idsBetween(from: number, to: number): Promise<Id[]> {
    const [offset, last] = [Math.min(from, to), Math.max(from, to)];
    const limit = Math.min(MOST_SELECTED, last - offset + 1);
    const near = Array.from({ length: limit }, (_, index) => this.idOf(offset + index));
    if (!near.includes(null)) return near as Id[];
    const query = String(windowIds(this.asked(), { offset, limit }));
    return objects(await this.order.ask(() => Promise.resolve(query))).map((row) => row[":id"] as Id);
  }

  select(ids: readonly Id[], wanted = ids.length): void {
    const kept = fitting(ids);
    this.change({ ids: kept });
    this.controls.say(
      kept.length < wanted
        ? say("The first {kept} of {wanted} are selected: more do not fit into a link.", {
            kept: formatCount(kept.length),
            wanted: formatCount(wanted),
          })
        : "",
    );
  }

  /* One sample whole */

  /** The dialog follows the state: opened, at another sample, or closed. */
  private showDetail(): void {
    const id = openId(this.options, this.shared);
    const index = id === null ? -1 : this.rows.find((tile) => tile.id === id);
    // Where the page is split, the part that holds the sample shows it.
    if (id === null || (this.host.context.group && index < 0)) return this.detail.close();
    const place = index < 0 ? null : { number: index + 1, rows: this.grid.layout?.cards ?? 0 };
    this.detail.show(id, place, () =>
      this.host.page.coordinator.answer(detailQuery(this.options, this.host.context.table, id)),
    );
  }

  private async stepDetail(by: number): Promise<void> {
    const open = openId(this.options, this.shared);
    const from = this.rows.find((tile) => tile.id === open);
    const to = from < 0 ? null : this.grid.layout?.step(from, by > 0 ? "next" : "previous", 1);
    if (to === null || to === undefined || to === from) return;
    this.grid.activate(to, false);
    await this.allRead();
    const id = this.idOf(to);
    if (id !== null && openId(this.options, this.shared) === open) this.change({ open: id });
  }

  /** Where the reader was goes on being where the keys act. */
  private closed(): void {
    this.change({ open: null });
    this.grid.focus();
  }

  play(id: Id, into: Element): Promise<void> {
    return play(this.host, this.options, id, into);
  }
}

/** Answers of no rows, for the markup around the cards. */
const NONE: Result = { rows: 1, columns: { rows: [0], groups: [0] } };
const NOTHING: Results = { total: NONE, passing: NONE, tiles: { rows: 0, columns: {} } };

export const live: LiveFactory = (host) => new LiveSamples(host);
