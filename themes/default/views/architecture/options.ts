/** What an author writes of a network's figure, and the tables that it is made of. */
import { tablesBeside, type NetworkTables } from "../../src/architecture/asking.ts";
import type { NamedGroup } from "../../src/architecture/figure.ts";
import { lookOf } from "../../src/architecture/papers.ts";
import { PRESETS, type Preferences } from "../../src/architecture/preferences.ts";
import { withRole } from "../../src/data/columns.ts";
import { checkNames, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Table } from "../../src/page.ts";
import { ProblemError, type Problem } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";

export interface Options {
  network: NetworkTables;
  /** A table whose first image stands in the place of the network's input; null for none. */
  samples: Table | null;
  preferences: Preferences;
  /** Levels of groups that are open at first; null for what suits the network. */
  detail: number | null;
  hidden: readonly string[];
  aliases: Readonly<Record<string, string>>;
  groups: readonly NamedGroup[];
}

export const MEANINGS = {
  preset: `how it looks: ${Object.keys(PRESETS).join(", ")}`,
  preferences: "single preferences on top of it, by name: {names: all, widthScale: linear}",
  detail: "levels of groups that are open at first, from 0 for one glyph; what suits the network by default",
  hidden: "types that are left out, as a list",
  aliases: "what types and groups are called, by what the network calls them",
  groups: "groups of its author: a list of {name, layers}, the layers by id",
  samples: "a table with images on the page, the first of which stands in the place of the input",
};

const MOST_NAMES = 200;

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("architecture", written, Object.keys(MEANINGS));
  const network = tablesBeside(context, table);
  const look = lookOf([readText(written, "preset") ?? "default"], recordIn(written, "preferences"));
  const [first, ...rest] = look.problems;
  if (first) throw ProblemError.of([first, ...rest]);
  return {
    network,
    samples: samplesIn(context),
    preferences: look.preferences,
    detail: written["detail"] === undefined ? null : readWhole(written, "detail", 1, [0, 1000]),
    hidden: readTexts(written, "hidden") ?? [],
    aliases: textsByName(written, "aliases"),
    groups: groupsIn(written),
  };
}

function recordIn(written: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const value = written[name] ?? {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new ProblemError(`"${name}" is no list of names with values`, `write ${name}: {name: value}`, name);
  return value as Record<string, unknown>;
}

function textsByName(written: Readonly<Record<string, unknown>>, name: string): Record<string, string> {
  const found = Object.entries(recordIn(written, name));
  const wrong = found.find(([, value]) => typeof value !== "string");
  if (wrong)
    throw new ProblemError(`"${name}" gives "${wrong[0]}" no text`, `write ${wrong[0]}: a name`, name);
  return Object.fromEntries(found) as Record<string, string>;
}

function groupsIn(written: Readonly<Record<string, unknown>>): NamedGroup[] {
  const value = written["groups"] ?? [];
  const wrong: Problem = {
    what: '"groups" is no list of groups',
    hint: "write {name: Stem, layers: [conv1, bn1]}",
    path: "groups",
  };
  const found = Array.isArray(value) ? value.map(groupIn) : null;
  if (!found?.every((group) => group !== null)) throw ProblemError.of([wrong]);
  return found;
}

/** A group as authors and links write it; null for anything else. */
export function groupIn(value: unknown): NamedGroup | null {
  const { name, layers, isActive } = (value ?? {}) as Record<string, unknown>;
  const isList =
    Array.isArray(layers) && layers.length > 1 && layers.every((each) => typeof each === "string");
  return typeof name === "string" && isList && layers.length < 5000
    ? { name: name.slice(0, MOST_NAMES), layers: layers as string[], isActive: isActive !== false }
    : null;
}

function samplesIn(context: Context): Table | null {
  const name = readText(context.request.options, "samples");
  if (name === null) return null;
  const table = Object.values(context.tables).find((each) => each.name === name);
  const isPictured =
    table && ["sheet", "x", "y"].every((role) => withRole(table, role)) && table.media.length > 0;
  if (isPictured) return table;
  throw new ProblemError(
    `"samples" names "${name}", which is no table with images on this page`,
    "name one",
    "samples",
  );
}
