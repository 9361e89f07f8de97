/** What a tooltip says: of a point its image and the few columns that matter, of a cell how many rows it holds. */
import { cast, column as columnRef, sql, type ExprNode, type SelectQuery } from "@uwdata/mosaic-sql";
import { amongWords, kindOf, labelOf, titleOf } from "../../src/data/columns.ts";
import { rowsOf } from "../../src/data/rows.ts";
import { objects, type Result } from "../../src/data/result.ts";
import { formatCount, html, type Markup } from "../../src/markup.ts";
import { formatOf } from "../../src/values.ts";
import type { Column, Media, Table } from "../../src/page.ts";
import { inWords, nameOfCode, type Colouring } from "./colouring.ts";
import type { Density, Shade } from "./density.ts";
import type { Options } from "./options.ts";
import { isAnyOf } from "./regions.ts";
import { say } from "../../src/words.ts";

export interface Line {
  name: string;
  value: string;
}

/** Everything said of one point. */
export interface Detail {
  image: Markup | null;
  lines: Line[];
}

function shownColumns(options: Options, colour: Column | null): Column[] {
  const axes = options.axes ? [options.x, options.y] : [];
  return [...new Set([...options.details, ...(colour ? [colour] : []), ...axes])];
}

/** The row of one point. */
export function detailQuery(
  options: Options,
  table: Table,
  colour: Column | null,
  id: string | number,
): SelectQuery {
  const { tile } = options;
  const columns = shownColumns(options, colour).map((column, index) => [`detail ${index}`, valueOf(column)]);
  const cut = tile
    ? Object.entries(tile).map(([name, column]) => [name, columnRef((column as Column).name)])
    : [];
  return rowsOf(table, null)
    .where(isAnyOf(options.id!.name, [id]))
    .select(Object.fromEntries([...columns, ...cut]) as Record<string, ExprNode>)
    .limit(1);
}

function valueOf(column: Column): ExprNode {
  const reference = columnRef(column.name);
  if (kindOf(column) === "time") return sql`epoch_ms((${reference})::TIMESTAMP)::DOUBLE`;
  return kindOf(column) === "list" || kindOf(column) === "binary" ? cast(reference, "VARCHAR") : reference;
}

export function readDetail(options: Options, table: Table, colour: Column | null, result: Result): Detail {
  const [row] = objects(result);
  if (!row) return { image: null, lines: [] };
  const lines = shownColumns(options, colour).map((column, index) => ({
    name: titleOf(column.name),
    value: formatOf(column, row[`detail ${index}`]),
  }));
  return { image: tileOf(row, table.media), lines: marked(options, lines, row, colour) };
}

/** A wrong prediction has its sign, as among the samples. */
function marked(
  options: Options,
  lines: Line[],
  row: Record<string, unknown>,
  colour: Column | null,
): Line[] {
  const columns = shownColumns(options, colour);
  const at = (role: string): number => columns.findIndex((column) => column.role === role);
  const [label, prediction] = [at("label"), at("prediction")];
  if (label < 0 || prediction < 0 || row[`detail ${label}`] === row[`detail ${prediction}`]) return lines;
  return lines.map((line, index) => (index === prediction ? { ...line, value: `${line.value} ✗` } : line));
}

/** Side of the image in a tooltip, in px; small images are enlarged by whole multiples only. */
const SIDE = 96;

function tileOf(row: Record<string, unknown>, media: readonly Media[]): Markup | null {
  const sheets = media.filter((each) => each.kind === "sprite");
  const sheet = typeof row["sheet"] === "number" ? sheets[row["sheet"]] : undefined;
  if (!sheet) return null;
  const { tile_width: width, tile_height: height } = sheet;
  const fit = SIDE / Math.max(width, height);
  const scale = fit >= 1 ? Math.floor(fit) : fit;
  return html`<svg
    class="scatter-tile"
    width="${width * scale}"
    height="${height * scale}"
    viewBox="${Number(row["x"])} ${Number(row["y"])} ${width} ${height}"
  >
    <image href="${sheet.url}" width="${sheet.width}" height="${sheet.height}" />
  </svg>`;
}

/** What is known of a point without asking: its colour and, where they mean something, its coordinates. */
export function briefDetail(
  options: Options,
  colouring: Colouring,
  point: { x: number; y: number; code: number },
): Detail {
  const axes = options.axes
    ? [
        { name: labelOf(options.x), value: inWords(options.x, point.x) },
        { name: labelOf(options.y), value: inWords(options.y, point.y) },
      ]
    : [];
  return { image: null, lines: [...colourLine(colouring, point.code), ...axes] };
}

function colourLine(colouring: Colouring, code: number): Line[] {
  if (colouring.kind === "plain") return [];
  const value =
    colouring.kind === "categories" ? nameOfCode(colouring, code) : inWords(colouring.column, code);
  return [{ name: titleOf(colouring.column.name), value }];
}

export function cellDetail(shade: Shade, density: Density, colouring: Colouring, noun: string): Detail {
  const prefix = colouring.kind === "categories" ? `${say("Mostly")} ` : `${say("Mean")} `;
  const colour = colourLine(colouring, shade.code).map(({ name, value }) => ({
    name: prefix + amongWords(name),
    value,
  }));
  const share = {
    name: titleOf(noun),
    value: say("{n} (most: {most})", { n: formatCount(shade.n), most: formatCount(density.most) }),
  };
  return { image: null, lines: [share, ...colour] };
}

export function detailMarkup({ image, lines }: Detail): Markup {
  const list = html`<dl>
    ${lines.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
  return image ? html`<div class="scatter-detail">${image}${list}</div>` : list;
}

export function detailInWords({ lines }: Detail): string {
  return lines.map(({ name, value }) => `${name}: ${value}`).join(", ");
}
