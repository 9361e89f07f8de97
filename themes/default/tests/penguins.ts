/** A small made-up table with numbers, names, dates, truth values, and every way in which a value can be missing. */
import type { Table } from "../src/page.ts";
import type { Engine } from "./engine.ts";
import { tableOf } from "./tables.ts";

export type Bird = Record<string, number | string | boolean | null>;

export const BIRDS: Table = tableOf(
  {
    id: "int32 id",
    species: "string",
    island: "string",
    sex: "string",
    mass: "float64",
    bill: "float64",
    flipper: "int32",
    year: "int32",
    ringed: "bool",
    seen: "date",
    moment: "timestamp",
  },
  { name: "birds/all", relation: "birds", title: "Birds" },
);

const SPECIES = ["Adelie", "Chinstrap", "Gentoo", "O'Brien"];
const ISLANDS = ["Torgersen", "Biscoe", "Dream"];
const DAY = 86_400_000;

/** A fixed sequence that looks like chance: the same in every run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export function birds(count = 90): Bird[] {
  const chance = chances(17);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)]!;
  return Array.from({ length: count }, (_, id) => {
    const species = pick(SPECIES);
    const size = 1 + SPECIES.indexOf(species) / 4;
    const days = Math.floor(chance() * 900);
    return {
      id,
      species: id % 29 === 7 ? null : species,
      island: pick(ISLANDS),
      sex: id % 17 === 3 ? null : pick(["female", "male"]),
      mass:
        id % 23 === 5 ? null : id % 31 === 11 ? Number.NaN : Math.round(size * (2800 + chance() * 1500)) / 10,
      bill: id % 19 === 4 ? null : Math.round(size * (30 + chance() * 20) * 4) / 4,
      flipper: Math.round(size * (160 + chance() * 60)),
      year: 2007 + Math.floor(days / 365),
      ringed: id % 13 === 6 ? null : chance() < 0.4,
      seen: id % 37 === 9 ? null : Date.UTC(2007, 0, 1) + days * DAY,
      moment: Date.UTC(2007, 0, 1, 5, 30) + days * DAY + Math.floor(chance() * DAY),
    };
  });
}

export async function createBirds(engine: Engine, rows: readonly Bird[]): Promise<void> {
  const values = rows.map(
    (row) => `(${BIRDS.columns.map(({ name, type }) => literal(row[name]!, type)).join(", ")})`,
  );
  const names = BIRDS.columns.map(({ name }) => `"${name}"`).join(", ");
  await engine.query(`CREATE TABLE "birds" AS SELECT * FROM (VALUES ${values.join(", ")}) AS rows(${names})`);
}

const TYPES: Readonly<Record<string, string>> = {
  int32: "INTEGER",
  float64: "DOUBLE",
  string: "VARCHAR",
  bool: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP",
};

function literal(value: Bird[string], type: string): string {
  const sql = TYPES[type]!;
  if (value === null || value === undefined) return `NULL::${sql}`;
  if (type === "date") return `'${new Date(value as number).toISOString().slice(0, 10)}'::DATE`;
  if (type === "timestamp")
    return `'${new Date(value as number).toISOString().replace("T", " ").replace("Z", "")}'::TIMESTAMP`;
  return `'${String(value).replace(/'/g, "''")}'::${sql}`;
}
