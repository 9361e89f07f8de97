/** What an author can write for a map of countries. */
import { findColumn, kindOf } from "../../src/data/columns.ts";
import { checkNames, readText } from "../../src/options.ts";
import type { Column, Table } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export interface Options {
  /** The column that names countries. */
  country: Column;
  /** The column whose mean colours a country; null for how many rows it has. */
  mean: Column | null;
  noun: string;
}

export const MEANINGS = {
  country:
    "the column that names countries in English or by ISO code (2 or 3 letters, or digits); one called country or nation by default",
  mean: "a column of numbers whose mean colours each country; how many rows it has by default",
  noun: "what a row is called, in the plural; rows by default",
} as const;

const USUAL = ["country", "nation", "country_code", "iso", "iso2", "iso3", "iso_a2", "iso_a3"];

export function parse({ table, request }: Context): Options {
  const written = request.options;
  checkNames("data-map", written, Object.keys(MEANINGS));
  const mean = readText(written, "mean");
  return {
    country: readCountry(table, readText(written, "country")),
    mean: mean === null ? null : readNumbers(table, mean),
    noun: readText(written, "noun") ?? say("rows"),
  };
}

function readCountry(table: Table, name: string | null): Column {
  const guessed = table.columns.find((each) => USUAL.includes(each.name.toLowerCase()));
  const found = name === null ? guessed : findColumn(table, name, "country");
  if (!found)
    throw new ProblemError(
      `table ${table.name} has no column called country or nation`,
      "write country: the column that names countries",
      "country",
    );
  const kind = kindOf(found);
  if (kind !== "text" && kind !== "number")
    throw new ProblemError(
      `column "${found.name}" is ${found.type} and names no countries`,
      "name a column of names or codes",
      "country",
    );
  return found;
}

function readNumbers(table: Table, name: string): Column {
  const found = findColumn(table, name, "mean");
  if (kindOf(found) !== "number")
    throw new ProblemError(`column "${name}" is ${found.type}`, "name a column of numbers", "mean");
  return found;
}
