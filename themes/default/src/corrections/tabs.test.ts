/** Several pages that work on the same labels in one browser. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { installIndexed } from "../../tests/indexed.ts";
import { Corrections } from "./corrections.ts";
import type { Decision } from "./journal.ts";

let disk: ReturnType<typeof installIndexed>;
let session: Map<string, string>;
let room = Infinity;
beforeEach(() => {
  disk = installIndexed();
  session = new Map();
  room = Infinity;
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => session.get(key) ?? null,
    setItem: (key: string, text: string) => {
      if (text.length > room) throw new Error("QuotaExceededError");
      session.set(key, text);
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

let clock = 0;
function decided(id: string, changed: Partial<Decision> = {}): Decision {
  return {
    ...{
      id,
      action: "confirm",
      old: "3",
      label: "3",
      who: "Ada",
      when: `2026-01-01T00:00:0${clock++ % 10}.000Z`,
    },
    ...{ why: "", rank: 1, prediction: "5" },
    ...changed,
  };
}

async function opened(): Promise<Corrections> {
  const corrections = new Corrections("the work");
  await corrections.ready;
  return corrections;
}

async function decide(corrections: Corrections, id: string, changed: Partial<Decision> = {}): Promise<void> {
  corrections.decide([[id, decided(id, changed)]]);
  await corrections.idle();
}

const idsOf = ({ decisions }: Corrections): unknown[] => [...decisions.keys()].sort();
const inANewTab = async (): Promise<unknown[]> => idsOf(await opened());

test("what two tabs decide without knowing of each other is all kept, and both show it", async () => {
  const [one, two] = [await opened(), await opened()];
  await decide(two, "b", { action: "delete", label: null });
  await decide(one, "a");
  expect(await inANewTab()).toEqual(["a", "b"]);
  expect(idsOf(one)).toEqual(["a", "b"]);
  await two.refresh();
  expect(idsOf(two)).toEqual(["a", "b"]);
});

test("steps that come quicker than they are written are all kept, from both tabs", async () => {
  const [one, two] = [await opened(), await opened()];
  for (const id of ["a", "b", "c"]) one.decide([[id, decided(id)]]);
  for (const id of ["d", "e", "f"]) two.decide([[id, decided(id)]]);
  one.undo();
  await Promise.all([one.idle(), two.idle()]);
  expect(await inANewTab()).toEqual(["a", "b", "d", "e", "f"]);
});

test("a step is taken back though another tab went on, and what that one decided stays", async () => {
  const [one, two] = [await opened(), await opened()];
  await decide(one, "a");
  await decide(two, "b");
  expect(one.undo()).toEqual(["a"]);
  await one.idle();
  expect(await inANewTab()).toEqual(["b"]);
  await decide(two, "c");
  one.redo();
  await one.idle();
  expect(await inANewTab()).toContain("b");
  expect(await inANewTab()).toContain("c");
});

test("a sample that another tab decided anew keeps what was decided last", async () => {
  const [one, two] = [await opened(), await opened()];
  await decide(one, "a");
  await decide(two, "a", { action: "unsure" });
  one.undo();
  await one.idle();
  expect((await opened()).decisions.get("a")!.action).toBe("unsure");
  one.undo();
  await one.idle();
  expect((await opened()).decisions.get("a")!.action).toBe("confirm");
});

test("what is decided before the work is read is added to it", async () => {
  await decide(await opened(), "a");
  const late = new Corrections("the work");
  late.decide([["b", decided("b")]]);
  await late.ready;
  await late.idle();
  expect(idsOf(late)).toEqual(["a", "b"]);
  expect(await inANewTab()).toEqual(["a", "b"]);
});

test("a step that could not be written is said, and is written with the next", async () => {
  const one = await opened();
  disk.failNext();
  await decide(one, "a");
  expect(one.problem).toContain("the disk is full");
  expect(idsOf(one)).toEqual(["a"]);
  await decide(one, "b");
  expect(one.problem).toBe("");
  expect(await inANewTab()).toEqual(["a", "b"]);
});

test("what another person decided differently is there until the reader chooses, in every tab", async () => {
  const [one, two] = [await opened(), await opened()];
  await decide(one, "a");
  const theirs = decided("a", { who: "Bob", action: "relabel", label: "5", why: "round" });
  one.contest([theirs]);
  one.contest([theirs]);
  await one.idle();
  await decide(two, "b");
  for (const tab of [one, two, await opened()])
    expect(tab.conflicts.map(({ mine, theirs: { why } }) => [mine?.action, why])).toEqual([
      ["confirm", "round"],
    ]);
  two.settle(theirs);
  await two.idle();
  await one.refresh();
  for (const tab of [one, two, await opened()]) expect(tab.conflicts).toEqual([]);
});

test("what is contested before the work is read is open beside it", async () => {
  await decide(await opened(), "a");
  const late = new Corrections("the work");
  late.contest([decided("a", { who: "Bob", action: "unsure" })]);
  await late.ready;
  await late.idle();
  for (const tab of [late, await opened()])
    expect(tab.conflicts.map(({ mine, theirs }) => [mine?.who, theirs.who])).toEqual([["Ada", "Bob"]]);
});

test("a conflict whose own decision is taken back stays, and one that is decided alike does not", async () => {
  const one = await opened();
  await decide(one, "a");
  one.contest([decided("a", { who: "Bob", action: "unsure" })]);
  one.undo();
  expect(one.conflicts.map(({ mine }) => mine)).toEqual([null]);
  await decide(one, "a", { action: "unsure" });
  expect(one.conflicts).toEqual([]);
});

test("what was not written yet when the page was reloaded is written by the page after it", async () => {
  const one = await opened();
  await decide(one, "a");
  disk.setDeaf(true);
  for (const id of ["b", "c"]) one.decide([[id, decided(id)]]);
  one.undo();
  one.undo();
  one.undo();
  one.decide([["d", decided("d")]]);
  await new Promise((resolve) => setTimeout(resolve));
  disk.setDeaf(false);
  const after = await opened();
  expect(idsOf(after)).toEqual(["d"]);
  await after.idle();
  session.clear();
  expect(await inANewTab()).toEqual(["d"]);
});

test("what was written as the page was left is not made twice", async () => {
  const one = await opened();
  await decide(one, "a");
  one.decide([["b", decided("b")]]);
  one.undo();
  const left = new Map(session);
  await one.idle();
  session = left;
  const after = await opened();
  await after.idle();
  expect(idsOf(after)).toEqual(["a"]);
  expect([after.undo(), after.canUndo]).toEqual([["a"], false]);
});

test.each(["", "no JSON", "null", '[{"kind":"step"}]', '[{"name":"x","kind":"drop","step":{"changes":[]}}]'])(
  "what is none of ours in the tab's memory is left alone: %s",
  async (text) => {
    await decide(await opened(), "a");
    session.set("sitegen-corrections the work", text);
    expect(await inANewTab()).toEqual(["a"]);
  },
);

test("steps too large for the tab's memory are in the store alone, and older ones do not come back", async () => {
  const one = await opened();
  one.decide([["a", decided("a")]]);
  room = 10;
  one.decide([["b", decided("b")]]);
  expect([...session.values()]).toEqual(["[]"]);
  await one.idle();
  expect(await inANewTab()).toEqual(["a", "b"]);
});
