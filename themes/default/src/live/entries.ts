/** What each entry of a view's menu does; it answers with what to say to the reader. */
import { labelOf } from "../data/columns.ts";
import { formatCount } from "../markup.ts";
import type { Table } from "../page.ts";
import { tablesOf, type DataTable, type Drawing } from "../view.ts";
import { fullHash } from "../whole.ts";
import { resolveVariable } from "./colours.ts";
import { chartOf, fontFaces, pngOf } from "./export/image.ts";
import { fileName } from "./export/name.ts";
import { MOST_ROWS, readRows, titleWithUnit } from "./export/rows.ts";
import { copyImage, save } from "./export/save.ts";
import { standaloneSvg, type Standalone } from "./export/svg.ts";
import { csvSections, jsonSections, type FileColumn, type FileSection } from "./export/text.ts";
import type { LiveFigure } from "./mount.ts";
import { SHARE, type Shared } from "../boot/share.ts";
import { copyText } from "./clipboard.ts";
import { TOO_LONG } from "./state.ts";
import { describeSelection } from "./words.ts";
import { say, sayCount } from "../words.ts";

/** Says how far a long task is. */
export type Tell = (text: string) => void;

const CSV = "text/csv;charset=utf-8";

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

export async function saveCsv(figure: LiveFigure): Promise<string> {
  return saveData(figure, "csv", CSV, csvSections);
}

export async function saveJson(figure: LiveFigure): Promise<string> {
  return saveData(figure, "json", "application/json", jsonSections);
}

async function saveData(
  figure: LiveFigure,
  extension: string,
  type: string,
  write: (sections: readonly FileSection[]) => string,
): Promise<string> {
  const { drawing } = await figure.shown(figure.context.request.width);
  const tables = tablesOf(drawing.data);
  if (tables.length === 0) throw new Error("this view has no data of its own");
  const name = nameOf(figure, drawing, extension);
  const sections = tables.map(({ caption, columns, rows }) => ({
    caption: caption ?? null,
    columns: fileColumns(columns, figure.context.table),
    rows,
  }));
  save([write(sections)], type, name);
  return saved(
    name,
    tables.reduce((sum, { rows }) => sum + rows.length, 0),
  );
}

/** Titles with units; a column that shows one of the table's as it is has that one's type. */
function fileColumns(columns: DataTable["columns"], table: Table): FileColumn[] {
  return columns.map(({ name, title }) => {
    const column = table.columns.find((each) => each.name === title || labelOf(each) === title) ?? null;
    return { name, title: column?.name === title ? titleWithUnit(column) : title, column };
  });
}

export async function saveRows(figure: LiveFigure, tell: Tell): Promise<string> {
  const { drawing, filter } = await figure.shown(figure.context.request.width);
  const { page, context } = figure;
  const progress = (rows: number): void =>
    tell(
      say("{rows} of {rows2} rows read…", {
        rows: formatCount(rows),
        rows2: formatCount(Math.min(drawing.rows, MOST_ROWS)),
      }),
    );
  const { parts, rows } = await readRows(page.coordinator, context.table, filter, progress);
  const name = nameOf(figure, drawing, "csv", "rows");
  save(parts, CSV, name);
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
  const chart = chartOf(drawing.body, figure.figure.querySelector<HTMLElement>(".view-body")!);
  if (!chart) throw new Error("nothing is drawn");
  const { id, title } = figure.context.request;
  const { description } = drawing;
  const picture = { ...chart, title: title ?? id, caption: captionOf(figure, drawing), description, fonts };
  return { svg: standaloneSvg(picture, resolveVariable), drawing };
}

/** How many of how many, by which selections, and of which report. */
function captionOf({ page, context }: LiveFigure, { rows, total }: Drawing): string[] {
  const others = page.payload.views.filter((view) => view.id !== context.request.id);
  const selections = others.map((view) => {
    const state = page.state.views[view.id];
    return state ? describeSelection(page, view, state) : null;
  });
  const counted =
    rows === total
      ? `n = ${formatCount(total)}`
      : `n = ${say("{n} of {total}", { n: formatCount(rows), total: formatCount(total) })}`;
  return [counted, page.state.filter, ...selections, reportTitle()].filter((text) => text !== null);
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
