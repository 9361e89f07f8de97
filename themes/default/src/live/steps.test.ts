import { expect, test } from "vitest";
import type { Memory } from "../memory.ts";
import { Steps, type OwnStep } from "./steps.ts";

function remembered(): Memory {
  let kept: string | null = null;
  return { read: () => kept, write: (text) => ((kept = text), true) };
}

const entry = (step: number): object => ({ sitegen: true, step });
const ways = ({ back, forward }: Steps): [number, number] => [back, forward];

test("each step can be undone, and what was undone redone", () => {
  const steps = new Steps(null, remembered());
  expect(ways(steps)).toEqual([0, 0]);
  steps.pushed();
  steps.pushed();
  expect(ways(steps)).toEqual([-1, 0]);
  steps.arrived(entry(1));
  expect(ways(steps)).toEqual([-1, 1]);
  steps.arrived(entry(0));
  expect(ways(steps)).toEqual([0, 1]);
});

test("a new step ends what was undone", () => {
  const steps = new Steps(null, remembered());
  steps.pushed();
  steps.pushed();
  steps.arrived(entry(0));
  steps.pushed();
  expect([ways(steps), steps.mark]).toEqual([[-1, 0], { sitegen: true, step: 1 }]);
});

test("links within the page are no steps: undo and redo pass them", () => {
  const steps = new Steps(null, remembered());
  steps.pushed();
  steps.arrived(null, "jump");
  steps.arrived(null, "jump");
  expect(ways(steps)).toEqual([-3, 0]);
  steps.arrived(entry(0));
  expect(ways(steps)).toEqual([0, 1]);
  const jumped = new Steps(null, remembered());
  jumped.arrived(null, "jump");
  expect(ways(jumped)).toEqual([0, 0]);
});

test("what no link holds is taken back and made again where the reader passes it", () => {
  const memory = remembered();
  const steps = new Steps(null, memory);
  const log: string[] = [];
  const own = (what: string): OwnStep => ({
    what,
    undo: () => log.push(`-${what}`),
    redo: () => log.push(`+${what}`),
  });
  const go = (to: number): string[] => {
    const from = steps.mark.step;
    steps.arrived(entry(to));
    return steps.travelled(from);
  };
  steps.pushed();
  steps.pushed(false, own("a"));
  steps.pushed(false, own("b"));
  steps.pushed();
  expect(go(3)).toEqual([]);
  expect(go(1)).toEqual(["b", "a"]);
  expect(ways(steps)).toEqual([-1, 1]);
  expect(go(4)).toEqual(["a", "b"]);
  expect(log).toEqual(["-b", "-a", "+a", "+b"]);
  // After a reload the file is gone, and its steps are passed over.
  expect(ways(new Steps(entry(4), memory, true))).toEqual([-1, 0]);
  expect(ways(new Steps(entry(1), memory, true))).toEqual([-1, 3]);
});

test("a new step ends what was undone, be it the page's or of no link", () => {
  const own = { what: "a", undo: () => undefined, redo: () => undefined };
  for (const [before, after] of [
    [own, null],
    [null, own],
  ]) {
    const steps = new Steps(null, remembered());
    steps.pushed(false, before);
    steps.arrived(entry(0));
    expect(ways(steps)).toEqual([0, 1]);
    steps.pushed(false, after);
    expect(ways(steps)).toEqual([-1, 0]);
    steps.arrived(entry(0));
    expect(steps.travelled(1)).toEqual(after ? ["a"] : []);
  }
});

test("what stood before the page was live is left to the browser", () => {
  const steps = new Steps(null, remembered());
  steps.pushed();
  steps.arrived(null);
  expect(ways(steps)).toEqual([0, 0]);
});

test("a reload keeps what was undone, coming back from another page does not", () => {
  const memory = remembered();
  const steps = new Steps(null, memory);
  steps.pushed();
  steps.pushed();
  steps.arrived(entry(1));
  expect(ways(new Steps(entry(1), memory, true))).toEqual([-1, 1]);
  expect(ways(new Steps(entry(1), memory, false))).toEqual([-1, 0]);
  steps.returned(entry(1));
  expect(ways(steps)).toEqual([-1, 0]);
});

test.each(["", "null", "{", "[]", '{"last":"9"}', '{"last":1e99,"jumps":[]}', '{"last":3}'])(
  "a memory of %j is none",
  (text) => {
    const steps = new Steps(entry(2), { read: () => text, write: () => true }, true);
    expect(ways(steps)).toEqual([-1, 0]);
  },
);

test.each([
  null,
  3,
  {},
  { sitegen: true },
  { sitegen: true, step: -1 },
  { sitegen: true, step: 0.5 },
  { step: 4 },
])("an entry with %j is not ours", (mark) => {
  expect(new Steps(mark, remembered()).mark.step).toBe(0);
});
