/** Answers and state as one thing to draw. What depends on the whole alone is made once, however often filters change. */
import type { Result } from "../../src/data/result.ts";
import { formatCount } from "../../src/markup.ts";
import type { Context, Results } from "../../src/view.ts";
import { Classes, readPairs, wholeOf, type Pairs } from "./counts.ts";
import { axisOf, isHidden, matrixOf, type Axis, type Matrix } from "./matrix.ts";
import type { Look, Options } from "./options.ts";
import { arrange, MOST_CLUSTERED, type Totals } from "./order.ts";
import { lookOf, type MatrixState } from "./state.ts";
import { treeOf, type Tree } from "./tree.ts";
import { say } from "../../src/words.ts";

export interface Model {
  look: Look;
  tree: Tree;
  axis: Axis;
  whole: Matrix;
  passing: Matrix;
  /** The most samples in a cell of the whole that counts for the scale, over all groups. */
  most: number;
  rows: number;
  total: number;
  missing: number;
  isFiltered: boolean;
  notices: readonly string[];
}

/** What the whole alone decides. */
interface Ground {
  classes: Classes;
  pairs: Pairs;
  tree: Tree;
  axis: Axis;
  whole: Matrix;
  most: number;
}

const grounds = new WeakMap<Result, { key: string; ground: Ground }>();

export function modelOf(options: Options, results: Results, state: MatrixState, context: Context): Model {
  const look = lookOf(options, state);
  const { classes, pairs, tree, axis, whole, most } = groundOf(options, results, state, context);
  const here = readPairs(results["passing"]!, options, state, classes);
  const passing = matrixOf(axis, here);
  return {
    ...{ look, tree, axis, whole, passing, most },
    rows: here.rows,
    total: pairs.rows,
    missing: here.missing,
    isFiltered: here.rows < pairs.rows,
    notices: notices(options, state, look, tree, here),
  };
}

/** Groups share their classes, their order and their scale. */
function groundOf(options: Options, results: Results, state: MatrixState, context: Context): Ground {
  const own = wholeOf(results, options, state)!;
  const { nest, given, focus, toggled, order, errors } = state;
  const peers = context.group?.peers ?? [];
  const key = JSON.stringify([nest, given, focus, toggled, order, errors, peers.length]);
  const kept = grounds.get(own);
  if (kept?.key === key) return kept.ground;
  const ground = laidGround(options, own, peers, state);
  grounds.set(own, { key, ground });
  return ground;
}

function laidGround(options: Options, own: Result, peers: readonly Results[], state: MatrixState): Ground {
  const classes = new Classes();
  const others = peers.map((peer) => wholeOf(peer, options, state)).filter((each) => each && each !== own);
  const all = [own, ...(others as Result[])].map((each) => readPairs(each, options, state, classes));
  const tree = treeOf(classes.keys, options.separator);
  arrange(tree, lookOf(options, state).order, options.classes, totalsOf(all, classes.keys.length));
  const axis = axisOf(tree, options, state);
  const wholes = all.map((pairs) => matrixOf(axis, pairs));
  const isLeftOut = lookOf(options, state).errors;
  const most = Math.max(0, ...wholes.map((each) => mostOf(each, axis, isLeftOut)));
  return { classes, pairs: all[0]!, tree, axis, whole: wholes[0]!, most };
}

function totalsOf(all: readonly Pairs[], classes: number): Totals {
  const joined = (name: "actual" | "predicted"): Int32Array =>
    Int32Array.from(all.flatMap((pairs) => [...pairs[name]]));
  const [actual, predicted] = [joined("actual"), joined("predicted")];
  const n = Float64Array.from(all.flatMap((pairs) => [...pairs.n]));
  const [labelled, predictions, right] = [0, 1, 2].map(() => new Float64Array(classes)) as Float64Array[];
  n.forEach((count, index) => {
    labelled![actual[index]!]! += count;
    predictions![predicted[index]!]! += count;
    if (actual[index] === predicted[index]) right![actual[index]!]! += count;
  });
  return { actual, predicted, n, labelled: labelled!, predictions: predictions!, right: right! };
}

function mostOf(matrix: Matrix, axis: Axis, isLeftOut: boolean): number {
  let most = 0;
  for (const [at, n] of matrix.cells) {
    const [row, column] = [Math.floor(at / matrix.size), at % matrix.size];
    if (n > most && !(isLeftOut && row === column) && !isHidden(axis, row, column)) most = n;
  }
  return most;
}

function notices(options: Options, state: MatrixState, look: Look, tree: Tree, here: Pairs): string[] {
  const said: string[] = [];
  if (here.missing > 0)
    said.push(
      say("{missing} of {rows} {noun} have no label or no prediction and are in no cell.", {
        missing: formatCount(here.missing),
        rows: formatCount(here.rows),
        noun: options.noun,
      }),
    );
  if (state.given) {
    const { label, prediction } = options.dimensions[state.given.dimension]!;
    const column = state.given.side === "actual" ? label : prediction;
    said.push(
      say("Only {noun} whose {column} is {given} are counted.", {
        noun: options.noun,
        column: column.name,
        given: state.given.value,
      }),
    );
  }
  const isTooMany = look.order === "cluster" && tree.root.children.length > MOST_CLUSTERED;
  if (isTooMany)
    said.push(
      say("More than {most} classes are not clustered; they stand by frequency.", { most: MOST_CLUSTERED }),
    );
  return said;
}
