import { expect, test } from "vitest";
import { estimate, strataOf } from "./estimate.ts";
import { checkTable, fitted, refusedInWords } from "./fit.ts";
import {
  apply,
  decisionsOf,
  extended,
  isChange,
  NOTHING,
  progressOf,
  stepOf,
  type Decision,
  type Journal,
} from "./journal.ts";
import { asJson, asParquet, merge, PatchError, readPatch } from "./patch.ts";

function decided(id: string | number, changed: Partial<Decision> = {}): Decision {
  return {
    ...{ id, action: "relabel", old: "3", label: "5", who: "Ada", when: "2026-01-01T00:00:00.000Z" },
    ...{ why: "", rank: 1, prediction: "5" },
    ...changed,
  };
}

function journalOf(...decisions: (readonly [string, Decision | null])[]): Journal {
  return decisions.reduce((journal, one) => extended(journal, stepOf(decisionsOf(journal), [one])), NOTHING);
}

test("every step can be taken back and done again, and a new one forgets those taken back", () => {
  const journal = journalOf(["a", decided("a")], ["b", decided("b")], ["a", null]);
  expect([...decisionsOf(journal).keys()]).toEqual(["b"]);
  const decisions = decisionsOf(journal);
  apply(decisions, journal.steps[2]!, "before");
  expect([...decisions.keys()].sort()).toEqual(["a", "b"]);
  apply(decisions, journal.steps[2]!, "after");
  expect([...decisions.keys()]).toEqual(["b"]);
  const back = { ...journal, place: 1 };
  const other = extended(back, stepOf(decisionsOf(back), [["c", decided("c")]]));
  expect(other.steps).toHaveLength(2);
  expect([...decisionsOf(other).keys()]).toEqual(["a", "c"]);
});

test("a label that stays is no change", () => {
  expect(isChange(decided("a", { label: "3" }))).toBe(false);
  expect(isChange(decided("a", { action: "delete", label: null }))).toBe(true);
  expect(isChange(decided("a", { action: "unsure" }))).toBe(false);
  const all = new Map(
    [decided("a"), decided("b", { action: "confirm", label: "3" }), decided("c", { action: "unsure" })].map(
      (each) => [each.id, each],
    ),
  );
  expect(progressOf(all.values())).toEqual({ looked: 3, changed: 1, confirmed: 1, deleted: 0, unsure: 1 });
});

test.each([
  ["texts", ["a", "ü'\"<b>", ""]],
  ["numbers", [1, 2 ** 40, 0]],
])("a patch with %s for ids is read as it was written, as JSON and as Parquet", async (_, ids) => {
  const decisions = new Map(
    ids.map((id, index) => [id, decided(id, index === 1 ? { action: "delete", label: null } : {})]),
  );
  const kept = [...decisions.values()].map((each) => ({ ...each, rank: null, prediction: null }));
  const origin = { table: "digits-labels/samples" };
  const json = new TextEncoder().encode(asJson(decisions, origin));
  expect(await readPatch(json.buffer as ArrayBuffer)).toEqual({ ...origin, decisions: kept });
  expect(await readPatch(asParquet(decisions, origin))).toEqual({ ...origin, decisions: kept });
});

test.each([
  ["", "neither JSON nor Parquet"],
  ["[1]", "no patch of labels"],
  ['{"format":"label patch","version":2,"entries":[]}', "version 2"],
  ['{"format":"label patch","version":1,"entries":[{"id":1}]}', "entry 1"],
  ['{"format":"label patch","version":1,"entries":[{"id":{"a":1},"action":"confirm"}]}', "entry 1"],
  ["PAR1nothing", "Parquet"],
])("a file that is no patch is refused: %s", async (text, said) => {
  const bytes = new TextEncoder().encode(text).buffer as ArrayBuffer;
  await expect(readPatch(bytes)).rejects.toThrow(PatchError);
  await expect(readPatch(bytes)).rejects.toThrow(said);
});

test("two people's patches merge, and where they disagree both are shown", () => {
  const mine = new Map([decided("a"), decided("b"), decided("c")].map((each) => [each.id, each]));
  const theirs = [
    decided("a", { who: "Bob" }),
    decided("b", { who: "Bob", label: "8" }),
    decided("d", { who: "Bob" }),
  ];
  const { fresh, same, conflicts } = merge(mine, theirs);
  expect(fresh.map(({ id }) => id)).toEqual(["d"]);
  expect(same).toBe(1);
  expect(conflicts.map(({ mine: own, theirs: their }) => [own?.label, their.label])).toEqual([["5", "8"]]);
});

test("of another's patch is taken on what fits the samples, and the rest is said", () => {
  const samples = new Map(
    ["a", "b", "c", "d", "7"].map((id) => [
      id,
      { id: id === "7" ? 7 : id, label: "3", prediction: "5", rank: 2 },
    ]),
  );
  const decisions = [
    decided("a"),
    decided("b", { old: "4" }),
    decided("c", { label: "cat" }),
    ...["d", "d"].map((id) => decided(id)),
    ...["w", "x", "y", "z", "zz"].map((id) => decided(id)),
    decided("7", { action: "delete", label: null, rank: null }),
  ];
  const found = fitted({ table: "t", decisions }, samples, ["3", "5"]);
  expect(found.decisions.map(({ id, rank }) => [id, rank])).toEqual([
    ["a", 2],
    [7, 2],
  ]);
  expect(refusedInWords(found)).toBe(
    "9 were not taken on: the patch decides more than once of “d”; the table does not have “w”, “x”, “y” and 2 more; " +
      "the patch found another label at “b”; the new label is no class at “c”.",
  );
  expect(refusedInWords(fitted({ table: "t", decisions: [decided("a")] }, samples, ["5"]))).toBe("");
});

test("a patch of another table is refused whole", () => {
  const patch = { table: "mnist-labels/samples", decisions: [decided("a")] };
  expect(() => checkTable(patch, { table: "digits-labels/samples" })).toThrow(PatchError);
  expect(() => checkTable({ ...patch, table: "" }, { table: "digits-labels/samples" })).toThrow(
    "which table",
  );
  expect(() => checkTable(patch, { table: "mnist-labels/samples" })).not.toThrow();
});

test("what is looked at, unsure, and not looked at is all that there is", () => {
  const strata = strataOf(100).map((range) => ({ ...range, expected: 0.5 }));
  const decisions = Array.from({ length: 30 }, (_, place) =>
    decided(place, { rank: place + 1, action: place < 10 ? "unsure" : "confirm", label: "3" }),
  );
  const { looked } = progressOf(decisions);
  const { unseen, unsure } = estimate(strata, decisions);
  expect([looked, unseen, unsure]).toEqual([30, 70, 10]);
});

test("strata cover every rank once", () => {
  for (const samples of [1, 5, 99, 100, 12_345]) {
    const ranks = strataOf(samples).flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, place) => from + place),
    );
    expect(ranks).toEqual(Array.from({ length: samples }, (_, place) => place + 1));
  }
});

test("what is left is none where all was looked at, and the interval holds the truth nearly always", () => {
  const strata = strataOf(1000).map((range, index) => ({
    ...range,
    expected: [0.8, 0.6, 0.3, 0.1, 0.02, 0.01, 0.01][index]!,
  }));
  let seed = 1;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  let covered = 0;
  for (let run = 0; run < 200; run++) {
    const wrong = strata.flatMap(({ from, to, expected }) =>
      Array.from({ length: to - from + 1 }, () => random() < expected),
    );
    const looked = wrong.flatMap((isWrong, place) =>
      random() < 0.2 ? [decided(place, { rank: place + 1, label: isWrong ? "5" : "3" })] : [],
    );
    const seen = new Set(looked.map(({ id }) => id));
    const truth = wrong.filter((isWrong, place) => isWrong && !seen.has(place)).length;
    const { low, high } = estimate(strata, looked);
    if (truth >= low && truth <= high) covered++;
  }
  expect(covered / 200).toBeGreaterThan(0.9);
  const all = Array.from({ length: 1000 }, (_, place) => decided(place, { rank: place + 1, label: "3" }));
  expect(estimate(strata, all)).toMatchObject({ left: 0, high: 0, unseen: 0, isEnough: true });
});

test("twenty right labels in a row are not enough where far more than 1% must still be wrong", () => {
  const told = (expected: number): boolean => {
    const strata = strataOf(1500).map((range) => ({ ...range, expected }));
    const right = Array.from({ length: 20 }, (_, place) =>
      decided(place, { action: "confirm", label: "3", rank: place + 1 }),
    );
    return estimate(strata, right).isEnough;
  };
  expect([told(0.4), told(0.02)]).toEqual([false, true]);
});
