/** The dots as SVG, with the axis, the line of all samples, intervals and names; the same at build and live. */
import { formatFixed, html, type Markup, percent, shorten } from "../../src/markup.ts";
import { formatShare } from "../../src/values.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { valueInWords, type Grouped } from "./columns.ts";
import { domainOf, stripDots, swarmDots, ticksOf, type Dot, type Frame } from "./layout.ts";
import { METRICS } from "./metrics.ts";
import type { Counted, Group } from "./query.ts";
import type { FairState, Key } from "./state.ts";
import { say } from "../../src/words.ts";

/** What a drawing shows. */
export interface Shown {
  by: readonly Grouped[];
  counted: Counted;
  /** Everything, before any filter; drawn in grey where less passes. */
  unfiltered: Counted;
  /** Groups that are drawn, the lowest first. */
  groups: readonly Group[];
  state: FairState;
  classes: readonly string[];
  isPartial: boolean;
  /** Values over which the axis goes, also those of other panels. */
  span: readonly number[];
  most: number;
}

export interface Drawn {
  markup: Markup;
  dots: readonly Dot[];
  frame: Frame;
}

const HEIGHTS = { beeswarm: 260, strip: 150 };
const MARGIN = { side: 20, top: 30, bottom: 44 };
const LETTERS = ["A", "B"];

/** A group in a few words: its values alone. */
export function nameOf(by: readonly Grouped[], group: Group): string {
  return by.map((grouped, at) => valueInWords(grouped, group.values[at] ?? null)).join(" · ");
}

/** What an axis and a table call the metric. */
export function titleOf({ metric, of }: FairState): string {
  const title = METRICS[metric];
  if (metric === "accuracy" && ["macro", "weighted", "micro"].includes(of)) return title;
  return ["macro", "weighted", "micro"].includes(of)
    ? say("{title}, {of} mean", { title, of })
    : say("{title} of {of}", { title, of: shorten(of, 30) });
}

/** Half of the stroke at the end of an interval, in px. */
const CAP = 4;

export function draw(shown: Shown, width: number, written: number | null): Drawn {
  const height = written ?? HEIGHTS[shown.state.layout];
  const frame: Frame = {
    width,
    height,
    left: MARGIN.side,
    right: width - MARGIN.side,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const domain = domainOf(shown.span);
  const x = (value: number): number =>
    frame.left + ((value - domain[0]) / (domain[1] - domain[0])) * (frame.right - frame.left);
  const place = shown.state.layout === "strip" ? stripDots : swarmDots;
  const dots = place(shown.groups, frame, x, shown.most);
  const grey = shown.isPartial ? place(shown.unfiltered.groups, frame, x, shown.most) : [];
  const told = toldDots(shown, dots);
  const markup = html`<svg
    class="chart fairvis-chart"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    aria-hidden="true"
  >
    ${axis(shown, frame, domain, x)} ${grey.map(({ x: cx, y, r }) => circle("fairvis-grey", { x: cx, y, r }))}
    ${overall(shown, frame, x)} ${whiskered(shown, told).map((dot) => whisker(dot, x, frame))}
    ${dots.map((dot) => mark(shown, dot))} ${letters(shown.state.pins, dots)}
    ${names(shown, told, dots, frame)}
  </svg>`;
  return { markup, dots, frame };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

function circle(classes: string, { x, y, r }: Pick<Dot, "x" | "y" | "r">, key = ""): Markup {
  const own = key ? html` data-key="${key}"` : "";
  return html`<circle class="${classes}" cx="${tenth(x)}" cy="${tenth(y)}" r="${tenth(r)}" ${own} />`;
}

function mark({ state }: Shown, dot: Dot): Markup {
  const { key, n } = dot.group;
  const isOff = state.groups.length > 0 && !state.groups.includes(key);
  const classes = [
    "fairvis-dot",
    n < state.minimum ? "fairvis-small" : "",
    isOff ? "fairvis-off" : "",
    state.groups.includes(key) ? "fairvis-kept" : "",
  ];
  return circle(classes.filter(Boolean).join(" "), dot, key);
}

function axis(
  { state }: Shown,
  frame: Frame,
  domain: readonly [number, number],
  x: (value: number) => number,
): Markup {
  const ticks = ticksOf(domain, frame.width > 500 ? 8 : 4);
  const digits = ticks.every((tick) => Math.abs(tick * 100 - Math.round(tick * 100)) < 1e-9) ? 0 : 1;
  const { left, right, bottom, height } = frame;
  return html`<g class="fairvis-axis">
    <line x1="${left}" x2="${right}" y1="${bottom + 6}" y2="${bottom + 6}" />
    ${ticks.map(
      (tick) =>
        html`<line x1="${tenth(x(tick))}" x2="${tenth(x(tick))}" y1="${bottom + 6}" y2="${bottom + 10}" />
          <text x="${tenth(x(tick))}" y="${bottom + 23}" text-anchor="middle"
            >${percent(formatFixed(tick * 100, digits))}</text
          >`,
    )}
    <text class="fairvis-title" x="${right}" y="${height - 5}" text-anchor="end">${titleOf(state)} →</text>
  </g>`;
}

/** The metric of all samples together, which is the groups' mean weighted by their sizes where it is a share. */
function overall({ counted }: Shown, frame: Frame, x: (value: number) => number): Markup | null {
  const { value } = counted.whole;
  if (!Number.isFinite(value)) return null;
  const at = tenth(Math.min(Math.max(x(value), frame.left), frame.right));
  const said = say("all {value}", { value: formatShare(value) });
  const half = textWidth(said, 12, 550) / 2;
  const middle = tenth(Math.min(Math.max(at, frame.left - 16 + half), frame.right + 16 - half));
  return html`<g class="fairvis-overall">
    <line x1="${at}" x2="${at}" y1="${frame.top - 10}" y2="${frame.bottom + 6}" />
    <text x="${middle}" y="${frame.top - 15}" text-anchor="middle">${said}</text>
  </g>`;
}

/** Groups whose interval and name are drawn: pinned and kept ones, the lowest two and the highest. */
function toldDots({ groups, state }: Shown, dots: readonly Dot[]): Dot[] {
  const large = groups.filter(({ n, measured }) => n >= state.minimum && Number.isFinite(measured.value));
  const ends = [large[0], large[1], large.at(-1)].flatMap((group) => (group ? [group.key] : []));
  const keys = [...new Set([...state.pins, ...state.groups, ...ends])];
  return keys.flatMap((key) => dots.filter((dot) => dot.group.key === key)).slice(0, 8);
}

/**
 * Of the groups that nobody chose, only the two ends have their interval, and where one would lie on the other, the
 * lowest alone: more could not be told apart.
 */
function whiskered({ state }: Shown, told: readonly Dot[]): Dot[] {
  const chosen = [...state.pins, ...state.groups];
  if (chosen.length > 0) return told.filter((dot) => chosen.includes(dot.group.key));
  const [lowest, highest] = [told[0], told.at(-1)];
  if (!lowest || !highest || lowest === highest) return lowest ? [lowest] : [];
  return isOn(lowest, highest) ? [lowest] : [lowest, highest];
}

/** Whether the intervals of two groups, the lower one first, would be drawn over each other. */
function isOn(lower: Dot, higher: Dot): boolean {
  const isLevel = Math.abs(lower.y - higher.y) < 2 * CAP;
  return isLevel && lower.group.measured.high >= higher.group.measured.low;
}

/** A line from end to end of the interval; an end that lies beyond the plot has no stroke across, as nothing ends there. */
export function whisker({ group, y }: Dot, x: (value: number) => number, frame: Frame): Markup {
  const [least, most] = [frame.left - 8, frame.right + 8];
  const places = [group.measured.low, group.measured.high].map(x);
  const [low, high] = places.map((place) => tenth(Math.min(Math.max(place, least), most)));
  const at = tenth(y);
  const ends = places
    .filter((place) => place >= least && place <= most)
    .map((place) => `M${tenth(place)},${at - CAP}v${2 * CAP}`);
  return html`<path class="fairvis-whisker" d="M${low!},${at}H${high!}${ends.join("")}" />`;
}

function letters(pins: readonly Key[], dots: readonly Dot[]): Markup[] {
  return pins.flatMap((key, index) =>
    dots
      .filter((dot) => dot.group.key === key)
      .map(
        ({ x, y, r }) =>
          html`<g class="fairvis-pin fairvis-pin-${index + 1}">
            <circle cx="${tenth(x)}" cy="${tenth(y)}" r="${tenth(Math.max(r, 8))}" />
            <text x="${tenth(x)}" y="${tenth(y + 4)}" text-anchor="middle">${LETTERS[index]!}</text>
          </g>`,
      ),
  );
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const SIZE = 12;
const LINE = 15;

/** Names stand where they cover neither a dot nor another name, or are left out. */
function names({ by }: Shown, told: readonly Dot[], dots: readonly Dot[], frame: Frame): Markup[] {
  const taken: Box[] = dots.map(({ x, y, r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
  return told.flatMap((dot) => {
    const text = shorten(`${nameOf(by, dot.group)} ${formatShare(dot.group.measured.value)}`, 34);
    const box = placesOf(dot, textWidth(text, SIZE, 550)).find(
      (each) => isInside(each, frame) && !taken.some((other) => isOver(each, other)),
    );
    if (!box) return [];
    taken.push(box);
    return [
      html`<text class="fairvis-name" x="${tenth(box.left)}" y="${tenth(box.bottom - 4)}">${text}</text>`,
    ];
  });
}

/** Above and below the dot, also further away, and shifted to the sides. */
function placesOf({ x, y, r }: Dot, width: number): Box[] {
  return [0, 18, 36, 54, 72].flatMap((away) =>
    [y - r - 5 - away - LINE, y + r + 5 + away].flatMap((top) =>
      [x - width / 2, x - 8, x - width + 8].map((left) => ({
        left,
        right: left + width,
        top,
        bottom: top + LINE,
      })),
    ),
  );
}

function isInside({ left, right, top, bottom }: Box, frame: Frame): boolean {
  return left >= 2 && right <= frame.width - 2 && top >= frame.top - 6 && bottom <= frame.bottom + 4;
}

function isOver(a: Box, b: Box): boolean {
  return a.left < b.right + 3 && b.left < a.right + 3 && a.top < b.bottom && b.top < a.bottom;
}
