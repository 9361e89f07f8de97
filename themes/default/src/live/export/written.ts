/** Tables of words that the build has written into a view, which no live page can draw anew: as rows of a file. */
import { say } from "../../words.ts";
import type { FileSection } from "./text.ts";

/** The tables of a view's body, each called by its caption, or the heading above it. */
export function sectionsIn(body: HTMLElement): FileSection[] {
  const tables = [...body.querySelectorAll("table")];
  return tables.map((table) => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map(textOf);
    const groups = [...table.tBodies].flatMap((part) => rowsOf(part));
    const isGrouped = groups.some(({ group }) => group !== null);
    const titles = heads.length ? heads : [say("Name"), say("Value")];
    const columns = [...(isGrouped ? [say("Group")] : []), ...titles].map((title, index) => ({
      title,
      name: String(index),
      column: null,
    }));
    const rows = groups.map(({ group, cells }) =>
      Object.fromEntries(
        [...(isGrouped ? [group] : []), ...cells].map((cell, index) => [String(index), cell]),
      ),
    );
    return { caption: tables.length > 1 ? captionOf(table) : null, columns, rows };
  });
}

interface Row {
  /** What heads the rows of its part; null where nothing does. */
  group: string | null;
  cells: string[];
}

function rowsOf(part: HTMLTableSectionElement): Row[] {
  const head = part.querySelector("th[scope=rowgroup]");
  const group = head && textOf(head);
  return [...part.rows]
    .filter((row) => !row.contains(head))
    .map((row) => ({ group, cells: [...row.cells].map(textOf) }));
}

function captionOf(table: HTMLTableElement): string {
  const above = table.caption ?? table.closest("section")?.querySelector("h3, h4");
  return above ? textOf(above) : "";
}

/** What a cell says, without a remark on it; of what it shows in short and offers to copy, the whole. */
function textOf(cell: Element): string {
  const whole = cell.querySelector<HTMLElement>("[data-copy]")?.dataset["copy"];
  const said = [...cell.childNodes].filter(
    (node) => !(node instanceof Element && node.matches(".facts-mark")),
  );
  const text = said.map((node) => node.textContent).join("");
  return whole ?? text.replace(/\s+/g, " ").trim();
}
