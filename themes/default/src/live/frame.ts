/** What stands around a drawing: counts, notices, the data table. The same markup as at build. */
import { counts, dataTable, notices, noticesOf, saysEmpty } from "../figure.ts";
import { html } from "../markup.ts";
import { tablesOf, type DataTable, type Drawing } from "../view.ts";

export type Framed = Pick<Drawing, "rows" | "total" | "notices" | "data"> & {
  /** What the drawing is in words; left out where that is said once for all that it can show. */
  description?: string;
};

/** Parts of figures, each with who hears what is drawn in it. */
const PARTS = new WeakMap<HTMLElement, (drawing: Framed) => void>();

/** From now on the frame of this part goes to a listener, which writes the figure's own. */
export function collectFrames(part: HTMLElement, listener: (drawing: Framed) => void): void {
  PARTS.set(part, listener);
}

export function updateFrame(figure: HTMLElement, drawing: Framed): void {
  const part = PARTS.get(figure);
  if (part) {
    part(drawing);
    return;
  }
  updateCounts(figure, drawing.rows, drawing.total);
  const description = figure.querySelector(":scope > .view-description");
  if (description && drawing.description !== undefined) description.textContent = drawing.description;
  const table = figure.querySelector<HTMLDetailsElement>(":scope > .view-data");
  const isSaid = [...figure.querySelectorAll(".view-body")].some(saysEmpty);
  updateNotices(figure, table, noticesOf(drawing, isSaid));
  if (table) updateData(table, drawing);
}

/** The frame of a figure whose groups are drawn apart: their sums, and their rows with the group in front. */
export function joinedFrame(title: string, parts: readonly { label: string; drawing: Framed }[]): Framed {
  const sum = (of: (drawing: Framed) => number): number =>
    parts.reduce((total, { drawing }) => total + of(drawing), 0);
  const said = parts.flatMap(({ drawing }) => drawing.notices);
  return {
    rows: sum((drawing) => drawing.rows),
    total: sum((drawing) => drawing.total),
    notices: [...new Set(said)],
    get data() {
      return joinedTables(
        title,
        parts.flatMap(({ label, drawing }) => tablesOf(drawing.data).map((table) => ({ label, table }))),
      );
    },
  };
}

/** Tables of one caption are one, whichever group they are of. */
function joinedTables(
  title: string,
  parts: readonly { label: string; table: DataTable }[],
): DataTable | null {
  const captions = [...new Set(parts.map(({ table }) => table.caption))];
  const [first, ...beside] = captions.map((caption): DataTable => {
    const same = parts.filter(({ table }) => table.caption === caption);
    const rows = same.flatMap(({ label, table }) =>
      table.rows.map((row) => ({ ...row, [GROUP_CELL]: label })),
    );
    const columns = [{ name: GROUP_CELL, title }, ...same[0]!.table.columns];
    return { ...(caption === undefined ? {} : { caption }), columns, rows };
  });
  return first ? { ...first, beside } : null;
}

/** No column of a table is named so. */
const GROUP_CELL = "\u0000group";

function updateCounts(figure: HTMLElement, rows: number, total: number): void {
  if (figure.dataset["rows"] === String(rows) && figure.dataset["total"] === String(total)) return;
  figure.dataset["rows"] = String(rows);
  figure.dataset["total"] = String(total);
  const count = figure.querySelector(".view-count");
  if (count) count.innerHTML = counts(rows, total).text;
}

/** Left as they are when they say the same: while brushing they hardly ever change. */
function updateNotices(figure: HTMLElement, before: HTMLElement | null, texts: readonly string[]): void {
  const shown = [...figure.querySelectorAll(":scope > .view-notice")];
  if (shown.map((notice) => notice.textContent).join("\n") === texts.join("\n")) return;
  shown.forEach((notice) => notice.remove());
  before?.insertAdjacentHTML("beforebegin", notices(texts).text);
}

/** A folded table is written when it is opened: while brushing nobody reads it. */
function updateData(details: HTMLDetailsElement, drawing: Framed): void {
  const write = (): void => {
    const fresh = document.createElement("template");
    fresh.innerHTML = dataTable({ description: "", ...drawing, body: html`` })?.text ?? "";
    const content = fresh.content.querySelector("details");
    if (content) details.replaceChildren(...content.childNodes);
  };
  if (details.open) write();
  details.ontoggle = () => details.open && write();
}
