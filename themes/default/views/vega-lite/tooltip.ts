/** What a chart's tooltip says of one mark: its channels by their titles, formatted as the axes are. */
import { kindOf } from "../../src/data/columns.ts";
import { formatCell } from "../../src/markup.ts";
import type { Table } from "../../src/page.ts";
import type { Channel } from "../../src/vega/channels.ts";
import { titleOfChannel, type Chart } from "../../src/vega/chart.ts";
import { fromLabel } from "../../src/vega/labels.ts";
import type { Row } from "../../src/vega/compose.ts";

export function tooltipRows(chart: Chart, datum: Row, table: Table): { name: string; value: string }[] {
  const shown = chart.channels.filter((channel) => channel.field in datum);
  const rows = shown.map((channel) => ({
    name: titleOfChannel(channel, table),
    value: valueInWords(channel, datum),
  }));
  const hasCount = chart.measures.some((channel) => channel.operation === "count");
  const count = datum["rows"];
  if (shown.length === 0 || hasCount || chart.raw || typeof count !== "number") return rows;
  return [...rows, { name: "n", value: formatCell(count) }];
}

function valueInWords(channel: Channel, datum: Row): string {
  const value = fromLabel(datum[channel.field]);
  if (typeof value !== "number") return formatCell(value);
  if (channel.kind === "bin") return `${formatCell(value)} to ${formatCell(datum[`${channel.field}_end`])}`;
  if (channel.type === "temporal") return new Date(value).toISOString().slice(0, 10);
  const isRatio =
    channel.operation === "mean" && channel.column !== null && kindOf(channel.column) === "boolean";
  return isRatio ? `${(value * 100).toFixed(1)}%` : formatCell(value);
}
