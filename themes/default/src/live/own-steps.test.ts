import { expect, test } from "vitest";
import { OwnSteps } from "./own-steps.ts";

interface Trail {
  own: OwnSteps;
  log: string[];
  to: (at: number) => void;
}

/** Own steps beside a page that stands at a step of its own. */
function trail(): Trail {
  let at = 0;
  const log: string[] = [];
  const own = new OwnSteps();
  own.follow(() => at);
  return { own, log, to: (next) => (at = next) };
}

const add = ({ own, log }: Trail, what: string): void =>
  own.add({ what, undo: () => log.push(`-${what}`), redo: () => log.push(`+${what}`) });

test("what no link holds is undone and redone in its order", () => {
  const made = trail();
  add(made, "a");
  add(made, "b");
  expect([made.own.go("undo"), made.own.go("undo"), made.own.go("undo")]).toEqual(["b", "a", null]);
  expect([made.own.go("redo"), made.own.go("redo"), made.own.go("redo")]).toEqual(["a", "b", null]);
  expect(made.log).toEqual(["-b", "-a", "+a", "+b"]);
});

test("the page's later steps are undone first, and its earlier ones last", () => {
  const made = trail();
  made.to(3);
  add(made, "a");
  expect(made.own.isNext("undo")).toBe(true);
  made.to(4);
  expect(made.own.isNext("undo")).toBe(false);
  made.to(3);
  expect(made.own.isNext("undo")).toBe(true);
  made.own.go("undo");
  made.to(2);
  expect(made.own.isNext("redo")).toBe(false);
  made.to(3);
  expect(made.own.isNext("redo")).toBe(true);
});

test("a new step, here or of the page, ends what was undone", () => {
  const made = trail();
  for (const end of [() => add(made, "b"), () => made.own.ended()]) {
    add(made, "a");
    made.own.go("undo");
    end();
    expect(made.own.has.redo).toBe(false);
  }
});
