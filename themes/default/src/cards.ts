/** One sample as a card: an image cut from its sheet, a text, a sound, or a few values. */
import { kindOf, titleOf, withRole } from "./data/columns.ts";
import { marked, piecesOf, type Highlights, type Pattern } from "./highlight.ts";
import { breakable, formatBytes, formatCell, html, shorten, type Markup } from "./markup.ts";
import type { Column, Media, Table } from "./page.ts";
import { ProblemError } from "./problem.ts";
import { valueInWords, type Range } from "./values.ts";
import { say } from "./words.ts";

export const KINDS = ["image", "text", "audio", "table"] as const;
export type Kind = (typeof KINDS)[number];

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

/** Signs of a text that a card holds; the detail has it whole. */
export const MOST_SIGNS = 1200;

/** Which columns a card is made of. */
export interface CardColumns {
  /** What a card shows of a sample. */
  cards: Kind;
  id: Column;
  label: Column | null;
  prediction: Column | null;
  /** Columns named on each card. */
  captions: Column[];
  sheet: Column | null;
  x: Column | null;
  y: Column | null;
  text: Column | null;
  audio: Column | null;
  mediaType: Column | null;
}

/** The columns by their roles; `chosen` is the kind of cards, by the roles where null. Refuses a table without ids. */
export function cardColumns(table: Table, captions: Column[], chosen: Kind | null = null): CardColumns {
  const role = (name: string): Column | null => withRole(table, name);
  const id = role("id");
  if (!id)
    throw new ProblemError(
      `table ${table.name} has no column with the role id`,
      "show a table of samples",
      "table",
    );
  return {
    cards: kindOfCards(table, chosen),
    id,
    label: role("label"),
    prediction: role("prediction"),
    captions,
    sheet: role("sheet"),
    x: role("x"),
    y: role("y"),
    text: role("text"),
    audio: role("audio"),
    mediaType: role("media_type") ?? table.columns.find((column) => column.name === "media_type") ?? null,
  };
}

export function kindOfCards(table: Table, chosen: Kind | null): Kind {
  const has: Readonly<Record<Kind, boolean>> = {
    image: ["sheet", "x", "y"].every((role) => withRole(table, role) !== null),
    audio: withRole(table, "audio") !== null,
    text: withRole(table, "text") !== null,
    table: true,
  };
  if (!chosen) return (["image", "audio", "text", "table"] as const).find((kind) => has[kind])!;
  if (!has[chosen])
    throw new ProblemError(`table ${table.name} has no column with the role ${chosen}`, "", "cards");
  return chosen;
}

/** Columns that a card needs, by the name it is drawn under. */
export function drawnColumns(columns: CardColumns): Record<string, Column> {
  const { id, label, prediction, cards } = columns;
  const media: Readonly<Record<string, Record<string, Column | null>>> = {
    image: { sheet: columns.sheet, x: columns.x, y: columns.y },
    text: { text: columns.text },
    audio: { media_type: columns.mediaType },
    table: {},
  };
  const named = Object.entries({ id, label, prediction, ...media[cards] }).filter(
    (entry): entry is [string, Column] => entry[1] !== null,
  );
  const captions = columns.captions.map((each, index): [string, Column] => [`caption_${index}`, each]);
  return Object.fromEntries([...named, ...captions]);
}

export interface Tile {
  id: unknown;
  label?: unknown;
  prediction?: unknown;
  sheet?: unknown;
  x?: unknown;
  y?: unknown;
  text?: unknown;
  media_type?: unknown;
  bytes?: unknown;
  heading?: unknown;
  heading_rows?: unknown;
  [caption: string]: unknown;
}

export interface Drawn<Columns extends CardColumns = CardColumns> {
  options: Columns;
  sheets: readonly Media[];
  chosen: ReadonlySet<unknown>;
  size: Size;
  /** What is looked for, by the names of columns. */
  highlights: Highlights;
  /** What is known of the numbers of captions, so that all cards write them alike: by themselves, else by their names. */
  ranges: ReadonlyMap<string | Column, Range>;
  /** Whether the rest of a long text is shown by the live page: a card of fixed height has no room to unfold it. */
  isLive: boolean;
}

/** Side of a drawn image, in px; small images are enlarged by whole multiples only. */
const SIDES: Readonly<Record<Size, number>> = { small: 40, medium: 64, large: 128 };

/** Signs of a text before its card is opened. */
export const EXCERPT = 240;

/** Line breaks in a text on a card before it is cut. */
export const MOST_BREAKS = 7;

const BODIES: Readonly<Record<Kind, (tile: Tile, drawn: Drawn) => Markup | string>> = {
  image: ({ id, sheet, x, y }, { sheets, size }) =>
    imageMarkup({ id, sheet, x, y }, sheets, SIDES[size]) ??
    html`<span class="sample-text">${formatCell(id, 24)}</span>`,
  text: ({ text }, { options, highlights }) => {
    const sought = highlights.get(options.text!.name);
    return html`<span class="sample-excerpt">${marked(excerptOf(around(text, sought)), sought)}</span>`;
  },
  audio: ({ media_type: type, bytes }) =>
    html`<span class="sample-sound">${formatCell(type ?? "audio", 24)} · ${sizeInWords(bytes)}</span>`,
  table: () => "",
};

/** A card of the page as it is without scripts: the first one is in the order of the tab key. */
export function cardMarkup(tile: Tile, drawn: Drawn, isFirst: boolean): Markup {
  const isChosen = drawn.chosen.has(tile.id);
  return html`<li class="card card-${drawn.options.cards}">
    ${cardBody(tile, drawn, { isFirst, isChosen })}
  </li>`;
}

/** A card is a button that selects; what else can be pressed stands beside it. */
export function cardBody(
  tile: Tile,
  drawn: Drawn,
  { isFirst, isChosen }: { isFirst: boolean; isChosen: boolean },
): Markup {
  const { options } = drawn;
  const isWrong = isMisread(tile);
  const captions = options.captions.map((each, index) =>
    captionMarkup(each, tile[`caption_${index}`], drawn),
  );
  return html`<button
      type="button"
      class="sample${isWrong ? " sample-wrong" : ""}"
      data-id="${JSON.stringify(tile.id)}"
      aria-pressed="${String(isChosen)}"
      tabindex="${isFirst ? 0 : -1}"
    >
      ${BODIES[options.cards](tile, drawn)}<span class="sample-label" title="${tooltip(tile)}"
        >${nameMarkup(tile, drawn)}</span
      >${isWrong ? wrongMark(tile, drawn) : ""}${captions}
    </button>
    ${besides(tile, drawn)}`;
}

/** Characters of names that a card has room for: its styles would cut off the ends, which tell alike names apart. */
const LONGEST: Readonly<Record<Kind, { name: number; prediction: number }>> = {
  image: { name: 18, prediction: 12 },
  text: { name: 24, prediction: 24 },
  audio: { name: 24, prediction: 24 },
  table: { name: 24, prediction: 24 },
};

/** What a card is called: its label, or its id where it has none. */
function nameMarkup({ id, label }: Tile, { options, highlights }: Drawn): Markup | string {
  const isLabelled = label !== undefined && label !== null;
  const name = isLabelled ? label : id;
  if (name === "") return say("(empty)");
  const said = typeof name === "number" ? String(name) : formatCell(name, LONGEST[options.cards].name);
  return marked(said, highlights.get(isLabelled ? options.label!.name : options.id.name));
}

/** Wrong is a prediction that differs from a label; where one is missing nobody knows. */
export function isMisread({ label, prediction }: Tile): boolean {
  const isKnown = (value: unknown): boolean => value !== undefined && value !== null;
  return isKnown(label) && isKnown(prediction) && label !== prediction;
}

function tooltip(tile: Tile): string {
  return shorten(`${String(tile.id)} · ${String(tile.label ?? "")}`, 200);
}

function wrongMark(tile: Tile, { options }: Drawn): Markup {
  return html`<span class="sample-prediction"
    ><span class="sample-mark" aria-hidden="true">✗</span>
    ${say("said {prediction}", { prediction: formatCell(tile.prediction, LONGEST[options.cards].prediction) })}</span
  >`;
}

/** A caption is titled as axes are; its tooltip has the name that filters know. */
function captionMarkup(column: Column, value: unknown, { highlights, ranges }: Drawn): Markup {
  const range = ranges.get(column) ?? ranges.get(column.name) ?? null;
  const said = valueInWords(column, value, 24, range);
  const sought = kindOf(column) === "text" ? highlights.get(column.name) : undefined;
  return html`<span class="sample-caption" title="${column.name}: ${valueInWords(column, value, 200, range)}"
    ><span class="sample-caption-name">${breakable(titleOf(column.name))}</span>
    <span class="sample-caption-value">${marked(said, sought)}</span></span
  >`;
}

/** The whole of a long text, and the button of a sound. */
function besides(tile: Tile, { options, highlights, isLive }: Drawn): Markup | null {
  const { cards } = options;
  if (cards === "audio")
    return html`<button type="button" class="sample-play" data-play="${JSON.stringify(tile.id)}">
      <span aria-hidden="true">▶</span> ${say("Play")}<span class="visually-hidden">
        ${formatCell(tile.id, 40)}</span
      >
    </button>`;
  const text = cards === "text" && typeof tile.text === "string" ? tile.text : "";
  if (excerptOf(text) === text) return null;
  if (isLive)
    return html`<button type="button" class="sample-more" data-whole="${JSON.stringify(tile.id)}">
      ${say("All of it")}<span class="visually-hidden">
        ${say("of {id}", { id: formatCell(tile.id, 40) })}</span
      >
    </button>`;
  return html`<details class="sample-more">
    <summary>${say("More of it")}</summary>
    <p>${marked(excerpt(text, MOST_SIGNS), highlights.get(options.text!.name))}</p>
  </details>`;
}

/** Signs before the first piece that is looked for, where the beginning of a text would leave it out. */
const BEFORE = 60;

/** The text from a little before what is looked for in it. */
function around(text: unknown, sought: readonly Pattern[] | undefined): unknown {
  if (typeof text !== "string" || !sought) return text;
  const from = piecesOf(text, sought)[0]?.from ?? 0;
  if (from < EXCERPT - BEFORE) return text;
  const start = text.indexOf(" ", from - BEFORE);
  const rest = text.slice(start >= 0 && start < from ? start + 1 : from - BEFORE);
  return `…${rest.replace(/^[\udc00-\udfff]/, "")}`;
}

/** What a card shows of a text: so many signs on so many lines. */
function excerptOf(text: unknown): string {
  const shown = excerpt(text, EXCERPT);
  const lines = shown.split("\n");
  return lines.length <= MOST_BREAKS + 1 ? shown : `${lines.slice(0, MOST_BREAKS + 1).join("\n")}…`;
}

/** The beginning of a text, cut between words where there are any. */
export function excerpt(text: unknown, most: number): string {
  if (typeof text !== "string") return formatCell(text);
  if (text.length <= most) return text;
  const cut = text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
  const space = cut.lastIndexOf(" ");
  return `${space > most / 2 ? cut.slice(0, space) : cut}…`;
}

function sizeInWords(bytes: unknown): string {
  return typeof bytes === "number" ? formatBytes(bytes) : say("no sound");
}

/**
 * The tile cut out of its sheet by an SVG viewport: no inline style, so the strict CSP holds. Of a sheet without an address
 * only its room is taken. Null without an image.
 */
export function imageMarkup(
  { id, sheet, x, y }: Pick<Tile, "id" | "sheet" | "x" | "y">,
  sheets: readonly Media[],
  side: number,
): Markup | null {
  const found = typeof sheet === "number" ? sheets[sheet] : undefined;
  if (!found) return null;
  const { tile_width: width, tile_height: height } = found;
  const longest = Math.max(width, height);
  const scale = longest <= side ? Math.floor(side / longest) : side / longest;
  const isEnlarged = longest <= side;
  return html`<svg
    class="sample-image${isEnlarged ? "" : " sample-image-reduced"}"
    role="img"
    aria-label="${say("sample {id}", { id: formatCell(id, 40) })}"
    width="${width * scale}"
    height="${height * scale}"
    viewBox="${Number(x)} ${Number(y)} ${width} ${height}"
  >
    ${found.url && html`<image href="${found.url}" width="${found.width}" height="${found.height}" />`}
  </svg>`;
}
