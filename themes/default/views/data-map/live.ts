/** The live half of a map: countries are selected on the map and in the list, and filter the other views. */
import type { SelectionClause } from "@uwdata/mosaic-core";
import { clauseOf } from "../../src/live/clause.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { Parts } from "../../src/live/parts.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import type { Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { condition, readSelected, writeSelected, type Selected } from "./state.ts";
import { countryInWords, framedOf, partsOf, shownOf, view, type Shown } from "./view.ts";

class LiveMap implements LiveView {
  private readonly options: Options;
  private readonly parts: Parts;
  private readonly tooltip: Tooltip;
  private keys: Selected = [];
  private results: Results | null = null;
  private shown: Shown | null = null;

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.parts = new Parts(host.body);
    this.tooltip = new Tooltip(host.body);
    host.body.addEventListener("click", (event) => this.clicked(event));
    host.body.addEventListener("pointermove", (event) => this.move(event));
    host.body.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(results: Results): void {
    this.results = results;
    const wasShown = this.shown !== null;
    this.paint();
    // Only now it is known how the rows write the countries that a link names.
    if (!wasShown && this.keys.length) this.host.select(this.clause());
  }

  restore(written: ViewState | null): void {
    const before = this.keys;
    this.keys = readSelected(written ?? {});
    if (this.shown && (before.length || this.keys.length)) this.host.select(this.clause());
    this.paint();
  }

  private paint(): void {
    const { results, host, options } = this;
    if (!results) return;
    const written = writeSelected(this.keys);
    if (!host.body.querySelector("[data-part=map]")) {
      host.body.innerHTML = view.render(options, results, written, host.context).body.text;
      this.parts.forget();
    }
    this.shown = shownOf(options, results, written);
    const isUnfolded = host.body.querySelector<HTMLDetailsElement>(".map-rest")?.open ?? false;
    this.parts.show(partsOf(this.shown));
    const rest = host.body.querySelector<HTMLDetailsElement>(".map-rest");
    if (rest) rest.open = isUnfolded;
    updateFrame(host.figure, framedOf(this.shown));
  }

  private clause(): SelectionClause {
    return clauseOf(this.host, condition(this.options, this.keys, this.shown!.places.whole));
  }

  private change(keys: Selected): void {
    this.keys = keys;
    const written = writeSelected(keys);
    this.host.publish(Object.keys(written).length ? written : null, this.clause(), "commit");
    this.paint();
  }

  private clicked(event: MouseEvent): void {
    const key = countryAt(event);
    if (key === null || !this.shown?.places.whole.has(key)) return;
    const keeps = event.shiftKey || event.ctrlKey || event.metaKey;
    const others = this.keys.filter((each) => each !== key);
    const isIn = others.length < this.keys.length;
    if (keeps) this.change(isIn ? others : [...this.keys, key]);
    else this.change(isIn && others.length === 0 ? [] : [key]);
  }

  private move(event: PointerEvent): void {
    const key = countryAt(event);
    if (key === null || !this.shown) return this.tooltip.hide();
    this.tooltip.show(event, countryInWords(this.shown, key));
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.keys.length === 0) return;
    event.preventDefault();
    this.change([]);
  }
}

function countryAt(event: Event): string | null {
  return (event.target as Element).closest<HTMLElement>("[data-country]")?.dataset["country"] ?? null;
}

export const live: LiveFactory = (host) => new LiveMap(host);
