/** What each entry of a view's menu does; it answers with what to say to the reader. */
import { formatCount } from "../markup.ts";
import { tablesOf, type Drawing, type Listing } from "../view.ts";
import { fullHash } from "../whole.ts";
import { resolveVariable } from "./colours.ts";
import { chartIn, fontFaces, pngOf } from "./export/image.ts";
import { drawnColumns } from "./export/drawn.ts";
import { fileName } from "./export/name.ts";
import { listingOf, MOST_ROWS, readRows } from "./export/rows.ts";
import { copyImage, save } from "./export/save.ts";
import { standaloneSvg, type Standalone } from "./export/svg.ts";
import {
  CSV_ROWS,
  csvSections,
  JSON_ROWS,
  jsonSections,
  type FileSection,
  type RowFormat,
} from "./export/text.ts";
import { sectionsIn } from "./export/written.ts";
import type { LiveFigure } from "./mount.ts";
import { SHARE, type Shared } from "../boot/share.ts";
import { copyText } from "./clipboard.ts";
import { TOO_LONG } from "./state.ts";
import { describeSelection } from "./words.ts";
import { say, sayCount } from "../words.ts";

/** Says how far a long task is. */
export type Tell = (text: string) => void;

/** The link to a view with the state of its page; throws where the state is too long for one. */
export function linkTo(figure: LiveFigure): string {
  const { hash, isTooLong } = figure.page.link(figure.context.request.id);
  if (isTooLong) throw new Error(TOO_LONG);
  return hash;
}

export async function copyLink(figure: LiveFigure): Promise<string> {
  if (await copyText(new URL(fullHash(linkTo(figure)), location.href).href)) return say("Copied.");
  share({ id: figure.context.request.id, section: "link" });
  return say("The browser refuses to copy.");
}

export function cite(figure: LiveFigure): Promise<string> {
  share({ id: figure.context.request.id, section: "cite" });
  return Promise.resolve("");
}

/** Opens the window of sharing, where every text can be selected. */
function share(shared: Shared): void {
  dispatchEvent(new CustomEvent(SHARE, { detail: shared }));
}

/** A kind of file: of a drawing's tables, or of rows that are read a window at a time. */
interface Kind {
  extension: string;
  type: string;
  sections: (sections: readonly FileSection[]) => string;
  rows: RowFormat;
}

const CSV: Kind = {
  ...{ extension: "csv", type: "text/csv;charset=utf-8" },
  ...{ sections: csvSections, rows: CSV_ROWS },
};
const JSON_KIND: Kind = {
  ...{ extension: "json", type: "application/json" },
  ...{ sections: jsonSections, rows: JSON_ROWS },
};

export async function saveCsv(figure: LiveFigure, tell: Tell): Promise<string> {
  return saveData(figure, CSV, tell);
}

export async function saveJson(figure: LiveFigure, tell: Tell): Promise<string> {
  return saveData(figure, JSON_KIND, tell);
}

async function saveData(figure: LiveFigure, kind: Kind, tell: Tell): Promise<string> {
  const listing = figure.listing();
  if (listing) return saveListing(figure, listing, kind, "", tell);
  const { drawing } = await figure.shown(figure.context.request.width);
  const sections = drawing.data
    ? tablesOf(drawing.data).map(({ caption, columns, rows }) => ({
        caption: caption ?? null,
        columns: drawnColumns(columns, figure.context.table),
        rows,
      }))
    : sectionsIn(figure.figure.querySelector<HTMLElement>(":scope > .view-body")!);
  if (sections.length === 0) throw new Error("this view has no data of its own");
  const name = nameOf(figure, drawing, kind.extension);
  save([kind.sections(sections)], kind.type, name);
  return saved(
    name,
    sections.reduce((sum, { rows }) => sum + rows.length, 0),
  );
}

export async function saveRows(figure: LiveFigure, tell: Tell): Promise<string> {
  return saveListing(figure, listingOf(figure.context.table), CSV, "rows", tell);
}

/** Rows of a listing that pass; `what` tells the file from another of the view. */
async function saveListing(
  figure: LiveFigure,
  listing: Listing,
  kind: Kind,
  what: string,
  tell: Tell,
): Promise<string> {
  const { drawing, filter } = await figure.shown(figure.context.request.width);
  const progress = (rows: number): void =>
    tell(
      say("{rows} of {rows2} rows read…", {
        rows: formatCount(rows),
        rows2: formatCount(Math.min(drawing.rows, MOST_ROWS)),
      }),
    );
  const { parts, rows } = await readRows(figure.page.coordinator, listing, filter, kind.rows, progress);
  const name = nameOf(figure, drawing, kind.extension, what);
  save(parts, kind.type, name);
  const rest =
    drawing.rows > rows
      ? ` ${say("{rows} pass; the Parquet holds them all.", { rows: formatCount(drawing.rows) })}`
      : "";
  return saved(name, rows) + rest;
}

export async function saveSvg(figure: LiveFigure): Promise<string> {
  const { svg, drawing } = await pictureOf(figure, "");
  const name = nameOf(figure, drawing, "svg");
  save([svg.text], "image/svg+xml", name);
  return say("Saved {name}.", { name });
}

export async function savePng(figure: LiveFigure): Promise<string> {
  const { svg, drawing } = await pictureOf(figure, await fontFaces());
  const name = nameOf(figure, drawing, "png");
  save([await pngOf(svg)], "image/png", name);
  return say("Saved {name}.", { name });
}

export async function copyPng(figure: LiveFigure): Promise<string> {
  const image = fontFaces()
    .then((fonts) => pictureOf(figure, fonts))
    .then(({ svg }) => pngOf(svg));
  // Where the clipboard refuses, it is what failed; a failure of the image would otherwise be an uncaught one as well.
  image.catch(() => undefined);
  try {
    await copyImage(image);
    return say("Image copied.");
  } catch {
    await image;
    return say("The browser refuses to copy images. {n}", { n: await savePng(figure) });
  }
}

/** What the view shows as a drawing of its own, with the page's fonts in it. */
export async function standalonePicture(figure: LiveFigure): Promise<Standalone> {
  return (await pictureOf(figure, await fontFaces())).svg;
}

/** Columns of the page's grid that a view takes now. */
export function columnsNow({ figure, context }: LiveFigure): number {
  return figure.hasAttribute("data-full") ? 12 : context.request.width;
}

async function pictureOf(figure: LiveFigure, fonts: string): Promise<{ svg: Standalone; drawing: Drawing }> {
  const { drawing } = await figure.shown(columnsNow(figure));
  const chart = await chartIn(figure.figure, drawing.body);
  const title = figure.figure.querySelector(":scope > .view-header > .view-title")!.textContent;
  // What only the build knows, it has said.
  const said = figure.figure.querySelector(":scope > .view-description")?.textContent ?? "";
  const description = drawing.description || said;
  const picture = { ...chart, title, caption: captionOf(figure, drawing), description, fonts };
  return { svg: standaloneSvg(picture, resolveVariable), drawing };
}

/** How many of how many, how to read it, by which selections, and of which report. */
function captionOf({ page, context, figure }: LiveFigure, { rows, total, reading = [] }: Drawing): string[] {
  const others = page.payload.views.filter((view) => view.id !== context.request.id);
  const selections = others.map((view) => {
    const state = page.state.views[view.id];
    return state ? describeSelection(page, view, state) : null;
  });
  const counted =
    rows === total
      ? `n = ${formatCount(total)}`
      : `n = ${say("{n} of {total}", { n: formatCount(rows), total: formatCount(total) })}`;
  const isCounted = figure.querySelector(":scope > .view-header > .view-count") !== null;
  return [isCounted ? counted : null, ...reading, page.state.filter, ...selections, reportTitle()].filter(
    (text) => text !== null,
  );
}

export function nameOf(
  { context }: LiveFigure,
  { rows, total }: Drawing,
  extension: string,
  what = "",
): string {
  return fileName({ report: reportTitle(), id: context.request.id, rows, total }, extension, what);
}

function reportTitle(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=application-name]")?.content ?? "";
}

function saved(name: string, rows: number): string {
  return sayCount(rows, "Saved {rows} row as {name}.", "Saved {rows} rows as {name}.", {
    rows: formatCount(rows),
    name,
  });
}
