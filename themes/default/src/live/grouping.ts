/** The groups of one figure: a part of it for each, with its heading, its place and its panel. */
import { column as columnRef, count, Query } from "@uwdata/mosaic-sql";
import { titleOf } from "../data/columns.ts";
import { scalar } from "../data/result.ts";
import { groupsQuery, readGroups, type Group, type Groups } from "../groups.ts";
import { formatCount, html } from "../markup.ts";
import type { Column } from "../page.ts";
import type { Context, Membership, Results } from "../view.ts";
import { collectFrames, joinedFrame, updateFrame, type Framed } from "./frame.ts";
import type { Page } from "./page.ts";
import type { Panel, PartPlace } from "./panel.ts";
import { say } from "../words.ts";

/** A part of the figure, and what was last drawn in it. */
interface Part {
  group: Group;
  /** Id of its heading. */
  heading: string;
  element: HTMLElement;
  body: HTMLElement;
  rows: number;
  drawing: Framed | null;
}

/** The least height of a drawing in a group, in px, and how much of the whole's it takes. */
const LOWEST = 200;
const SHARE = 0.75;

export class Grouping {
  readonly column: Column;
  panels: readonly Panel[] = [];
  /** The panels, those that are not ready yet included. */
  private made: readonly Panel[] = [];
  isEnded = false;
  private readonly page: Page;
  private readonly figure: HTMLElement;
  private readonly context: Context;
  private readonly place = document.createElement("div");
  private parts: readonly Part[] = [];
  private notices: string[] = [];
  private isWritten = false;
  /** Before all parts are drawn, what those that are count is no number of the figure's. */
  private isOpen = false;

  constructor(page: Page, figure: HTMLElement, context: Context, column: Column) {
    this.page = page;
    this.figure = figure;
    this.context = context;
    this.column = column;
  }

  /** Asks which groups there are, makes a panel for each, and shows them in the drawing's place. */
  async open(make: (place: PartPlace) => Panel): Promise<void> {
    const groups = await this.ask();
    if (this.isEnded) return;
    this.parts = await this.makeParts(groups);
    if (this.isEnded) return;
    this.show(groups);
    const peers: Results[] = [];
    const panels = this.parts.map((part) => make(this.placeOf(part, peers)));
    this.made = panels;
    for (const panel of panels) await panel.askUnfiltered();
    peers.push(...panels.map((panel) => panel.results));
    if (this.isEnded) return;
    this.panels = panels;
    await Promise.all(panels.map((panel) => panel.connect()));
  }

  /** All parts were drawn: from now on the figure tells what they show together. */
  opened(): void {
    this.isOpen = true;
    this.write();
  }

  /** Takes the groups away, and shows the whole again. */
  end(): void {
    this.isEnded = true;
    for (const panel of this.made) panel.end();
    this.place.remove();
    this.figure.querySelector<HTMLElement>(":scope > .view-body")!.hidden = false;
    delete this.figure.dataset["grouped"];
  }

  private async ask(): Promise<Groups> {
    const { relation, classes } = this.context.table;
    const answer = await this.page.coordinator.answer(groupsQuery(relation, this.column));
    return readGroups(this.column, answer, classes);
  }

  private makeParts({ groups }: Groups): Promise<Part[]> {
    return Promise.all(
      groups.map(async (group, index) => {
        const heading = `${this.context.request.id}-group-${index}`;
        const element = document.createElement("section");
        element.className = "view-panel";
        element.dataset["group"] = group.key;
        element.setAttribute("aria-labelledby", heading);
        element.innerHTML = html`<h4 class="view-panel-title" id="${heading}">
            <span class="view-panel-name" title="${group.label}">${group.label}</span>
            <span class="view-panel-count"></span>
          </h4>
          <div class="view-body"></div>`.text;
        const body = element.querySelector<HTMLElement>(".view-body")!;
        const part: Part = { group, heading, element, body, rows: await this.rowsOf(group), drawing: null };
        collectFrames(element, (drawing) => this.drawn(part, drawing));
        return part;
      }),
    );
  }

  private async rowsOf(group: Group): Promise<number> {
    const { relation, member } = this.context.table;
    const query = Query.from(relation).select({ rows: count() }).where(group.condition);
    if (member) query.where(columnRef(member));
    return scalar(await this.page.coordinator.answer(query), "rows");
  }

  private placeOf(part: Part, peers: readonly Results[]): PartPlace {
    const { request } = this.context;
    const { height } = request;
    const shorter = height === null ? null : Math.min(height, Math.max(LOWEST, Math.round(height * SHARE)));
    const { label, key, condition } = part.group;
    const group: Membership = { label, key, heading: part.heading, rows: part.rows, condition, peers };
    return {
      context: { ...this.context, request: { ...request, height: shorter }, group },
      figure: part.element,
      body: part.body,
      condition,
      answered: () => Promise.all(this.panels.map((panel) => panel.answered())),
    };
  }

  private show({ groups, others }: Groups): void {
    const whole = this.figure.querySelector<HTMLElement>(":scope > .view-body")!;
    const title = titleOf(this.column.name);
    this.place.className = "view-panels";
    this.place.setAttribute("role", "group");
    this.place.setAttribute("aria-label", say("By {column}", { column: title }));
    this.place.replaceChildren(...this.parts.map((part) => part.element));
    whole.hidden = true;
    whole.after(this.place);
    this.figure.dataset["grouped"] = this.column.name;
    const named = formatCount(groups.length - 1);
    if (others > 0)
      this.notices = [
        say(
          "The {named} most frequent of {groups} values of {column} have a panel each; the rest are together in the last.",
          { named, groups: formatCount(groups.length - 1 + others), column: this.column.name },
        ),
      ];
  }

  /** Counts of the part at once; the figure's frame when the parts of this turn are drawn. */
  private drawn(part: Part, drawing: Framed): void {
    part.drawing = drawing;
    part.element.dataset["rows"] = String(drawing.rows);
    part.element.dataset["total"] = String(drawing.total);
    part.element.querySelector(".view-panel-count")!.textContent = countOf(drawing);
    if (this.isWritten || !this.isOpen) return;
    this.isWritten = true;
    queueMicrotask(() => {
      this.isWritten = false;
      this.write();
    });
  }

  private write(): void {
    if (!this.isEnded) updateFrame(this.figure, this.frame());
  }

  private frame(): Framed {
    const drawn = this.parts.flatMap(({ group, drawing }) =>
      drawing ? [{ label: group.label, drawing }] : [],
    );
    const joined = joinedFrame(titleOf(this.column.name), drawn);
    return {
      rows: joined.rows,
      total: joined.total,
      notices: [...this.notices, ...joined.notices],
      get data() {
        return joined.data;
      },
    };
  }
}

function countOf({ rows, total }: Framed): string {
  return rows === total
    ? formatCount(total)
    : say("{rows} of {total}", { rows: formatCount(rows), total: formatCount(total) });
}
