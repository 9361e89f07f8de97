/** The live half of the review: walks the list, decides by key and click, takes steps back, exports and imports. */
import { correctionsOf, type Corrections } from "../../src/corrections/corrections.ts";
import type { Action, Decision } from "../../src/corrections/journal.ts";
import { BarBrush } from "../../src/live/brush.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { siteOf } from "../../src/live/site.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { formatCount, formatNumber } from "../../src/markup.ts";
import { messageOf } from "../../src/problem.ts";
import { fitting, toggled, type Id } from "../../src/selected.ts";
import { scalar } from "../../src/data/result.ts";
import type { Results } from "../../src/view.ts";
import { Band } from "./band.ts";
import { MOST_CONFLICTS } from "./conflicts.ts";
import { exportPatch, importPatch } from "./files.ts";
import { Known } from "./known.ts";
import type { Options } from "./options.ts";
import { decisionInWords, sceneOf, type Scene, type Work } from "./panels.ts";
import { BINS, condition, countsOf, lookedAmong, lookedAt, type Item } from "./queries.ts";
import { readState, writeState, type ReviewState } from "./state.ts";
import { DEEDS, framedOf, partsOf, view } from "./view.ts";
import { steppedTo } from "./walking.ts";
import { say, sayCount } from "../../src/words.ts";

const MEANING: Meaning<Options, ReviewState> = {
  ...{ view, read: readState, write: writeState, condition },
  selecting: ["range", "ids"],
  asking: ({ order, rows, range, ids, at }) => [order, rows, range, ids, at],
};

/** Deeds that are told of one by one. */
const MOST_DEEDS = 4;

class LiveReview extends StatedView<Options, ReviewState> {
  private readonly corrections: Corrections;
  private readonly brush: BarBrush;
  private scene: Scene | null = null;
  /** Samples of which was asked last, outside of a change. */
  private asked = "";
  private readonly known: Known;
  /** What hands and keys did before there was a list to do it to. */
  private early: (() => void)[] = [];
  /** While a decision is taken on, which is drawn once, with the step to the next sample. */
  private isDeciding = false;
  /** The end of the list, where the next samples are awaited. */
  private waiting: { place: number; keys: KeyboardEvent[] } | null = null;
  /** Where selecting by shift and arrow keys began. */
  private anchor: Id | null = null;

  constructor(host: Host) {
    super(host, MEANING);
    this.corrections = correctionsOf(siteOf(host.page.payload), host.context.table.name);
    this.known = new Known(host, this.options);
    this.corrections.listen(() => this.heard(), host.signal);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("change", (event) => void this.changed(event.target as HTMLInputElement));
    body.addEventListener("keydown", (event) => this.pressed(event));
    this.brush = new BarBrush(body, new Tooltip(body), {
      plot: ".familiarity-plot",
      bins: BINS,
      domain: () => [0, 1],
      range: () => this.state.range,
      words: (bin) => this.binInWords(bin),
      select: (range, kind) => this.change({ range, rows: null, at: null }, kind),
    });
    new Band(
      () => body.querySelector<HTMLElement>(".review-frame"),
      (cards, keep) => this.banded(cards, keep),
      body,
    );
    void this.corrections.ready.then(() => this.signed());
  }

  /** The work is another, by this view or by others. */
  private heard(): void {
    if (this.isDeciding) return;
    this.paint();
    const { decisions, conflicts } = this.corrections;
    const drawn = conflicts.slice(0, MOST_CONFLICTS).map(({ theirs }) => theirs.id);
    this.known
      .find(decisions.keys(), drawn)
      .then((isNew) => isNew && this.paint())
      .catch((error: unknown) => this.say(messageOf(error)));
  }

  /* Drawing */

  protected paint(): void {
    const { results, host, options } = this;
    const names = ["total", "count", "whole", "bins", "items", "listed"];
    if (!results || !names.every((name) => name in results)) return;
    this.ensure("list", results);
    this.scene = sceneOf(options, results, this.state, host.context, this.work);
    const { scores, detail, ...others } = partsOf(this.scene);
    // The plot keeps the pointer while it is dragged, so only what is in it is drawn anew.
    if (this.brush.isHeld) this.brush.redraw(scores?.text ?? "");
    else this.parts.show({ scores: scores ?? null });
    // What is told of a sample stays until the answer about the next one is here.
    if (this.scene.looked.length || !this.items.length) this.parts.show({ detail: detail ?? null });
    else this.askAbout(results);
    this.parts.show(others);
    this.brush.showCursor();
    updateFrame(host.figure, framedOf(this.scene));
    this.resume();
    this.catchUp();
  }

  /** What was done too early is done now. */
  private catchUp(): void {
    if (this.isReady) for (const act of this.early.splice(0)) act();
  }

  private get work(): Work {
    const { decisions, canUndo, canRedo, problem, conflicts } = this.corrections;
    const { samples, tiles } = this.known;
    return { decisions, canUndo, canRedo, problem, conflicts, samples, tiles };
  }

  /** Whether there is a list to decide of, and what was decided of it before. */
  private get isReady(): boolean {
    return this.scene !== null && this.corrections.isReady;
  }

  private whenReady(act: () => void): void {
    if (this.isReady) act();
    else this.early.push(act);
  }

  /** Filters may have made another sample the first, of which nothing is known yet. */
  private askAbout(results: Results): void {
    const about = JSON.stringify(lookedAt(this.state, results));
    if (about === this.asked) return;
    this.asked = about;
    this.host.requery();
  }

  private say(text: string): void {
    this.host.body.querySelector(".review-said")!.textContent = text;
  }

  private field(name: string): HTMLInputElement {
    return this.host.body.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
  }

  private signed(): void {
    const field = this.host.body.querySelector<HTMLInputElement>("input[name=who]");
    if (field && !field.value) field.value = this.corrections.who;
  }

  private binInWords(bin: number): { name: string; value: string }[] {
    const [low, high] = this.brush.rangeOf(bin, bin);
    return [
      {
        name: this.options.score.name,
        value: say("{low} to {high}", { low: formatNumber(low), high: formatNumber(high) }),
      },
      { name: say("Samples"), value: formatCount(countsOf(this.results?.["whole"])[bin]!) },
    ];
  }

  /* Where the keys are */

  private get items(): readonly Item[] {
    return this.scene?.items ?? [];
  }

  private get at(): number {
    const place = this.items.findIndex(({ id }) => id === this.state.at);
    return Math.max(0, place);
  }

  private goTo(place: number, selecting = false): void {
    const { items } = this;
    const item = items[Math.max(0, Math.min(items.length - 1, place))];
    if (!item) return;
    const rows = this.rowsFor(place);
    const ids = selecting ? this.between(item.id) : this.state.ids;
    if (!selecting) this.anchor = null;
    this.change({ at: item.id, rows, ...(selecting ? { ids } : {}) }, selecting ? "commit" : "adjust");
    // Where the next samples came meanwhile, the keys that waited for them have led on.
    if (this.state.at === item.id) this.focus(item.id);
  }

  /** How long the list is to be for somebody who is there: longer, near its end. */
  private rowsFor(place: number): number | null {
    const { length } = this.items;
    const { rows } = this.state;
    return place < length - 4 || length < (rows ?? this.options.rows) ? rows : length + this.options.rows;
  }

  /** Selects from where shift was first held to here. */
  private between(id: Id): Id[] {
    this.anchor ??= this.items[this.at]?.id ?? id;
    const places = [this.anchor, id].map((each) => this.items.findIndex((item) => item.id === each));
    const [first, last] = [Math.min(...places), Math.max(...places)];
    return fitting(this.items.slice(Math.max(0, first), last + 1).map((item) => item.id));
  }

  private focus(id: Id): void {
    const selector = `.review-list [data-id="${CSS.escape(JSON.stringify(id))}"]`;
    this.host.body.querySelector<HTMLElement>(selector)?.focus();
  }

  private banded(cards: readonly HTMLElement[], keep: boolean): void {
    const ids = cards.map((card) => JSON.parse(card.dataset["id"]!) as Id);
    const kept = keep ? this.state.ids : [];
    const first = ids[0];
    this.change({
      ids: fitting([...new Set([...kept, ...ids])]),
      ...(first === undefined ? {} : { at: first }),
    });
    if (first !== undefined) this.focus(first);
  }

  /* Deciding */

  private deed(deed: string): void {
    const targets = lookedAmong(this.state, this.items);
    if (deed === "withdraw") return this.withdraw(targets);
    if (deed === "accept") return this.acceptPrediction(targets);
    const action = deed as Action;
    this.take(targets, (item) => this.decision(item, action, action === "delete" ? null : item.label, ""));
  }

  private withdraw(targets: readonly Item[]): void {
    const decided = targets.filter(({ id }) => this.corrections.decisions.has(id));
    if (decided.length === 0) return this.say(say("There is nothing to withdraw."));
    this.take(decided, () => null);
  }

  private acceptPrediction(targets: readonly Item[]): void {
    const predicted = targets.filter(({ prediction }) => prediction !== null);
    if (predicted.length === 0) return this.say(say("There is no prediction to accept."));
    this.take(predicted, (item) =>
      this.decision(item, "relabel", item.prediction, say("the model's prediction")),
    );
  }

  private decision(item: Item, action: Action, label: string | null, reason: string): Decision {
    const note = this.field("why").value.trim();
    return {
      ...{ id: item.id, old: item.label, label, who: this.corrections.who },
      // To give a sample the label that it has is to confirm it.
      action: action === "relabel" && label === item.label ? "confirm" : action,
      ...{ when: new Date().toISOString(), why: [reason, note].filter(Boolean).join("; ") },
      ...{ rank: item.rank ?? null, prediction: item.prediction },
    };
  }

  private take(targets: readonly Item[], of: (item: Item) => Decision | null): void {
    if (targets.length === 0) return;
    const last = Math.max(...targets.map(({ id }) => this.items.findIndex((item) => item.id === id)));
    this.known.note(targets);
    this.isDeciding = true;
    this.corrections.decide(targets.map((item) => [item.id, of(item)] as const));
    this.isDeciding = false;
    this.tellOf(targets);
    if (this.state.ids.length) this.change({ ids: [] });
    const next = this.items.findIndex(({ id }, place) => place > last && !this.corrections.decisions.has(id));
    if (next < 0 && this.hasMore) this.await(last);
    this.goTo(next < 0 ? last : next);
  }

  /** Says what was decided. A reason is one decision's. */
  private tellOf(targets: readonly Item[]): void {
    const [first] = targets;
    const { decisions } = this.corrections;
    if (decisions.has(first!.id)) this.field("why").value = "";
    const deeds = targets.map(({ id }) => {
      const made = decisions.get(id);
      return made ? decisionInWords(made) : say("withdrawn");
    });
    this.say(
      targets.length > 1
        ? say("{n} decided: {what}.", { n: formatCount(targets.length), what: inWords(deeds) })
        : `${String(first!.id)}: ${deeds[0]!}.`,
    );
  }

  /** Whether samples follow that are not here yet. */
  private get hasMore(): boolean {
    return this.items.length < scalar(this.results!["listed"]!, "rows");
  }

  /** Keys that are pressed before the next samples are here are for those. */
  private await(place: number): void {
    this.waiting = { place, keys: [] };
  }

  private resume(): void {
    const { waiting, items } = this;
    if (!waiting || (items.length <= waiting.place + 1 && this.hasMore)) return;
    this.waiting = null;
    this.goTo(waiting.place + 1);
    for (const event of waiting.keys) this.pressedLate(event);
  }

  private relabel(typed: string): void {
    const { classes } = this.host.context.table;
    const begins = classes.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
    const label = classes.includes(typed) ? typed : begins.length === 1 ? begins[0]! : null;
    if (typed === "" || label === null) {
      this.say(
        begins.length
          ? say("“{typed}” is the beginning of several classes.", { typed })
          : say("“{typed}” is no class.", { typed }),
      );
      return;
    }
    this.field("label").value = "";
    this.take(lookedAmong(this.state, this.items), (item) => this.decision(item, "relabel", label, ""));
  }

  private step(way: "undo" | "redo"): void {
    const ids = this.corrections[way]();
    const [first] = ids;
    if (first === undefined)
      return this.say(way === "undo" ? say("There is nothing to undo.") : say("There is nothing to redo."));
    const n = formatCount(ids.length);
    this.say(
      way === "undo"
        ? sayCount(ids.length, "Undone: {n} decision.", "Undone: {n} decisions.", { n })
        : sayCount(ids.length, "Redone: {n} decision.", "Redone: {n} decisions.", { n }),
    );
    const place = this.items.findIndex(({ id }) => id === first);
    if (place >= 0) this.goTo(place);
  }

  /* Hands and keys */

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>(".review-list .sample");
    if (card) return this.whenReady(() => this.pick(card, event));
    const button = target.closest<HTMLElement>("button");
    if (button) this.whenReady(() => this.act(button.dataset));
  }

  private pick(card: HTMLElement, event: MouseEvent): void {
    const id = JSON.parse(card.dataset["id"]!) as Id;
    if (event.shiftKey)
      return this.goTo(
        this.items.findIndex((item) => item.id === id),
        true,
      );
    this.anchor = null;
    const keep = event.ctrlKey || event.metaKey;
    this.change({ at: id, ids: fitting(toggled(this.state.ids, id, keep)) });
  }

  private act({ deed, action, order, keep, conflict }: DOMStringMap): void {
    if (deed !== undefined) this.deed(deed);
    if (order === "doubtful" || order === "random") this.change({ order, rows: null, at: null });
    if (action === "undo" || action === "redo") this.step(action);
    if (action === "reset") this.host.page.reset();
    if (action === "json" || action === "parquet")
      this.say(exportPatch(action, this.corrections, { table: this.host.context.table.name }));
    if (keep !== undefined) this.settle(Number(conflict), keep === "theirs");
  }

  /** Ends one of the conflicts with another person's patch. */
  private settle(index: number, isTheirs: boolean): void {
    const conflict = this.corrections.conflicts[index];
    if (!conflict) return;
    if (isTheirs) this.corrections.decide([[conflict.theirs.id, conflict.theirs]]);
    this.corrections.settle(conflict.theirs);
  }

  private async changed(target: HTMLInputElement): Promise<void> {
    if (target.name === "who") this.corrections.sign(target.value.trim().slice(0, 100));
    if (target.name !== "patch") return;
    const file = target.files?.[0];
    target.value = "";
    if (!file) return;
    await this.corrections.ready;
    this.say(await importPatch(file, this.corrections, this.known, this.host.context.table));
  }

  private pressed(event: KeyboardEvent, target = event.target as HTMLInputElement): void {
    if (target.matches("input")) return this.typed(target, event);
    if (target.matches(".familiarity-plot")) return this.pressedOnScores(event);
    if (event.altKey) return;
    if (this.waiting || !this.isReady) return this.keep(event);
    this.follow(target);
    if (this.commanded(event) || this.walked(target, event)) event.preventDefault();
  }

  /** Screen readers put the focus on a card with no key and no click: keys are for the card that has it. */
  private follow(target: HTMLElement): void {
    const said = target.closest<HTMLElement>(".review-list .sample")?.dataset["id"];
    const item = said && this.items.find(({ id }) => JSON.stringify(id) === said);
    if (item && item !== this.items[this.at]) this.change({ at: item.id }, "adjust");
  }

  private pressedOnScores(event: KeyboardEvent): void {
    if (event.key !== "Escape") this.brush.walk(event);
    else if (this.letGo()) event.preventDefault();
  }

  /** Keeps a key for what it is meant for. */
  private keep(event: KeyboardEvent): void {
    if (!isKept(event)) return;
    event.preventDefault();
    if (this.waiting) this.waiting.keys.push(event);
    else this.early.push(() => this.pressedLate(event));
  }

  /** What was done before may have led the focus elsewhere: a key goes where it is by now. */
  private pressedLate(event: KeyboardEvent): void {
    const { activeElement } = document;
    const isHere = activeElement && activeElement !== document.body && this.host.body.contains(activeElement);
    this.pressed(event, (isHere ? activeElement : event.target) as HTMLInputElement);
  }

  private typed(target: HTMLInputElement, event: KeyboardEvent): void {
    if (event.key === "Escape") {
      if (target.name === "label") target.value = "";
      this.goTo(this.at);
    }
    if (event.key !== "Enter" || target.name !== "label") return;
    event.preventDefault();
    this.relabel(target.value.trim());
  }

  /** Without a decision to take back, the keys that every page has are the page's. */
  private stepped(way: "undo" | "redo", isHeld: boolean): boolean {
    const { canUndo, canRedo } = this.corrections;
    if (isHeld && !(way === "undo" ? canUndo : canRedo)) return false;
    this.step(way);
    return true;
  }

  private commanded(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    const held = event.ctrlKey || event.metaKey;
    const step = stepOf(event);
    if (step) return this.stepped(step, held);
    if (held && key === "a") this.change({ ids: fitting(this.items.map(({ id }) => id)) });
    if (held) return key === "a";
    if (key === "o") {
      this.field("label").focus();
      return true;
    }
    const found = DEEDS.find((each) => each.key.toLowerCase() === key);
    if (found) this.deed(found.deed);
    return found !== undefined;
  }

  /** Lets go of what is selected; false where nothing is. */
  private letGo(): boolean {
    if (!this.state.ids.length && !this.state.range) return false;
    this.brush.forget();
    this.change({ ids: [], range: null });
    return true;
  }

  private walked(target: HTMLElement, event: KeyboardEvent): boolean {
    if (event.key === "Escape" && this.letGo()) return true;
    if (!target.matches(".sample, .review-frame")) return false;
    if (event.key === " ") {
      const id = this.items[this.at]?.id;
      if (id !== undefined) this.change({ ids: fitting(toggled(this.state.ids, id, true)) });
      return true;
    }
    const to = steppedTo(this.host.body, this.at, this.items.length, event.key);
    if (to === null) return false;
    this.goTo(to, event.shiftKey);
    return true;
  }
}

/** What was done to several, each deed once: a prediction is another one for each. */
function inWords(deeds: readonly string[]): string {
  const found = [...new Set(deeds)];
  const rest = found.length - MOST_DEEDS;
  const named = found.slice(0, MOST_DEEDS).join(", ");
  return rest > 0 ? say("{shown} and {more} more", { shown: named, more: formatCount(rest) }) : named;
}

/** Which way a key leads through what was done; null for other keys. */
function stepOf({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): "undo" | "redo" | null {
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return (ctrlKey || metaKey) && key.toLowerCase() === "y" ? "redo" : null;
}

/** Whether a key that comes too early is kept for later: not those that the browser moves the focus by. */
function isKept({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (["Tab", "Shift", "Control", "Alt", "Meta"].includes(key)) return false;
  return !(ctrlKey || metaKey) || ["a", "y", "z"].includes(key.toLowerCase());
}

export const live: LiveFactory = (host) => new LiveReview(host);
