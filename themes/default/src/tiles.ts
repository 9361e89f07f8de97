/** What is asked of the samples that cards show. */
import { column as columnRef, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { drawnColumns, type CardColumns } from "./cards.ts";

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
