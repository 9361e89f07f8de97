import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gesture } from "./gesture.ts";

let steps = 0;
let gesture: Gesture<string>;
beforeEach(() => {
  vi.useFakeTimers();
  steps = 0;
  gesture = new Gesture("", () => void steps++);
});
afterEach(() => vi.useRealTimers());

test("a drag is one step, however long it rests on its way", () => {
  gesture.press(1, "before");
  gesture.go();
  vi.advanceTimersByTime(5000);
  gesture.go();
  expect([steps, gesture.isOpen, gesture.before]).toEqual([0, true, "before"]);
  expect(gesture.lift(1)).toBe(true);
  gesture.end();
  vi.advanceTimersByTime(5000);
  expect([steps, gesture.isOpen, gesture.isHeld]).toEqual([1, false, false]);
});

test("what a wheel changes is a step once it rests", () => {
  for (let turn = 0; turn < 5; turn++) {
    gesture.go();
    vi.advanceTimersByTime(200);
  }
  expect(steps).toBe(0);
  vi.advanceTimersByTime(100);
  expect(steps).toBe(1);
});

test("a pointer that goes down ends what a wheel left open", () => {
  gesture.go();
  gesture.press(1, "wheeled");
  expect([steps, gesture.before]).toEqual([1, "wheeled"]);
});

test("a second finger neither begins nor ends a drag", () => {
  gesture.press(1, "first");
  gesture.go();
  gesture.press(2, "second");
  expect([gesture.lift(2), gesture.before, gesture.isHeld, steps]).toEqual([false, "first", true, 0]);
});

test("a cancelled drag is to be taken back, and is no step", () => {
  gesture.press(1, "before");
  expect(gesture.cancel(1)).toBe(false);
  gesture.press(1, "before");
  gesture.go();
  expect(gesture.cancel(2)).toBe(false);
  expect(gesture.cancel(1)).toBe(true);
  vi.advanceTimersByTime(5000);
  expect([steps, gesture.isOpen]).toEqual([0, false]);
});

test("what is a step already is none once more", () => {
  gesture.go();
  gesture.settle();
  vi.advanceTimersByTime(5000);
  gesture.end();
  expect(steps).toBe(0);
});
