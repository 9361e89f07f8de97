/**
 * The live half of the duplicates: moves the line, chooses kinds, selects groups and members, compares two. What the line
 * makes is worked out of answers that are there, so it follows the hand.
 */
import { clausePoints } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { Parts, walkCards } from "../../src/live/parts.ts";
import { play } from "../../src/live/sound.ts";
import { formatNumber } from "../../src/markup.ts";
import { fitting, MOST_SELECTED, toggled, type Id } from "../../src/selected.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { WAYS, type Way } from "./audit.ts";
import { placeOf, STEPS } from "./controls.ts";
import { EXACT, type Options } from "./options.ts";
import { drawDifference } from "./pixels.ts";
import { sceneOf, type Scene } from "./scene.ts";
import { readState, writeState, type DuplicatesState } from "./state.ts";
import { describe, framedOf, partsOf, view } from "./view.ts";
import { say } from "../../src/words.ts";

/** Side of the drawn difference, in px, as of the images beside it. */
const SIDE = 128;

class LiveDuplicates implements LiveView {
  private readonly options: Options;
  private readonly parts: Parts;
  private state: DuplicatesState;
  private results: Results | null = null;
  private scene: Scene | null = null;

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, {});
    this.parts = new Parts(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("input", (event) => this.moved(event.target as HTMLElement, "drag"));
    body.addEventListener("change", (event) => this.moved(event.target as HTMLElement, "commit"));
    body.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(results: Results): Promise<void> {
    this.results = results;
    return this.paint();
  }

  foresee(_results: Results, written: ViewState): void {
    const read = readState(this.options, written);
    if (read.ids.length) this.host.select(this.clause(read));
  }

  restore(written: ViewState | null): void {
    const had = this.state.ids.length > 0;
    this.state = readState(this.options, written ?? {});
    if (had || this.state.ids.length) this.host.select(this.clause());
    void this.paint();
  }

  private async paint(): Promise<void> {
    const { results, host, options } = this;
    if (!results || !["members", "passing"].every((name) => name in results)) return;
    this.scene = sceneOf(options, results, this.state);
    this.frame(this.scene);
    this.parts.show(partsOf(this.scene, host.context));
    this.showLine(this.scene);
    host.figure.querySelector(":scope > .view-description")?.replaceChildren(describe(this.scene));
    updateFrame(host.figure, framedOf(this.scene, host.context));
    await this.compare(this.scene);
  }

  /** The view's own elements, where an error took their place. */
  private frame(scene: Scene): void {
    const { body, context } = this.host;
    if (body.querySelector("[data-part=groups]")) return;
    body.innerHTML = view.render(this.options, scene.results, writeState(this.state), context).body.text;
    this.parts.forget();
  }

  private showLine({ drawn }: Scene): void {
    const slider = this.host.body.querySelector<HTMLInputElement>("input[name=line]");
    if (!slider || !drawn) return;
    const { distance } = drawn.line;
    // While it is dragged it is where the hand is.
    if (this.state.line === null || Number(slider.value) !== placeOf(distance, drawn.reach))
      slider.value = String(placeOf(distance, drawn.reach));
    slider.setAttribute("aria-valuetext", say("distance {distance}", { distance: formatNumber(distance) }));
  }

  private async compare(scene: Scene): Promise<void> {
    const canvas = this.host.body.querySelector<HTMLCanvasElement>(".duplicates-difference canvas");
    const pair = scene.state.compare?.map((id) => scene.members.get(id));
    if (!canvas || !pair?.[0] || !pair[1] || canvas.dataset["drawn"]) return;
    canvas.dataset["drawn"] = "yes";
    const sheets = this.host.context.table.media.filter((each) => each.kind === "sprite");
    const [one, other] = [pair[0], pair[1]];
    const isSame = this.options.kinds.some(
      ({ name }, kind) =>
        EXACT.includes(name) && one.kinds[kind]! >= 0 && one.kinds[kind] === other.kinds[kind],
    );
    const said = await drawDifference(canvas, [one, other], sheets, { side: SIDE, isSame });
    canvas.setAttribute("aria-label", said);
    canvas.parentElement!.querySelector(".duplicates-difference-said")!.textContent = said;
  }

  /* Changing */

  private change(changed: Partial<DuplicatesState>, kind: Change = "commit"): void {
    this.state = { ...this.state, ...changed };
    const written = writeState(this.state);
    const clause = "ids" in changed ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
    void this.paint();
  }

  private clause({ ids } = this.state): ReturnType<typeof clausePoints> {
    const { source } = this.host;
    const values = ids.length ? ids.map((each) => [each]) : null;
    return clausePoints([columnRef(this.options.card.id.name)], values, {
      source,
      clients: this.host.clients(),
    });
  }

  /** All of them, or none where all are selected already. */
  private select(ids: readonly Id[]): void {
    const isAll = ids.length === this.state.ids.length && ids.every((id) => this.state.ids.includes(id));
    this.change({ ids: isAll ? [] : fitting(ids.slice(0, MOST_SELECTED)) });
  }

  private moved(target: HTMLElement, kind: Change): void {
    const drawn = this.scene?.drawn;
    if (!drawn) return;
    if (target.matches("input[name=loose]")) {
      if (kind === "commit") this.change({ isLoose: !(target as HTMLInputElement).checked });
    } else if (target.matches("input[name=line]")) {
      const line = (Number((target as HTMLInputElement).value) / STEPS) * drawn.reach;
      this.change({ line: Number(Math.min(line, drawn.end).toPrecision(6)), kind: "near" }, kind);
    }
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>(".sample");
    if (card) return this.pick(card, event.ctrlKey || event.metaKey || event.shiftKey);
    const button = target.closest<HTMLElement>("button");
    const sound = button?.dataset["play"];
    if (sound !== undefined)
      void play(this.host, this.options.card, JSON.parse(sound), button!.closest("li")!);
    else if (button && this.scene) this.act(button.dataset, this.scene);
  }

  private pick(card: HTMLElement, keep: boolean): void {
    const id = JSON.parse(card.dataset["id"]!) as Id;
    this.change({ ids: fitting(toggled(this.state.ids, id, keep)) });
  }

  private act(data: DOMStringMap, scene: Scene): void {
    const { kind, rule, select, open, compare, cell, action } = data;
    if (kind !== undefined) this.change({ kind, groups: null });
    if (rule !== undefined) this.drawBy(rule);
    if (select !== undefined) this.select(scene.groups[Number(select)]!.members.map(({ id }) => id));
    if (open !== undefined) this.open(JSON.parse(open) as Id);
    if (compare !== undefined) this.show(JSON.parse(compare) as [Id, Id]);
    if (cell !== undefined) this.selectCell(JSON.parse(cell) as [Way, string, string], scene);
    if (action === "more")
      this.change({ groups: (this.state.groups ?? this.options.groups) + this.options.groups });
  }

  /** Draws the line by a rule; by the one that the table's own groups were made with where none is named. */
  private drawBy(rule: string): void {
    this.change({ rule: rule || null, line: null, ...(rule ? { kind: "near" } : {}) });
  }

  private open(key: Id): void {
    this.change({ opened: toggled(this.state.opened, key, true) });
  }

  private show(pair: [Id, Id]): void {
    const isShown = this.state.compare?.every((id) => pair.includes(id));
    this.change({ compare: isShown ? null : pair });
  }

  private selectCell([way, split, other]: readonly [Way, string, string], { audit }: Scene): void {
    if (!WAYS.includes(way)) return;
    const cell = audit?.matrix[way].find((each) => each.split === split && each.other === other);
    if (cell) this.select(cell.repeated.map(({ id }) => id));
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === "Escape" && this.state.ids.length && !target.matches("input")) {
      event.preventDefault();
      this.change({ ids: [] });
      return;
    }
    const list = target.matches(".sample") ? target.closest("ul") : null;
    if (list && !event.altKey && walkCards(list, target, event.key)) event.preventDefault();
  }
}

export const live: LiveFactory = (host) => new LiveDuplicates(host);
