/**
 * Which selection a chart offers. An author's own `params` are followed; a chart without any still filters: an
 * interval where an axis is continuous, points where it is discrete.
 */
import { ProblemError } from "../problem.ts";
import { isObject, type Channel, type Json, type Mark } from "./channels.ts";

export interface SelectionSpec {
  type: "interval" | "point" | "none";
  name: string;
  /** The channels whose values are selected. */
  channels: string[];
}

export function readSelection(spec: Json, mark: Mark, channels: Channel[]): SelectionSpec {
  const written = spec["params"];
  if (written === undefined) return defaultSelection(mark, channels);
  if (!Array.isArray(written))
    throw new ProblemError(
      "params is not a list",
      'such as [{"name": "brush", "select": "interval"}]',
      "params",
    );
  const selections = written.filter((param) => isObject(param) && "select" in param) as Json[];
  if (selections.length < written.length) {
    throw new ProblemError("a variable param is not read by this client", "use params with select", "params");
  }
  if (selections.length > 1)
    throw new ProblemError("one selection per chart is read", "keep one of the params", "params");
  return selections[0] ? readWritten(selections[0], mark, channels) : defaultSelection(mark, channels);
}

function readWritten(param: Json, mark: Mark, channels: Channel[]): SelectionSpec {
  const select = isObject(param["select"]) ? param["select"] : { type: param["select"] };
  const type = select["type"];
  if (type !== "interval" && type !== "point") {
    throw new ProblemError(
      `the selection type "${String(type)}" is unknown`,
      "use interval or point",
      "params",
    );
  }
  const fallback = defaultSelection(mark, channels);
  const named = namedChannels(select, channels);
  const chosen = named.length ? named : type === fallback.type ? fallback.channels : positions(channels);
  return { type, name: String(param["name"] ?? "selection"), channels: chosen };
}

function namedChannels(select: Json, channels: Channel[]): string[] {
  const encodings = Array.isArray(select["encodings"]) ? select["encodings"] : [];
  const fields = Array.isArray(select["fields"]) ? select["fields"] : [];
  return channels
    .filter((channel) => channel.kind !== "aggregate")
    .filter(
      (channel) =>
        encodings.includes(channel.name) || (channel.column !== null && fields.includes(channel.column.name)),
    )
    .map((channel) => channel.name);
}

function positions(channels: Channel[]): string[] {
  return channels
    .filter((c) => (c.name === "x" || c.name === "y") && c.kind !== "aggregate")
    .map((c) => c.name);
}

function isContinuous(channel: Channel): boolean {
  return channel.type === "quantitative" || channel.type === "temporal";
}

function defaultSelection(_mark: Mark, channels: Channel[]): SelectionSpec {
  const placed = channels.filter((c) => (c.name === "x" || c.name === "y") && c.kind !== "aggregate");
  const continuous = placed.filter(isContinuous);
  if (continuous.length && continuous.length === placed.length) {
    return { type: "interval", name: "brush", channels: continuous.map((channel) => channel.name) };
  }
  const discrete = placed.filter((channel) => !isContinuous(channel));
  if (discrete.length)
    return { type: "point", name: "pick", channels: discrete.map((channel) => channel.name) };
  const legend = channels.filter((channel) => channel.kind !== "aggregate").map((channel) => channel.name);
  return { type: legend.length ? "point" : "none", name: "pick", channels: legend };
}
