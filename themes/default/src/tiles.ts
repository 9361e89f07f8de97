/** What is asked of the samples that cards show. */
import { column as columnRef, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { drawnColumns, type CardColumns } from "./cards.ts";
import { kindOf } from "./data/columns.ts";
import { extentOf, rangeIn } from "./data/extent.ts";
import type { Result } from "./data/result.ts";
import type { Column } from "./page.ts";
import { isShare, type Range } from "./values.ts";

/** The cells of a card, by the names that it is drawn with; `text` cuts long texts where they lie, and of sounds only the size is asked. */
export function cellsOf(card: CardColumns, text: (column: ExprNode) => ExprNode): Record<string, ExprNode> {
  const drawn = Object.entries(drawnColumns(card)).map(([name, { name: column }]): [string, ExprNode] => {
    const reference = columnRef(column);
    return [name, name === "text" ? text(reference) : reference];
  });
  const { audio, cards } = card;
  if (cards === "audio") drawn.push(["bytes", sql`octet_length(${columnRef(audio!.name)})::INTEGER`]);
  return Object.fromEntries(drawn);
}

/** Captions whose numbers are written alike on all cards. */
const measured = ({ captions }: CardColumns): Column[] =>
  captions.filter((each) => kindOf(each) === "number" && each.role !== "id" && !isShare(each));

/** What tells how the numbers of each caption are written, to be asked of all rows: no filter moves a decimal. */
export function endsOf(card: CardColumns): Record<string, ExprNode> {
  return Object.fromEntries(
    measured(card).flatMap((each) => extentOf(each, columnRef(each.name), each.name)),
  );
}

/** The ranges of the captions by their names, out of an answer that holds their ends; none where none was asked for. */
export function rangesIn(card: CardColumns, answer: Result | undefined): Map<string, Range> {
  if (!answer) return new Map();
  const ranges = measured(card).map(({ name }) => [name, rangeIn(answer, name)] as const);
  return new Map(ranges.filter((each): each is [string, Range] => each[1] !== null));
}
