import { expect, test } from "vitest";
import { Steps, type Memory } from "./steps.ts";

function remembered(): Memory {
  let kept: string | null = null;
  return { read: () => kept, write: (text) => void (kept = text) };
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
    const steps = new Steps(entry(2), { read: () => text, write: () => undefined }, true);
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
