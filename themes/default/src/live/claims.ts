/**
 * Asks the page's claims again, of the page's own engine: over all rows, where the answer is to be the build's, and over
 * those that the reader selected. What is asked is as the build wrote it; a selection only leaves rows out.
 */
import type { ExprNode } from "@uwdata/mosaic-sql";
import { format } from "d3-format";
import type { Engine } from "../data/engine.ts";
import { quoted } from "../data/relations.ts";
import { column, fromBytes, joined, type Result } from "../data/result.ts";
import type { ClaimedNumber, Claims } from "../page.ts";
import { percent } from "../markup.ts";
import { say, sayNumber } from "../words.ts";
import type { Page } from "./page.ts";
import { messageOf } from "../problem.ts";

type Value = number | string | null;

/** What came of asking a claim: a value for each number, or why there is none. */
type Answer = { values: readonly Value[] } | { reason: string };

/** A relation's condition, in SQL; null for all its rows. */
type Conditions = (relation: string) => string | null;

/** Sums of floats may differ in their last digits from one engine to the other. */
const CLOSE = 1e-9;

const ALL: Conditions = () => null;

/** Asks each claim once that needs no further data, and any claim that the reader opens. */
export function askClaims(page: Page, engine: Engine, claims: Claims): void {
  const asked = claims.claims.map((claim) => new AskedClaim(page, engine, claims, claim));
  void inTurn(asked.filter((claim) => claim.isLight || claim.isOpen()));
}

async function inTurn(claims: readonly AskedClaim[]): Promise<void> {
  for (const claim of claims) await claim.show();
}

class AskedClaim {
  /** Whether the page's tables answer it. */
  readonly isLight: boolean;
  private readonly told: HTMLElement | null;
  private whole: Promise<Answer> | null = null;
  private shows = 0;

  constructor(
    private readonly page: Page,
    private readonly engine: Engine,
    private readonly claims: Claims,
    private readonly claim: Claims["claims"][number],
  ) {
    const further = new Set(claims.relations.map(({ name }) => name));
    const relations = this.relations();
    this.isLight = this.isHeld() && relations.every((name) => !further.has(name));
    this.told = document.getElementById(`${claim.id}-told`);
    this.told?.addEventListener("toggle", () => void (this.isOpen() && this.show()));
    page.listen(() => void (this.isOpen() && this.show()));
  }

  isOpen(): boolean {
    return this.told?.matches(":popover-open") ?? false;
  }

  /** Says what the page's engine answers, and of what is selected. */
  async show(): Promise<void> {
    const turn = ++this.shows;
    const whole = await (this.whole ??= this.isHeld() ? this.ask(ALL) : NOT_HELD());
    const selected = await this.askSelected();
    if (turn !== this.shows) return;
    const lines = [
      inWords(this.claim.numbers, whole),
      ...(selected ? [selectedInWords(this.claim.numbers, selected)] : []),
    ];
    this.told?.querySelector(".claim-now")?.replaceChildren(...lines.map(line));
    this.mark(whole);
  }

  private isHeld(): boolean {
    return this.claim.numbers.every(({ sql }) => sql !== null);
  }

  private relations(): string[] {
    const tables = this.claim.numbers.flatMap((number) => number.tables);
    return tables.flatMap((name) => this.claims.tables[name]?.relation ?? []);
  }

  /** Over the rows that every selection of the page leaves; null where none of the claim's tables is filtered. */
  private async askSelected(): Promise<Answer | null> {
    const conditions: Conditions = (relation) => conditionOf(this.page, relation);
    const isFiltered = this.isHeld() && this.relations().some((name) => conditions(name) !== null);
    return isFiltered ? this.ask(conditions) : null;
  }

  private async ask(conditions: Conditions): Promise<Answer> {
    try {
      await this.load();
      const values: Value[] = [];
      for (const number of this.claim.numbers)
        values.push(await valueOf(this.engine, statementOf(number, this.claims, conditions)));
      return { values };
    } catch (error) {
      return { reason: messageOf(error) };
    }
  }

  private async load(): Promise<void> {
    const needed = new Set(this.relations());
    const further = this.claims.relations.filter(({ name }) => needed.has(name));
    await Promise.all(further.map((relation) => loaded(this.engine, relation)));
  }

  /** The mark says so where the data answers otherwise than when the page was built. */
  private mark(whole: Answer): void {
    const button = document.querySelector<HTMLElement>(
      `.claim-mark[data-claim="${CSS.escape(this.claim.id)}"]`,
    );
    if (!button || !("values" in whole)) return;
    const isSame = areSame(this.claim.numbers, whole.values);
    button.dataset["asked"] = isSame ? "same" : "differs";
    if (isSame) return;
    button.dataset["state"] = "fails";
    const words = button.querySelector("span")!;
    words.className = "claim-state";
    words.textContent = say("The data says otherwise");
  }
}

const NOT_HELD = (): Promise<Answer> =>
  Promise.resolve({ reason: say("this site does not hold the data of the claim") });

const LOADED = new WeakMap<Engine, Map<string, Promise<void>>>();

/** Once in a page, whichever claims ask for it. */
function loaded(engine: Engine, relation: Claims["relations"][number]): Promise<void> {
  const known = LOADED.get(engine) ?? new Map<string, Promise<void>>();
  LOADED.set(engine, known);
  const loading = known.get(relation.name) ?? engine.load?.(relation) ?? Promise.resolve();
  known.set(relation.name, loading);
  loading.catch(() => known.delete(relation.name));
  return loading;
}

function conditionOf(page: Page, relation: string): string | null {
  if (!page.payload.relations.some(({ name }) => name === relation)) return null;
  // For a client of none of the page's views every selection counts.
  const nodes = [page.selection(relation).predicate(null as never) ?? []].flat() as unknown as ExprNode[];
  return nodes.length ? nodes.map((node) => `(${String(node)})`).join(" AND ") : null;
}

/** What the build found undefined has no type there: it may be a number where other rows are asked. */
const AS_NUMBER = `CASE WHEN typeof("value") <> 'VARCHAR' THEN TRY_CAST(CAST("value" AS VARCHAR) AS DOUBLE) END`;

/** A number's SELECT with each table that it names in the place of the page's relation. */
export function statementOf(number: ClaimedNumber, { tables }: Claims, conditions: Conditions = ALL): string {
  const named = number.tables.map((name) => {
    const { relation, select } = tables[name]!;
    const condition = conditions(relation);
    return `${quoted(name)} AS (${select}${condition === null ? "" : ` AND ${condition}`})`;
  });
  const kind = typeof number.value === "number" ? "DOUBLE" : "VARCHAR";
  const besides = number.value === null ? `, ${AS_NUMBER} AS "number"` : "";
  const within = named.length ? `WITH ${named.join(", ")} ` : "";
  return `${within}SELECT CAST("value" AS ${kind}) AS "value"${besides} FROM (\n${number.sql}\n) AS "claimed"("value")`;
}

async function valueOf(engine: Engine, sql: string): Promise<Value> {
  return answerIn(fromBytes(joined(await engine.query(sql))));
}

/** The one value of a statement's answer. */
export function answerIn(result: Result): Value {
  const found = (name: string): unknown => (result.columns[name] ? column(result, name)[0] : null);
  return (found("number") ?? found("value") ?? null) as Value;
}

/** Whether an answer is the build's; there is no value where it is undefined. */
export function isSame(number: ClaimedNumber, value: Value): boolean {
  const { value: built } = number;
  if (typeof built === "number" && typeof value === "number")
    return built === value || Math.abs(built - value) <= CLOSE * Math.max(Math.abs(built), Math.abs(value));
  return built === null ? !isDefined(value) : String(built) === String(value);
}

function areSame(numbers: readonly ClaimedNumber[], values: readonly Value[]): boolean {
  return numbers.every((number, index) => isSame(number, values[index]!));
}

/** Whether a value is what the author expects; true where nothing is expected. */
export function holds(number: ClaimedNumber, value: Value): boolean {
  const { expect } = number;
  if (!expect) return true;
  // A list, say, is expected as the build says it, not as the engine writes it.
  if (typeof value !== "number")
    return (
      value !== null && (value === expect.text || (isSame(number, value) && number.text === expect.text))
    );
  return Number.isFinite(value) && value >= (expect.low ?? -Infinity) && value <= (expect.high ?? Infinity);
}

/** A value in the format of its number; what equals the build's is said as the build said it. */
export function valueInWords(number: ClaimedNumber, value: Value): string {
  if (isSame(number, value)) return number.text;
  if (!isDefined(value)) return "–";
  if (typeof value === "number") return inDigits(value, number.format || usual(value));
  return number.unit ? `${value} ${number.unit}` : value;
}

function isDefined(value: Value): value is number | string {
  return value !== null && (typeof value !== "number" || Number.isFinite(value));
}

/** As the build writes a number in the site's language. */
function inDigits(value: number, form: string): string {
  const written = format(form)(value);
  return written.endsWith("%") ? percent(sayNumber(written.slice(0, -1))) : sayNumber(written);
}

/** As the build writes numbers without a format. */
function usual(value: number): string {
  const size = Math.abs(value);
  return (Number.isInteger(value) && size < 1e15) || (size >= 1000 && size < 1e15) ? ",.0f" : ".4g";
}

function inWords(numbers: readonly ClaimedNumber[], answer: Answer): string {
  if ("reason" in answer) return say("It could not be asked again here: {reason}", { reason: answer.reason });
  const values = numbers.map((number, index) => valueInWords(number, answer.values[index]!)).join(", ");
  return areSame(numbers, answer.values)
    ? say("Asked again in this page: {values}, as when it was built.", { values })
    : say("Asked again in this page: {values}, which is not what it was built with.", { values });
}

function selectedInWords(numbers: readonly ClaimedNumber[], answer: Answer): string {
  if ("reason" in answer)
    return say("What you selected could not be asked: {reason}", { reason: answer.reason });
  const values = numbers.map((number, index) => valueInWords(number, answer.values[index]!)).join(", ");
  return numbers.every((number, index) => holds(number, answer.values[index]!))
    ? say("In what you selected: {values}. It holds there, too.", { values })
    : say("In what you selected: {values}. It does not hold there.", { values });
}

function line(text: string): HTMLElement {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}
