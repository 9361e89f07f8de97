/**
 * A histogram as SVG that is as wide as its place: every place across is in per cent, so that one drawing fits a phone
 * and a page, static and live. What is filtered out stands in grey behind what passes.
 */
import { formatCount, formatNumber, html, type Markup } from "./markup.ts";
import { greatest } from "./extremes.ts";
import { say } from "./words.ts";

export interface Histogram {
  /** Ends of the axis. */
  domain: readonly [number, number];
  /** Rows in each of the bins, which are equally wide. */
  whole: readonly number[];
  passing: readonly number[];
  /** The axis in words, with its unit. */
  title: string;
  /** A range of the axis that is set apart; null for none. */
  range: readonly [number, number] | null;
  /** Places on the axis that have a name. */
  lines: readonly { at: number; label: string; isUsed: boolean }[];
  /** How values on the axis are said, where not as any number. */
  say?: (value: number) => string;
}

/** Heights in px: of the bars, of the axis below, and of one row of names above. */
const BARS = 96;
const AXIS = 53;
const ROW = 16;

const percent = (share: number): string => `${Number((share * 100).toFixed(3))}%`;

export function histogramMarkup(shown: Histogram): Markup {
  const lines = shown.lines.filter(({ at }) => at >= shown.domain[0] && at <= shown.domain[1]);
  const top = lines.length * ROW + 4;
  const most = greatest(shown.whole, 1);
  return html`<svg
    class="histogram"
    width="100%"
    height="${top + BARS + AXIS}"
    aria-hidden="true"
    focusable="false"
  >
    <svg y="${top}" width="100%" height="${BARS}">${bars(shown, most)}</svg>
    ${lines.map((line, index) => lineMarkup(shown, line, { y: (index + 1) * ROW - 4, end: top + BARS }))}
    ${axis(shown, top + BARS, most)}
  </svg>`;
}

export function shareOf([low, high]: readonly [number, number], value: number): number {
  return high === low ? 0.5 : (value - low) / (high - low);
}

/** A histogram whose bars are brushed, by hand and by keys: see `BarBrush`. */
export function brushedMarkup(shown: Histogram, name: string, label: string, words: string): Markup {
  const { domain, range } = shown;
  return html`<div
    class="${name}"
    data-key="plot"
    tabindex="0"
    role="slider"
    aria-label="${say("{label}; arrow keys read the bars, shift and arrow keys select a range, escape lets go", { label })}"
    aria-valuemin="${domain[0]}"
    aria-valuemax="${domain[1]}"
    aria-valuenow="${range?.[0] ?? domain[0]}"
    aria-valuetext="${words}"
  >
    ${histogramMarkup(shown)}
  </div>`;
}

function bars({ whole, passing, domain, range }: Histogram, most: number): Markup[] {
  const width = 1 / whole.length;
  const isInside = (bin: number): boolean => {
    const middle = domain[0] + ((bin + 0.5) / whole.length) * (domain[1] - domain[0]);
    return range === null || (middle >= range[0] && middle <= range[1]);
  };
  const bar = (bin: number, rows: number, name: string): Markup | null =>
    rows === 0
      ? null
      : html`<rect
          class="${name}"
          x="${percent(bin * width)}"
          y="${percent(1 - Math.max(0.01, rows / most))}"
          width="${percent(width * 0.92)}"
          height="${percent(Math.max(0.01, rows / most))}"
        />`;
  return whole.flatMap((rows, bin) => [
    bar(bin, rows, "histogram-whole"),
    bar(bin, passing[bin] ?? 0, isInside(bin) ? "histogram-bar histogram-inside" : "histogram-bar"),
  ]) as Markup[];
}

function lineMarkup(
  { domain }: Histogram,
  { at, label, isUsed }: Histogram["lines"][number],
  { y, end }: { y: number; end: number },
): Markup {
  const share = shareOf(domain, at);
  const x = percent(share);
  const anchor = share > 0.7 ? "end" : "start";
  return html`<line
      class="${isUsed ? "histogram-line histogram-used" : "histogram-line"}"
      x1="${x}"
      x2="${x}"
      y1="${y - 10}"
      y2="${end}"
    /><text
      class="histogram-label"
      x="${x}"
      y="${y}"
      dx="${anchor === "end" ? -5 : 5}"
      text-anchor="${anchor}"
      >${label}</text
    >`;
}

/** Round ticks, the first and the last within the plot. */
function axis({ domain, title, say: written = formatNumber }: Histogram, top: number, most: number): Markup {
  const ticks = ticksOf(domain).map((value) => {
    const share = shareOf(domain, value);
    const anchor = share < 0.03 ? "start" : share > 0.97 ? "end" : "middle";
    return html`<text class="histogram-tick" x="${percent(share)}" y="${top + 15}" text-anchor="${anchor}"
      >${written(value)}</text
    >`;
  });
  // One sentence in every language, in two lines: a narrow place has no room for one.
  const lines = say("{title} · tallest bar {most}", { title, most: formatCount(most) }).split(" · ");
  return html`<line
      class="histogram-axis"
      x1="0"
      x2="100%"
      y1="${top + 0.5}"
      y2="${top + 0.5}"
    />${ticks}<text class="histogram-title" x="50%" y="${top + 33}" text-anchor="middle"
      >${lines.slice(0, -1).join(" · ")}</text
    ><text class="histogram-title" x="50%" y="${top + 48}" text-anchor="middle">${lines.at(-1)!}</text>`;
}

/** About five round values within two ends. */
export function ticksOf([low, high]: readonly [number, number]): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first;
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
