/** How long SQL is, without writing it: what is made of long parts is asked for its length at every step. */
import { FragmentNode, type ExprNode } from "@uwdata/mosaic-sql";

const lengths = new WeakMap<ExprNode, number>();

/** The length of an expression as text, in characters. Nodes do not change once they are made, so each is measured once. */
export function lengthOf(node: ExprNode): number {
  const known = lengths.get(node);
  if (known !== undefined) return known;
  const length = measured(node);
  lengths.set(node, length);
  return length;
}

/** Most of what is translated are fragments: texts with other expressions between them. */
function measured(node: ExprNode): number {
  if (!(node instanceof FragmentNode)) return String(node).length;
  return node.spans.reduce((sum, span) => sum + lengthOf(span), 0);
}
