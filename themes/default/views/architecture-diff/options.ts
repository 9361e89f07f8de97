/** What an author writes of a comparison of two networks. */
import { tablesBeside, type NetworkTables } from "../../src/architecture/asking.ts";
import { lookOf } from "../../src/architecture/papers.ts";
import { PRESETS, type Preferences } from "../../src/architecture/preferences.ts";
import { checkNames, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import { artifactOf } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export interface Options {
  networks: readonly [NetworkTables, NetworkTables];
  names: readonly [string, string];
  preferences: Preferences;
  /** Levels of groups that are open at first; null for what suits the networks. */
  detail: number | null;
}

export const MEANINGS = {
  other: "the table layers of the second network: other-artifact/layers",
  names: "what the two are called, as a list; otherwise their artifacts' names",
  preset: `how they look: ${Object.keys(PRESETS).join(", ")}`,
  detail: "levels of groups that are open at first, from 0 for one glyph; what suits the networks by default",
};

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("architecture-diff", written, Object.keys(MEANINGS));
  const other = otherIn(context);
  const look = lookOf([readText(written, "preset") ?? "default"], {});
  const [first, ...rest] = look.problems;
  if (first) throw ProblemError.of([first, ...rest]);
  return {
    networks: [tablesBeside(context, table), tablesBeside(context, other)],
    names: namesIn(context, other),
    preferences: look.preferences,
    detail: written["detail"] === undefined ? null : readWhole(written, "detail", 1, [0, 1000]),
  };
}

function otherIn({ request, table, tables }: Context): Table {
  const name = readText(request.options, "other");
  const found = name === null ? undefined : tables[name];
  if (found && artifactOf(found) !== artifactOf(table)) return found;
  const layers = Object.keys(tables).filter((each) => each.endsWith("/layers") && each !== table.name);
  if (found || name === null)
    throw new ProblemError(
      '"other" names no second network',
      `write other: ${layers[0] ?? "artifact/layers"}`,
      "other",
    );
  throw new ProblemError(`no artifact on this page has a table "${name}"`, nearest(name, layers), "other");
}

function namesIn({ request, table }: Context, other: Table): [string, string] {
  const names = readTexts(request.options, "names");
  if (names === null) return [artifactOf(table), artifactOf(other)];
  const [first, second, ...more] = names;
  if (first !== undefined && second !== undefined && more.length === 0) return [first, second];
  throw new ProblemError('"names" is no list of two names', "write names: [before, after]", "names");
}
