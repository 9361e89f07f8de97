/**
 * What passes and what was selected, said to those who hear the page, for tables that no toolbar speaks for: the toolbar
 * says the same of its own.
 */
import type { ExprNode } from "@uwdata/mosaic-sql";
import { scalar } from "../data/result.ts";
import { countOf } from "../data/rows.ts";
import type { Relation } from "../page.ts";
import { sentence } from "../selected.ts";
import { say } from "../words.ts";
import type { Page } from "./page.ts";
import { chipsOf } from "./words.ts";

/** How long a page rests before it speaks, in ms: as the toolbar. */
const QUIET = 500;

export function announceSelections(page: Page): void {
  const told = new Set(
    page.payload.views
      .filter(({ view }) => view === "toolbar")
      .map((request) => page.context(request).table.relation),
  );
  const silent = page.payload.relations.filter(({ name }) => !told.has(name) && !page.missing.has(name));
  if (silent.length) new Announcer(page, silent);
}

class Announcer {
  private readonly place = document.createElement("p");
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What narrowed each relation when it was last spoken of. */
  private readonly heard = new Map<string, string>();

  constructor(
    private readonly page: Page,
    private readonly relations: readonly Relation[],
  ) {
    this.place.className = "visually-hidden page-said";
    this.place.setAttribute("role", "status");
    document.querySelector("main")?.append(this.place);
    for (const { name } of relations) this.heard.set(name, this.narrowed(name));
    page.listen(() => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.speak(), QUIET);
    });
  }

  private narrowed(relation: string): string {
    return JSON.stringify(chipsOf(this.page, relation, this.page.state).map(({ text }) => text));
  }

  private async speak(): Promise<void> {
    const changed = this.relations.filter(({ name }) => this.narrowed(name) !== this.heard.get(name));
    for (const { name } of changed) this.heard.set(name, this.narrowed(name));
    if (changed.length === 0 || this.page.isLost) return;
    const said = await Promise.all(changed.map((relation) => this.inWords(relation)));
    this.place.textContent = said.join("; ");
  }

  private async inWords({ name, rows, tables }: Relation): Promise<string> {
    // For a client of none of the page's views every selection counts.
    const passing = this.page.selection(name).predicate(null as never) as ExprNode[] | null;
    const query = countOf({ relation: name, member: null }, passing?.length ? passing : null);
    const answer = await this.page.coordinator.answer(query);
    const noun = say("rows of {table}", { table: tables.map((table) => table.name).join(", ") });
    return sentence(scalar(answer, "rows"), rows, noun, chipsOf(this.page, name, this.page.state));
  }
}
