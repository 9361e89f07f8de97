/** The live half of a map: countries are selected on the map and in the list, and filter the other views. */
import type { SelectionClause } from "@uwdata/mosaic-core";
import { clauseOf } from "../../src/live/clause.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { Parts } from "../../src/live/parts.ts";
import { isUnfoldedIn, unfolding } from "../../src/live/rest.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import type { Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { everywhereOf } from "./places.ts";
import { condition, readState, writeState, type MapState } from "./state.ts";
import { countryInWords, framedOf, partsOf, shownOf, view, type Shown } from "./view.ts";

class LiveMap implements LiveView {
  private readonly options: Options;
  private readonly parts: Parts;
  private readonly tooltip: Tooltip;
  private state: MapState = readState({});
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
    if (!wasShown && isUnfoldedIn(this.host.body)) this.change({ isUnfolded: true }, "adjust");
    this.paint();
    // Only now it is known how the rows write the countries that a link names.
    if (!wasShown && this.state.countries.length) this.host.select(this.clause());
  }

  foresee(results: Results, written: ViewState): void {
    const { countries } = readState(written);
    if (countries.length) this.host.select(this.clause(countries, results));
  }

  restore(written: ViewState | null): void {
    const before = this.state.countries;
    this.state = readState(written ?? {});
    if (this.shown && (before.length || this.state.countries.length)) this.host.select(this.clause());
    this.paint();
  }

  private paint(): void {
    const { results, host, options } = this;
    if (!results) return;
    const written = writeState(this.state);
    if (!host.body.querySelector("[data-part=map]")) {
      host.body.innerHTML = view.render(options, results, written, host.context).body.text;
      this.parts.forget();
    }
    this.shown = shownOf(options, results, written, host.context);
    this.parts.show(partsOf(this.shown));
    updateFrame(host.figure, framedOf(this.shown));
  }

  private clause(countries = this.state.countries, results = this.results!): SelectionClause {
    return clauseOf(this.host, condition(this.options, countries, everywhereOf(results)));
  }

  private change(changed: Partial<MapState>, kind: Change = "commit"): void {
    this.state = { ...this.state, ...changed };
    const written = writeState(this.state);
    const clause = "countries" in changed ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
    this.paint();
  }

  private clicked(event: MouseEvent): void {
    const isUnfolded = unfolding(event);
    if (isUnfolded !== null) return this.change({ isUnfolded });
    const key = countryAt(event);
    if (key === null || !this.shown?.places.whole.has(key)) return;
    this.choose(key, event.shiftKey || event.ctrlKey || event.metaKey);
  }

  private choose(key: string, keeps: boolean): void {
    const { countries: keys } = this.state;
    const others = keys.filter((each) => each !== key);
    const isIn = others.length < keys.length;
    if (keeps) this.change({ countries: isIn ? others : [...keys, key] });
    else this.change({ countries: isIn && others.length === 0 ? [] : [key] });
  }

  private move(event: PointerEvent): void {
    const key = countryAt(event);
    if (key === null || !this.shown) return this.tooltip.hide();
    this.tooltip.show(event, countryInWords(this.shown, key));
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.state.countries.length === 0) return;
    event.preventDefault();
    this.change({ countries: [] });
  }
}

function countryAt(event: Event): string | null {
  return (event.target as Element).closest<HTMLElement>("[data-country]")?.dataset["country"] ?? null;
}

export const live: LiveFactory = (host) => new LiveMap(host);
