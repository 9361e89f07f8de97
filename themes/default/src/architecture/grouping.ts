/** Whether layers can be one group: all paths lead into it at one layer and out at one, and none leaves and returns. */
import { neighboursOf, type Network } from "./network.ts";
import { say, sayCount } from "../words.ts";

/** What is wrong with a selection, in a sentence that says what to do; null for nothing. */
export function refusal(network: Network, selected: readonly number[]): string | null {
  const inside = new Set(selected);
  if (inside.size < 2)
    return say(
      "Select two layers or more to make a group of them: with Shift all between two, with Ctrl one more.",
    );
  if (inside.size === network.layers.length)
    return say("A group of all layers is the network itself; leave some out.");
  const { next, previous } = neighboursOf(network.layers.length, network.connections);
  const named = (layers: readonly number[]): string =>
    listed(layers.map((index) => network.layers[index]!.id));
  const between = pathsBetween(network, inside, next, previous);
  if (between.length)
    return sayCount(
      between.length,
      "A path leaves the selection and comes back through {between}: select it, too.",
      "A path leaves the selection and comes back through {between}: select them, too.",
      { between: named(between) },
    );
  const entries = [...inside].filter((index) => previous[index]!.some((each) => !inside.has(each)));
  const sources = new Set(entries.flatMap((index) => previous[index]!.filter((each) => !inside.has(each))));
  if (entries.length > 1 && sources.size > 1)
    return say(
      "The selection is entered in {entries} places, {entries2}: select what leads there, too, or leave all but one out.",
      { entries: entries.length, entries2: named(entries) },
    );
  const exits = [...inside].filter((index) => next[index]!.some((each) => !inside.has(each)));
  if (exits.length > 1)
    return say(
      "The selection is left in {exits} places, {exits2}: select what they lead to, too, or leave all but one out.",
      { exits: exits.length, exits2: named(exits) },
    );
  return isWhole(inside, next, previous)
    ? null
    : say("The selection has parts that are not connected: select what lies between them, too.");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => (name.length > 60 ? `${name.slice(0, 57)}…` : name));
  const more = names.length - shown.length;
  return more > 0
    ? say("{shown} and {more} more", { shown: shown.join(", "), more })
    : shown.join(` ${say("and")} `);
}

/** Layers outside that come after some of the selected ones and before others. */
export function pathsBetween(
  network: Network,
  inside: ReadonlySet<number>,
  next: readonly (readonly number[])[],
  previous: readonly (readonly number[])[],
): number[] {
  const { length } = network.layers;
  const [after, before] = [new Uint8Array(length), new Uint8Array(length)];
  const isIn = (index: number, seen: Uint8Array): boolean => inside.has(index) || seen[index] === 1;
  for (let index = 0; index < length; index++)
    if (previous[index]!.some((each) => isIn(each, after))) after[index] = 1;
  for (let index = length - 1; index >= 0; index--)
    if (next[index]!.some((each) => isIn(each, before))) before[index] = 1;
  return Array.from({ length }, (_, index) => index).filter(
    (index) => !inside.has(index) && after[index] && before[index],
  );
}

function isWhole(
  inside: ReadonlySet<number>,
  next: readonly (readonly number[])[],
  previous: readonly (readonly number[])[],
): boolean {
  // Branches of one fork hang together outside of the selection.
  const [first] = inside;
  const fork = (index: number): readonly number[] =>
    previous[index]!.flatMap((each) => (inside.has(each) ? [each] : next[each]!));
  const reached = new Set([first!]);
  for (const index of reached)
    for (const each of [...next[index]!, ...fork(index)]) if (inside.has(each)) reached.add(each);
  return reached.size === inside.size;
}

/** The layers on all paths between two, those included: what a person means who selects from one to the other. */
export function betweenTwo(network: Network, from: number, to: number): number[] {
  const { next, previous } = neighboursOf(network.layers.length, network.connections);
  const [start, end] = from < to ? [from, to] : [to, from];
  const inside = new Set([start, end]);
  const path = pathsBetween(network, inside, next, previous);
  return [start, ...path, end].sort((a, b) => a - b);
}
