/** Names below the plots of a composed chart: they lie while each has room, else they stand. */
import { expressionFunction } from "vega";
import { greatest } from "../../extremes.ts";
import { isObject, objectsIn, type Json } from "../channels.ts";
import { config, FONT_SIZE } from "../theme.ts";
import { textWidth } from "../widths.ts";

/** Stands in a spec for the angle of an axis's names, until it is known which scale they have. */
export const TURNED = "turned_names";

/** Px between names that lie beside each other, at least. */
const BETWEEN = 4;

function stepOf(domain: unknown, range: unknown): number {
  const [names, ends] = [domain as unknown[], range as number[]];
  return Math.abs(ends.at(-1)! - ends[0]!) / Math.max(1, names.length);
}

expressionFunction("namesLie", (domain: unknown, range: unknown) => {
  const limit = Number((config["axis"] as Json)["labelLimit"]);
  const widths = (domain as unknown[]).map((name) =>
    Math.min(limit, textWidth(String(name).slice(0, 80), FONT_SIZE)),
  );
  return greatest(widths, 0) + BETWEEN <= stepOf(domain, range);
});

/** Px that names which stand take at least: less than their line, as nothing of two letters meets. */
const UPRIGHT = 9;

expressionFunction("namesFit", (domain: unknown, range: unknown) => stepOf(domain, range) >= UPRIGHT);

/** Names below a plot lie while they fit into their step, else they stand; none is left out while it has room to stand. */
export function turnedNames(group: Json): Json {
  for (const axis of objectsIn(group["axes"])) {
    const { labelAngle, orient, scale } = axis;
    if (!isObject(labelAngle) || labelAngle["signal"] !== TURNED) continue;
    const name = JSON.stringify(scale);
    const lie = `namesLie(domain(${name}), range(${name}))`;
    const [below, side] = orient === "top" ? ["bottom", "left"] : ["top", "right"];
    axis["labelAngle"] = { signal: `${lie} ? 0 : 270` };
    axis["labelOverlap"] = { signal: `namesFit(domain(${name}), range(${name})) ? false : 'parity'` };
    const placed = {
      align: { signal: `${lie} ? 'center' : '${side}'` },
      baseline: { signal: `${lie} ? '${below}' : 'middle'` },
    };
    const encode = isObject(axis["encode"]) ? axis["encode"] : {};
    const labels = isObject(encode["labels"]) ? encode["labels"] : {};
    const update = isObject(labels["update"]) ? labels["update"] : {};
    axis["encode"] = { ...encode, labels: { ...labels, update: { ...update, ...placed } } };
  }
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") turnedNames(mark);
  return group;
}
