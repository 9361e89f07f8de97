/**
 * The charts of summaries as the state asks for them: those that readers take away are parked, those that they add are
 * drawn as the build draws, by the same code from the same queries, and live on as any other figure.
 */
import type { Result } from "../data/result.ts";
import { figure } from "../figure.ts";
import { html, type Markup } from "../markup.ts";
import type { BlockSource, PagePayload, ViewRequest } from "../page.ts";
import type { View } from "../view.ts";
import { addMenu } from "./menu.ts";
import { LiveFigure } from "./mount.ts";
import type { Page } from "./page.ts";
import { findView } from "./registry.ts";
import { say } from "../words.ts";
import { messageOf } from "../problem.ts";

/** The payload with the charts that readers can add: a link may speak of them. */
export function withOffered(payload: PagePayload): PagePayload {
  const known = new Set(payload.views.map((view) => view.id));
  const offered = Object.values(payload.sources ?? {}).flatMap((source) => source.charts ?? []);
  const added = offered.filter((view) => !known.has(view.id)).map((view) => ({ ...view }));
  return { ...payload, views: [...payload.views, ...added] };
}

export class Gallery {
  private readonly page: Page;
  /** The page's figures; a summary's come and go. */
  private readonly figures: LiveFigure[];
  private readonly parked = new Map<string, LiveFigure>();
  private arranging: Promise<void>;

  constructor(page: Page, figures: LiveFigure[]) {
    this.page = page;
    this.figures = figures;
    this.nameAll();
    this.arranging = this.arrange();
    page.listen(() => this.follow());
  }

  /** Resolves when the charts are those that the state asks for. */
  async arranged(): Promise<void> {
    let last;
    do await (last = this.arranging);
    while (last !== this.arranging);
  }

  private follow(): void {
    this.nameAll();
    const [off, settled] = [true, false].map((isOff) =>
      this.summaries().filter(([id, source]) => this.isOff(id, source) === isOff),
    );
    for (const [id] of settled!) takeBack(id);
    if (off!.length === 0) return;
    this.arranging = this.arranging.then(() => this.arrange());
  }

  private summaries(): [string, BlockSource][] {
    return Object.entries(this.page.payload.sources ?? {}).filter(([, source]) => source.charts);
  }

  private async arrange(): Promise<void> {
    for (const [id, source] of this.summaries()) {
      if (!this.isOff(id, source)) continue;
      try {
        await this.arrangeOne(id, source);
        takeBack(id);
      } catch (error) {
        sayFailure(id, error);
      }
    }
  }

  /** The charts that are asked for, in order, as the page calls them. */
  private wanted(id: string, { charts }: BlockSource): ViewRequest[] {
    const { options } = this.requestOf(id);
    const columns = (this.page.state.views[id]?.["columns"] ?? options["columns"]) as string[];
    const known = options["charts"] as string[];
    return columns.flatMap((column) => {
      const chart = charts![known.indexOf(column)];
      return chart ? [this.requestOf(chart.id)] : [];
    });
  }

  private requestOf(id: string): ViewRequest {
    return this.page.payload.views.find((view) => view.id === id)!;
  }

  /** Calls every chart as the state does, else as it was built. */
  private nameAll(): void {
    for (const [id, { charts }] of this.summaries()) {
      const titles = (this.page.state.views[id]?.["titles"] ?? {}) as Readonly<Record<string, string>>;
      const columns = this.requestOf(id).options["charts"] as string[];
      charts!.forEach((chart, index) => {
        const column = columns[index]!;
        this.name(chart.id, Object.hasOwn(titles, column) ? titles[column]! : chart.title!);
      });
    }
  }

  private name(id: string, title: string): void {
    this.requestOf(id).title = title;
    const heading = this.find(id)?.figure.querySelector(":scope > .view-header .view-title");
    const plot = this.find(id)?.figure.querySelector("[role=application]");
    if (!heading || heading.textContent === title) return;
    const said = plot?.getAttribute("aria-label");
    if (said)
      plot!.setAttribute(
        "aria-label",
        said.replace(heading.textContent, () => title),
      );
    heading.textContent = title;
  }

  /** The summary's figures as they stand in the page. */
  private shown({ charts }: BlockSource): LiveFigure[] {
    const ids = new Set(charts!.map((chart) => chart.id));
    const inOrder = (a: LiveFigure, b: LiveFigure): number =>
      a.figure.compareDocumentPosition(b.figure) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    return this.figures.filter((each) => ids.has(each.context.request.id)).sort(inOrder);
  }

  private isOff(id: string, source: BlockSource): boolean {
    const shown = this.shown(source).map((each) => each.context.request.id);
    const wanted = this.wanted(id, source).map((request) => request.id);
    const { views } = this.page.state;
    const isGone = (chart: ViewRequest): boolean => !wanted.includes(chart.id) && chart.id in views;
    return shown.join() !== wanted.join() || source.charts!.some(isGone);
  }

  private async arrangeOne(id: string, source: BlockSource): Promise<void> {
    const foot = document.getElementById(id);
    if (!foot) return;
    const wanted = this.wanted(id, source);
    this.parkOthers(source, new Set(wanted.map((request) => request.id)));
    const shown: HTMLElement[] = [];
    for (const request of wanted) shown.push((await this.show(request, foot, source)).figure);
    // From the last to the first, so that one in its place is not moved.
    shown.reduceRight((below, each) => {
      if (below.previousElementSibling !== each) below.before(each);
      return each;
    }, foot);
  }

  /** Charts that are not wanted, and what a link says is selected in them. */
  private parkOthers(source: BlockSource, wanted: ReadonlySet<string>): void {
    for (const { id } of source.charts!.filter((chart) => !wanted.has(chart.id))) {
      const found = this.find(id);
      if (found) {
        this.figures.splice(this.figures.indexOf(found), 1);
        this.parked.set(id, found);
        found.park();
      } else if (id in this.page.state.views) this.page.publish(id, null, new Map(), "adjust");
    }
  }

  /** Sees to it that a chart is in the page, and live. */
  private async show(request: ViewRequest, foot: HTMLElement, source: BlockSource): Promise<LiveFigure> {
    const found = this.find(request.id);
    if (found) return found;
    const parked = this.parked.get(request.id);
    if (parked) {
      this.parked.delete(request.id);
      foot.before(parked.figure);
      this.figures.push(parked);
      this.name(request.id, request.title!);
      await parked.unpark();
      return parked;
    }
    const view = findView(request.view)!;
    const element = elementOf(await drawn(this.page, view, request, source));
    foot.before(element);
    const added = new LiveFigure(this.page, element, request, view);
    addMenu(added);
    this.figures.push(added);
    await added.start();
    return added;
  }

  private find(id: string): LiveFigure | undefined {
    return this.figures.find((each) => each.context.request.id === id);
  }
}

/** A chart that cannot be drawn leaves the others as they are. */
function sayFailure(id: string, error: unknown): void {
  takeBack(id);
  const reason = messageOf(error);
  const said = html`<p class="view-notice gallery-notice" role="alert">
    ${say("A chart could not be drawn; reload the page. {reason}", { reason: reason.slice(0, 300) })}
  </p>`;
  document.getElementById(id)?.querySelector(".view-body")?.insertAdjacentHTML("beforeend", said.text);
}

/** Takes back what was said of a failure, once the charts are those that are asked for. */
function takeBack(id: string): void {
  document.getElementById(id)?.querySelector(".gallery-notice")?.remove();
}

function elementOf({ text }: Markup): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content.firstElementChild as HTMLElement;
}

/** A figure as the build makes it, of all rows. */
async function drawn(
  page: Page,
  view: View<unknown>,
  request: ViewRequest,
  { files = [] }: BlockSource,
): Promise<Markup> {
  const context = page.context(request);
  const options = view.parse(context);
  const results: Record<string, Result> = {};
  for (;;) {
    const named = view.queries(options, results, context, {});
    const open = Object.entries(named).filter(([name]) => !(name in results));
    if (open.length === 0) break;
    const answers = await Promise.all(open.map(([, query]) => page.coordinator.answer(query.sql(null))));
    open.forEach(([name], index) => (results[name] = answers[index]!));
  }
  return figure(view, view.render(options, results, {}, context), context, results, files);
}
