/** What stands below the dots: two groups side by side, and groups that are suggested or that differ in one column. */
import { formatCount, formatFixed, html, type Markup, percent, shorten } from "../../src/markup.ts";
import { objects, type Result } from "../../src/data/result.ts";
import { formatShare } from "../../src/values.ts";
import type { Grouped } from "./columns.ts";
import { titleOf, type Shown } from "./drawing.ts";
import { balanceOf, LOWER_IS_BETTER, measure, METRICS, type Measured, type Metric } from "./metrics.ts";
import type { List, Options } from "./options.ts";
import { LISTED, ofNumber, type Group } from "./query.ts";
import { benjaminiHochberg, differenceOf, twoProportions, type Estimate } from "./statistics.ts";
import { say } from "../../src/words.ts";

/** Classes of a balance; of more, those in which the two differ most. */
const MOST_CLASSES = 10;

/** Suggested groups that are drawn before a reader asks for more. */
const FIRST = 5;

export function shareInWords(value: number): string {
  return Number.isFinite(value) ? formatShare(value) : say("undefined");
}

const points = (value: number): string => {
  const text = formatFixed(Math.abs(value * 100), 1);
  return `${value > 0 ? "+" : value < 0 && text !== "0.0" ? "−" : ""}${text}`;
};

/** `(−23.1 to −3.0)`, in points. */
function reachInWords({ low, high }: Pick<Estimate, "low" | "high">): string {
  return `(${say("{low} to {high}", { low: points(low), high: points(high) })})`;
}

/** `−10.9 (−23.1 to −3.0) points`, without the unit. */
function differenceInWords({ value, low, high }: Estimate): string {
  return Number.isFinite(value) ? `${points(value)} ${reachInWords({ low, high })}` : "–";
}

/** The same for a narrow cell: a line may end before the interval, and nowhere in it. */
function differenceMarkup(difference: Estimate): Markup {
  if (!Number.isFinite(difference.value)) return html`–`;
  return html`${points(difference.value)} <span class="fairvis-unbroken">${reachInWords(difference)}</span>`;
}

export function intervalInWords({ low, high }: Estimate): string {
  return Number.isFinite(low) ? percent(`${formatFixed(low * 100, 1)}–${formatFixed(high * 100, 1)}`) : "–";
}

function probability(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value < 0.001 ? `< ${formatFixed(0.001, 3)}` : formatFixed(value, 3);
}

/* Two groups */

export function compareMarkup(shown: Shown): Markup {
  const { groups, state } = shown;
  const pinned = state.pins.map((key) => groups.find((group) => group.key === key));
  const [a, b] = pinned;
  return html`<div class="fairvis-pins">
      <span>${say("Compare")}</span>${[0, 1].map((index) => choice(shown, index))}
      ${state.pins.length ? html`<button type="button" data-action="unpin">${say("Clear")}</button>` : ""}
    </div>
    ${a && b ? sideBySide(shown, a, b) : ""}
    ${
      state.pins.length && !(a && b)
        ? html`<p class="fairvis-hint">${say("Choose a second group, or press P on a dot.")}</p>`
        : ""
    }`;
}

function choice({ groups, state }: Shown, index: number): Markup {
  const letter = index === 0 ? "A" : "B";
  return html`<label class="fairvis-choice fairvis-choice-${index + 1}"
    ><b>${letter}</b
    ><select
      name="pin"
      data-index="${index}"
      autocomplete="off"
      aria-label="${say("Group {letter}", { letter })}"
    >
      <option value="">${say("no group")}</option>
      ${groups.map(
        ({ key, words }) =>
          html`<option value="${key}" ${state.pins[index] === key ? "selected" : ""}>
            ${shorten(words, 60)}
          </option>`,
      )}
    </select></label
  >`;
}

function sideBySide(shown: Shown, a: Group, b: Group): Markup {
  const of = ofNumber(shown.state.of, shown.classes);
  const isMean = typeof of === "string";
  // Of a single class there is nothing to take a mean of.
  const isAlone = isMean && [a, b].every((group) => balanceOf(group.cells).size === 1);
  const metrics = (Object.keys(METRICS) as Metric[]).filter(
    (metric) => !isMean || (metric !== "base_rate" && (!isAlone || metric === "accuracy")),
  );
  const rows = metrics.map((metric) => {
    const [first, second] = [measure(a.cells, metric, of), measure(b.cells, metric, of)];
    const away = differenceOf(first, second);
    const isApart = away.low > 0 || away.high < 0;
    return html`<tr class="${metric === shown.state.metric ? "fairvis-current" : ""}">
      <th scope="row">${METRICS[metric]}</th>
      ${[first, second].map(estimateCell)}
      <td class="number ${isApart ? "fairvis-apart" : ""}">${differenceInWords(away)}</td>
    </tr>`;
  });
  const whole = isAlone
    ? say("each holds one class, so there are no means of classes")
    : say("{of} means of classes; accuracy is of all", { of });
  const mean = isMean ? whole : say("of {of} against the rest", { of: shorten(shown.state.of, 40) });
  return html`<div
      class="fairvis-scroll"
      tabindex="0"
      role="group"
      aria-label="${say("Two groups side by side")}"
    >
      <table class="facts fairvis-table">
        <caption>
          ${say("{words} (A) beside {words2} (B): {mean}, each with its interval at 95%.", { words: a.words, words2: b.words, mean })}
        </caption>
        <thead>
          <tr>
            <th scope="col">n</th>
            <th scope="col" class="number">A: ${formatCount(a.n)}</th>
            <th scope="col" class="number">B: ${formatCount(b.n)}</th>
            <th scope="col" class="number">${say("A − B in points")}</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${balance(shown, a, b)}`;
}

function estimateCell(found: Measured): Markup {
  return html`<td class="number">
    ${shareInWords(found.value)} <span class="fairvis-interval">${intervalInWords(found)}</span>
  </td>`;
}

/** How the samples of both groups are divided among the classes: a pair of bars for each class. */
function balance({ classes }: Shown, a: Group, b: Group): Markup {
  const [first, second] = [balanceOf(a.cells), balanceOf(b.cells)];
  const shares = classes
    .map((name, at) => ({ name, a: (first.get(at) ?? 0) / a.n, b: (second.get(at) ?? 0) / b.n, at }))
    .filter((each) => each.a + each.b > 0);
  const shown = [...shares]
    .sort((x, y) => Math.abs(y.a - y.b) - Math.abs(x.a - x.b) || x.at - y.at)
    .slice(0, MOST_CLASSES)
    .sort((x, y) => x.at - y.at);
  const rest = shares.length - shown.length;
  return html`<div class="fairvis-balance" role="group" aria-label="${say("Class balance")}">
    <p class="fairvis-caption">
      ${say("Class balance: share of each class{more}", { more: rest > 0 ? say("; the {most} in which both differ most, of {shares}", { most: MOST_CLASSES, shares: formatCount(shares.length) }) : "" })}
    </p>
    <ul role="list">
      ${shown.map(
        (each) =>
          html`<li>
            <span class="fairvis-class" title="${each.name}">${shorten(each.name, 24)}</span>
            ${bars(each.a, each.b)}
            <span class="fairvis-shares">A ${formatShare(each.a)}, B ${formatShare(each.b)}</span>
          </li>`,
      )}
    </ul>
  </div>`;
}

const BAR = 120;

function bars(a: number, b: number): Markup {
  const long = (share: number): number => Math.round(share * BAR * 10) / 10;
  return html`<svg viewBox="0 0 ${BAR} 16" width="${BAR}" height="16" aria-hidden="true">
    <rect class="fairvis-bar-1" x="0" y="1" width="${long(a)}" height="6" />
    <rect class="fairvis-bar-2" x="0" y="9" width="${long(b)}" height="6" />
  </svg>`;
}

/* Lists */

interface Listed {
  words: string;
  n: number;
  value: number;
  difference: Estimate;
  q: number;
  isWorse: boolean;
  /** What a click keeps: a dot, or a filter expression. */
  key: string;
  expression: string;
}

interface ListedPair extends Listed {
  other: string;
  otherValue: number;
}

/** Groups that differ from all other samples: from the artifact, else from the dots. */
export function suggestedMarkup(options: Options, shown: Shown, answer: Result | undefined): Markup {
  const isSlices = answer !== undefined && "error_rate" in answer.columns;
  const rows = answer ? objects(answer).map(readSuggested) : suggestedDots(shown);
  const what =
    answer && isSlices ? say("Error rate") : answer ? METRICS[metricIn(answer)] : titleOf(shown.state);
  const told = options.suggested
    ? say("As computed over all samples, with every other group that was tested accounted for (q).")
    : say(
        "Each dot of the minimum size against all other samples that pass, with the number of dots accounted for (q).",
      );
  if (rows.length === 0) return listMarkup(shown, "suggested", why(shown), null, 0);
  return listMarkup(
    shown,
    "suggested",
    told,
    html`<thead>
        <tr>
          <th scope="col">${say("Group")}</th>
          <th scope="col" class="number">n</th>
          <th scope="col" class="number">${what}</th>
          <th scope="col" class="number fairvis-wide">${say("Against the rest, points")}</th>
          <th scope="col" class="number">q</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, at) =>
            html`<tr class="${at >= FIRST ? "fairvis-more" : ""}">
              <th scope="row">${keeper(shown, row, row.words)}</th>
              <td class="number">${formatCount(row.n)}</td>
              <td class="number">${shareInWords(row.value)}</td>
              <td class="number fairvis-wide">${verdict(row)}${differenceMarkup(row.difference)}</td>
              <td class="number">${probability(row.q)}</td>
            </tr>`,
        )}
      </tbody>`,
    rows.length,
  );
}

function verdict({ isWorse, q }: Listed): Markup | "" {
  if (q >= 0.05) return "";
  return html`<span class="fairvis-verdict">${isWorse ? say("▼ worse") : say("▲ better")}</span> `;
}

function why({ state }: Shown): string {
  const isShare = state.metric === "accuracy" || !["macro", "weighted", "micro"].includes(state.of);
  return isShare && state.metric !== "f1"
    ? say("No group of at least {minimum} samples can be compared with the rest.", {
        minimum: formatCount(state.minimum),
      })
    : say(
        "Means of classes and F1 are not shares of samples; choose accuracy, or another metric of one class.",
      );
}

function metricIn(answer: Result): Metric {
  const name = String(answer.columns["metric"]?.[0] ?? "accuracy");
  return Object.hasOwn(METRICS, name) ? (name as Metric) : "accuracy";
}

function readSuggested(row: Record<string, unknown>): Listed {
  const isSlice = "error_rate" in row;
  const difference = { value: Number(row["difference"]), low: Number(row["low"]), high: Number(row["high"]) };
  return {
    words: String(row["group"] ?? row["slice"]),
    n: Number(row["n"]),
    value: Number(row[isSlice ? "error_rate" : "value"]),
    difference,
    q: row["q"] === null ? Number.NaN : Number(row["q"]),
    isWorse: isSlice ? difference.value > 0 : row["is_worse"] === true,
    key: "",
    expression: String(row["expression"]),
  };
}

const isLarge = (shown: Shown): Group[] =>
  shown.groups.filter((group) => group.measured.hits !== null && group.measured.n >= shown.state.minimum);

function estimate({ hits, n, value, low, high }: Measured): Estimate & { hits: number; n: number } {
  return { hits: hits!, n, value, low, high };
}

function suggestedDots(shown: Shown): Listed[] {
  const { whole } = shown.counted;
  const found = isLarge(shown).flatMap((group) => {
    const own = estimate(group.measured);
    const rest = whole.n - own.n;
    if (whole.hits === null || rest < shown.state.minimum) return [];
    const other = restOf(whole.hits - own.hits, rest);
    return [{ group, own, other, p: twoProportions(own.hits, own.n, whole.hits - own.hits, rest) }];
  });
  const q = benjaminiHochberg(found.map(({ p }) => p));
  const sign = LOWER_IS_BETTER.includes(shown.state.metric) ? 1 : -1;
  return found
    .map(({ group, own, other, p }, at) => {
      const difference = differenceOf(own, other);
      const isWorse = sign * difference.value > 0;
      return {
        words: group.words,
        n: own.n,
        value: own.value,
        difference,
        p,
        q: q[at]!,
        isWorse,
        key: group.key,
        expression: "",
      };
    })
    .sort((a, b) => a.p - b.p || Math.abs(b.difference.value) - Math.abs(a.difference.value))
    .slice(0, LISTED);
}

function restOf(hits: number, n: number): Estimate {
  return measure(
    [
      { label: 0, prediction: 0, n: hits },
      { label: 0, prediction: 1, n: n - hits },
    ],
    "accuracy",
    "macro",
  );
}

/** Pairs of groups that differ in one column: from the artifact, else from the dots. */
export function similarMarkup(options: Options, shown: Shown, answer: Result | undefined): Markup {
  const pairs = answer ? objects(answer).map(readSimilar) : similarDots(shown);
  const told = options.similar
    ? say(
        "Pairs that differ in exactly one column, as computed over all samples, every pair accounted for (q).",
      )
    : say("Pairs of dots that differ in exactly one column, with the number of pairs accounted for (q).");
  if (pairs.length === 0) return listMarkup(shown, "similar", why(shown), null, 0);
  return listMarkup(
    shown,
    "similar",
    told,
    html`<thead>
        <tr>
          <th scope="col">${say("Lower")}</th>
          <th scope="col">${say("Higher")}</th>
          <th scope="col" class="number fairvis-wide">${say("Difference, points")}</th>
          <th scope="col" class="number">q</th>
        </tr>
      </thead>
      <tbody>
        ${pairs.map(
          (pair, at) =>
            html`<tr class="${at >= FIRST ? "fairvis-more" : ""}">
              <th scope="row">${keeper(shown, pair, pair.words)} ${valueMarkup(pair.value)}</th>
              <td>${nameMarkup(pair.other)} ${valueMarkup(pair.otherValue)}</td>
              <td class="number fairvis-wide">${differenceMarkup(pair.difference)}</td>
              <td class="number">${probability(pair.q)}</td>
            </tr>`,
        )}
      </tbody>`,
    pairs.length,
  );
}

/** What a group of a pair has, in a line below its name. */
function valueMarkup(value: number): Markup {
  return html`<span class="fairvis-value">${shareInWords(value)}</span>`;
}

function readSimilar(row: Record<string, unknown>): ListedPair {
  const both = `(${String(row["expression"])}) || (${String(row["other_expression"])})`;
  return {
    ...readSuggested(row),
    other: String(row["other"]),
    otherValue: Number(row["other_value"]),
    expression: both,
  };
}

function similarDots(shown: Shown): ListedPair[] {
  const groups = isLarge(shown);
  const found = groups.flatMap((first, at) =>
    groups.slice(at + 1).flatMap((second) => {
      if (!isSimilar(shown.by, first, second)) return [];
      const [a, b] = [estimate(first.measured), estimate(second.measured)];
      return [{ first, second, a, b, p: twoProportions(a.hits, a.n, b.hits, b.n) }];
    }),
  );
  const q = benjaminiHochberg(found.map(({ p }) => p));
  return found
    .map(({ first, second, a, b, p }, at) => ({
      words: first.words,
      other: second.words,
      n: a.n,
      value: a.value,
      otherValue: b.value,
      difference: differenceOf(a, b),
      p,
      q: q[at]!,
      isWorse: false,
      key: `${first.key}\n${second.key}`,
      expression: "",
    }))
    .sort((a, b) => a.p - b.p || Math.abs(b.difference.value) - Math.abs(a.difference.value))
    .slice(0, LISTED);
}

function isSimilar(by: readonly Grouped[], first: Group, second: Group): boolean {
  return by.filter((_, at) => first.values[at] !== second.values[at]).length === 1;
}

/** A group of a list as a button that keeps its rows. */
function keeper({ state }: Shown, { key, expression }: Listed, words: string): Markup {
  const keys = key.split("\n");
  const isKept = expression ? state.expression === expression : state.groups.join("\n") === keys.join("\n");
  return html`<button
    type="button"
    class="fairvis-keep"
    data-keys="${key}"
    data-expression="${expression}"
    aria-pressed="${String(isKept)}"
  >
    ${nameMarkup(words)}
  </button>`;
}

/** A long name takes few lines; a pointer on it, and a voice, tell all of it. */
function nameMarkup(words: string): Markup {
  return html`<span class="fairvis-words" title="${words}">${words}</span>`;
}

const TITLES: Readonly<Record<List, string>> = {
  suggested: say("Suggested groups"),
  similar: say("Similar groups"),
};

function listMarkup({ state }: Shown, list: List, told: string, table: Markup | null, rows: number): Markup {
  const isLong = rows > FIRST;
  const isOpen = state.opened.includes(list);
  return html`<section class="fairvis-list" data-list="${list}" ${isLong && isOpen ? "data-opened" : ""}>
    <h4>${TITLES[list]}</h4>
    <p class="fairvis-hint">${told}</p>
    ${
      table
        ? html`<div class="fairvis-scroll" tabindex="0" role="group" aria-label="${TITLES[list]}">
            <table class="facts fairvis-table">
              ${table}
            </table>
          </div>`
        : ""
    }
    ${
      isLong && !isOpen
        ? html`<button type="button" class="fairvis-all" data-action="more">
            ${say("Show all {rows}", { rows: formatCount(rows) })}
          </button>`
        : ""
    }
  </section>`;
}
