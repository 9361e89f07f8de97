/** What a chart's tooltip says of one mark: its channels by their titles, formatted as the axes are. */
import { formatCell } from "../../src/markup.ts";
import { formatOf, formatUnit, sayingOf } from "../../src/values.ts";
import type { Table } from "../../src/page.ts";
import type { Channel } from "../../src/vega/channels.ts";
import { shareOf, titleOfChannel, type Chart } from "../../src/vega/chart.ts";
import { endsOf } from "../../src/vega/intervals.ts";
import { fromLabel } from "../../src/vega/labels.ts";
import type { Row } from "../../src/vega/compose.ts";
import { say } from "../../src/words.ts";

export function tooltipRows(chart: Chart, datum: Row, table: Table): { name: string; value: string }[] {
  const shown = chart.channels.filter((channel) => channel.field in datum);
  const rows = shown.map((channel) => ({
    name: titleOfChannel(channel, table),
    value: valueInWords(channel, datum),
  }));
  const hasCount = chart.measures.some((channel) => channel.operation === "count");
  const count = datum["rows"];
  if (shown.length === 0 || hasCount || chart.raw || typeof count !== "number") return rows;
  return [...rows, ...intervalRows(chart, datum), { name: "n", value: formatCell(count) }];
}

function intervalRows(chart: Chart, datum: Row): { name: string; value: string }[] {
  const share = shareOf(chart);
  const ends = share ? endsOf(share).map((name) => datum[name]) : [];
  if (!ends.length || !ends.every((end) => typeof end === "number")) return [];
  return [{ name: "95% interval", value: ends.map((end) => shownValue(share!, end)).join(` ${say("to")} `) }];
}

/** What a mark shows of a channel; also for the chart's data table. */
export function shownValue(channel: Channel, value: unknown): string {
  const found = fromLabel(value);
  if (typeof found !== "number") return channel.column ? formatOf(channel.column, found) : formatCell(found);
  if (channel.unit) return formatUnit(found, channel.unit);
  const say = sayingOfChannel(channel);
  if (say) return say(found);
  const isOwn = channel.column && channel.operation !== "count" && channel.operation !== "sum";
  return isOwn ? formatOf(channel.column!, found) : formatCell(found);
}

/** How a channel's shares are said; null where it has none. */
export function sayingOfChannel({ operation, column }: Channel): ((value: number) => string) | null {
  return column && operation !== "count" ? sayingOf(column, operation) : null;
}

function valueInWords(channel: Channel, datum: Row): string {
  const value = datum[channel.field];
  return channel.kind === "bin" && typeof value === "number"
    ? say("{shownvalue} to {shownvalue2}", {
        shownvalue: shownValue(channel, value),
        shownvalue2: shownValue(channel, datum[`${channel.field}_end`]),
      })
    : shownValue(channel, value);
}
