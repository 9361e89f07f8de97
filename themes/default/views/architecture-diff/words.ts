/** What a tooltip says of a glyph of a comparison. */
import { saidOf } from "../../src/architecture/differences.ts";
import { formatCount, shorten } from "../../src/markup.ts";
import { say } from "../../src/words.ts";
import { idsOf, type Pointed, type Shown } from "./drawing.ts";

export interface Fact {
  name: string;
  value: string;
}

/** Differences that are said at most. */
const MOST = 8;

export function factsOf(shown: Shown, pointed: Pointed): Fact[] {
  const { networks, options, differences } = shown;
  const { side, glyph } = pointed;
  const own = new Set(glyph.layers);
  const pairs = differences.comparison.pairs.filter((pair) =>
    own.has((side === 0 ? pair.first : pair.second) ?? -1),
  );
  const counted = (change: "same" | "changed" | "removed" | "added"): Fact[] => {
    const { length } = pairs.filter((pair) => pair.change === change);
    return length ? [{ name: saidOf(change), value: formatCount(length) }] : [];
  };
  const changed = pairs.filter(({ differences: what }) => what.length > 0).slice(0, MOST);
  const ids = idsOf(shown, pointed);
  return [
    { name: shorten(options.names[side], 40), value: shorten(glyph.name, 60) },
    { name: say("Layers"), value: formatCount(glyph.layers.length) },
    ...counted("same"),
    ...counted("changed"),
    ...counted(side === 0 ? "removed" : "added"),
    ...changed.map(({ first, differences: what }) => ({
      name: shorten(networks[0].layers[first!]!.id, 40),
      value: shorten(what.join(", "), 80),
    })),
    ...(ids.first.length === 1 && ids.second.length === 1 && ids.first[0] !== ids.second[0]
      ? [
          {
            name: shorten(options.names[1 - side]!, 40),
            value: shorten((side === 0 ? ids.second : ids.first)[0]!, 60),
          },
        ]
      : []),
  ];
}
