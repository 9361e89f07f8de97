/** The chart that all peers draw: bars in grey for all rows, and in colour for those that pass. */
export interface Bins {
  start: number;
  stop: number;
  step: number;
}

export const SIZE = { width: 357, height: 240 };

export function histogram(title: string, bins: Bins, whole: { rows: number }[]): object {
  const most = Math.max(...whole.map((row) => row.rows));
  const encoding = {
    x: {
      field: "bin",
      type: "quantitative",
      bin: "binned",
      title,
      scale: { domain: [bins.start, bins.stop], nice: false, zero: false },
    },
    x2: { field: "end" },
    y: { field: "rows", type: "quantitative", scale: { domain: [0, most], nice: true } },
  };
  return {
    ...SIZE,
    autosize: { type: "fit", contains: "padding" },
    datasets: { whole: [], filtered: [] },
    layer: [
      { data: { name: "whole" }, mark: { type: "bar", color: "#ddd" }, encoding },
      {
        data: { name: "filtered" },
        mark: "bar",
        encoding,
        params: [{ name: "selected", select: { type: "interval", encodings: ["x"] } }],
      },
    ],
  };
}
