/**
 * A report in a document: one page with one cross-filter, whatever outputs its views stand in. A view that is not in this
 * document but holds a selection is mounted unseen, so that what the kernel says is filtered is filtered here.
 */
import { PageCoordinator } from "../data/connector.ts";
import { Kernel } from "../data/kernel.ts";
import { addMenu } from "../live/menu.ts";
import { LiveFigure } from "../live/mount.ts";
import { Page } from "../live/page.ts";
import type { Media, PagePayload, Table } from "../page.ts";
import { findView, loadViews } from "../live/registry.ts";
import { KernelAddress } from "./address.ts";
import { channelOf, Listening, type WidgetModel } from "./model.ts";
import { layer, pageWith, retire, warn } from "./place.ts";

/** What the kernel tells of the page; views may be added, and with them columns and tables: another generation. */
interface Payload extends PagePayload {
  generation: number;
}

/** A place with the figures of one view, or of several. */
export interface Output {
  markup: string;
  place: HTMLElement;
}

/** What makes no further difference once it is told. */
type Tables = PagePayload["tables"];

export class Report {
  private readonly kernel: Kernel;
  private readonly address: KernelAddress;
  private readonly heard: Listening;
  private readonly outputs = new Set<Output>();
  private readonly sheets = new Map<string, Promise<string>>();
  private page: Promise<Live> | null = null;
  /** The page that stands, while the next one is made. */
  private live: Live | null = null;
  private generation = -1;

  constructor(
    private readonly model: WidgetModel,
    private readonly ended: () => void,
  ) {
    this.kernel = new Kernel(channelOf(model));
    this.address = new KernelAddress(model);
    this.heard = new Listening(model);
    this.heard.on("change:payload", () => void this.tell(this.renew()));
    this.heard.on("change:state", () => void this.tell(this.hear()));
  }

  /** Brings the views of an output to life; of several outputs of one view the newest has it. */
  mount(output: Output): Promise<void> {
    this.outputs.add(output);
    return this.tell(this.show(output));
  }

  /** The output is gone; with the last one, all that the report has in this document. */
  unmount(output: Output): void {
    this.outputs.delete(output);
    this.live?.leave(output.place);
    if (this.outputs.size) void this.tell(this.complete());
    else this.end();
  }

  private end(): void {
    this.ended();
    this.heard.end();
    this.address.end();
    this.kernel.leave();
    this.live?.end();
    // One that was in the making comes too late.
    void this.page?.then(
      (live) => {
        live.end();
        this.address.end();
      },
      () => undefined,
    );
    for (const url of this.sheets.values()) url.then(URL.revokeObjectURL, () => undefined);
  }

  /** Says in the outputs what went wrong, until something goes well. */
  private async tell(work: Promise<void>): Promise<void> {
    const problem: unknown = await work.then(
      () => null,
      (error: unknown) => error,
    );
    if (problem !== null && this.outputs.size) console.error(problem);
    for (const { place } of this.outputs) warn(place, problem);
  }

  private payload(): Payload {
    return this.model.get("payload") as Payload;
  }

  private async show(output: Output): Promise<void> {
    const live = await this.current();
    if (this.outputs.has(output)) await live.show(output);
  }

  private async complete(): Promise<void> {
    await (await this.current()).complete(this.outputs, this.kernel);
  }

  /** The kernel's state changed: in Python, or in another document. */
  private async hear(): Promise<void> {
    await this.current();
    this.address.heard();
    await this.complete();
  }

  /** Views were added: the page hears of them, or is made anew with all that it shows. */
  private async renew(): Promise<void> {
    const live = await this.current();
    live.page.payload.views = this.payload().views;
    await this.complete();
  }

  /** The live page of the newest generation; one that could not be made is tried anew. */
  private current(): Promise<Live> {
    const payload = this.payload();
    if (!this.page || this.generation !== payload.generation) {
      this.generation = payload.generation;
      const opened = this.open(payload, this.page);
      this.page = opened;
      opened.catch(() => {
        if (this.page === opened) this.page = null;
      });
    }
    return this.page;
  }

  private async open(payload: Payload, before: Promise<Live> | null): Promise<Live> {
    await loadViews(payload.views.map(({ view }) => view));
    const tables = await this.withSheets(payload.tables);
    await before?.catch(() => null);
    this.live?.end();
    const coordinator = new PageCoordinator(Promise.resolve(this.kernel.engine(payload.generation)));
    const page = new Page({ ...payload, tables }, coordinator, this.address);
    this.address.follow(page);
    return (this.live = new Live(page));
  }

  /** The tables with addresses of their sheets' bytes, each asked for once. */
  private async withSheets(tables: Tables): Promise<Tables> {
    const found = Object.entries(tables).map(async ([name, table]): Promise<[string, Table]> => {
      const media = await Promise.all(table.media.map((sheet) => this.withBytes(sheet)));
      return [name, { ...table, media }];
    });
    return Object.fromEntries(await Promise.all(found));
  }

  private async withBytes(sheet: Media): Promise<Media> {
    const url = this.sheets.get(sheet.url) ?? this.fetched(sheet.url);
    this.sheets.set(sheet.url, url);
    url.catch(() => this.sheets.delete(sheet.url));
    return { ...sheet, url: await url };
  }

  private async fetched(name: string): Promise<string> {
    const bytes = await this.kernel.ask("sheet", { name });
    return URL.createObjectURL(new Blob(bytes as Uint8Array<ArrayBuffer>[], { type: "image/webp" }));
  }
}

/** A figure that answers, and the output it stands in. */
interface Shown {
  figure: LiveFigure;
  place: HTMLElement;
}

/** The page while its tables stay what they are, and its views. */
class Live {
  private readonly shown = new Map<string, Shown>();

  constructor(readonly page: Page) {}

  async show({ markup, place }: Output): Promise<void> {
    const figures = pageWith(markup, place).flatMap((element) => this.enlivened(element, place));
    await Promise.all(figures.map((figure) => figure.start()));
    figures.forEach(addMenu);
    await Promise.all(figures.map((figure) => figure.idle()));
  }

  private enlivened(element: HTMLElement, place: HTMLElement): LiveFigure[] {
    const request = this.page.payload.views.find((each) => each.id === element.id);
    const view = request && findView(request.view);
    if (!view) return [];
    this.remove(request.id);
    const figure = new LiveFigure(this.page, element, request, view);
    this.shown.set(request.id, { figure, place });
    return [figure];
  }

  /** The output is gone. */
  leave(place: HTMLElement): void {
    for (const [id, shown] of [...this.shown]) if (shown.place === place) this.remove(id);
  }

  private remove(id: string): void {
    const found = this.shown.get(id);
    if (!found) return;
    found.figure.end();
    this.shown.delete(id);
    if (isUnseen(found.place)) found.place.remove();
    else if (found.place.isConnected) retire(found.figure.figure);
  }

  /** Shows outputs that are not live yet, or no longer; what holds a selection and is in none of them is mounted unseen. */
  async complete(outputs: Iterable<Output>, kernel: Kernel): Promise<void> {
    const places = new Set([...this.shown.values()].map(({ place }) => place));
    for (const output of [...outputs].reverse()) {
      const isMissing = idsOf(output.markup).some((id) => !this.shown.has(id));
      if (isMissing && !places.has(output.place)) await this.show(output);
    }
    for (const id of Object.keys(this.page.state.views))
      if (!this.shown.has(id)) await this.showUnseen(id, kernel);
  }

  private async showUnseen(id: string, kernel: Kernel): Promise<void> {
    const [markup] = await kernel.ask("figure", { id });
    if (this.shown.has(id)) return;
    const place = document.createElement("div");
    place.dataset["unseen"] = "";
    place.inert = true;
    layer().append(place);
    await this.show({ markup: new TextDecoder().decode(markup), place });
  }

  end(): void {
    for (const id of [...this.shown.keys()]) this.remove(id);
  }
}

function isUnseen(place: HTMLElement): boolean {
  return place.dataset["unseen"] !== undefined;
}

function idsOf(markup: string): string[] {
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  return [...parsed.querySelectorAll("figure.view")].map(({ id }) => id);
}
