/** A composed chart in words: what it is. */
import { formatCount } from "../../markup.ts";
import { titleOf } from "../../data/columns.ts";
import { isObject, type Json } from "../channels.ts";
import type { Answered } from "./chart.ts";
import { viewsIn } from "./views.ts";
import { say, sayList } from "../../words.ts";

const NOUNS: Readonly<Record<string, string>> = {
  bar: say("bars"),
  line: say("lines"),
  area: say("areas"),
  rect: say("cells"),
  tick: say("ticks"),
  rule: say("rules"),
  arc: say("sectors"),
  text: say("texts"),
  trail: say("trails"),
};

/** The chart in a sentence, its author's where there is one. */
export function describe({ chart, rows, total }: Answered): string {
  const { written, ready } = chart;
  const units = unitsOf(ready.spec);
  const marks = [...new Set(units.map((unit) => NOUNS[markOf(unit)] ?? say("points")))];
  const titles = [...new Set(units.flatMap(channelTitles))].slice(0, 8);
  const own = typeof written["description"] === "string" ? `${written["description"]} ` : "";
  const kind = units.length > 1 ? say("Chart of {units} parts", { units: units.length }) : say("Chart");
  return say("{own}{kind}: {listed} of {titles}; {rows} of {total}.", {
    own,
    kind,
    listed: listed(marks),
    titles: titles.join(", "),
    rows: formatCount(rows),
    total: formatCount(total),
  });
}

function listed(words: readonly string[]): string {
  return sayList(words) || say("marks");
}

export function unitsOf(spec: Json): Json[] {
  return "mark" in spec ? [spec] : viewsIn(spec).flatMap(unitsOf);
}

function markOf({ mark }: Json): string {
  return String(isObject(mark) ? mark["type"] : mark);
}

function channelTitles(unit: Json): string[] {
  const channels = isObject(unit["encoding"]) ? Object.values(unit["encoding"]).filter(isObject) : [];
  return channels
    .filter((channel) => "field" in channel || "aggregate" in channel)
    .map((channel) => {
      const title = channel["title"];
      return typeof title === "string" && title
        ? title
        : titleOf(String(channel["field"] ?? channel["aggregate"]));
    });
}
