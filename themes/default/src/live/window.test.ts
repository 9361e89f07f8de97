import { expect, test } from "vitest";
import { RowWindow } from "./window.ts";

const rowOf = (index: number): Record<string, unknown> => ({ ":id": index });

function windowOn(rows: number): {
  window: RowWindow<Record<string, unknown>>;
  asked: [number, number][];
  failures: Error[];
} {
  const asked: [number, number][] = [];
  const failures: Error[] = [];
  const ask = async (offset: number, limit: number): Promise<Record<string, unknown>[]> => {
    asked.push([offset, limit]);
    await Promise.resolve();
    return Array.from({ length: Math.max(0, Math.min(limit, rows - offset)) }, (_, index) =>
      rowOf(offset + index),
    );
  };
  return {
    window: new RowWindow(
      ask,
      () => undefined,
      (error) => failures.push(error),
    ),
    asked,
    failures,
  };
}

test("only what is missing of the wanted rows is asked for", async () => {
  const { window, asked } = windowOn(1_000_000);
  window.reset(Array.from({ length: 50 }, (_, index) => [index, rowOf(index)] as const));
  window.want(0, 30);
  window.want(30, 60);
  await window.settled();
  expect(asked).toEqual([[50, 50]]);
  expect([window.row(99), window.row(100)]).toEqual([rowOf(99), null]);
});

test("while one window is asked for, only the last of the later wishes counts", async () => {
  const { window, asked } = windowOn(1_000_000);
  window.reset([]);
  window.want(1000, 1030);
  for (let at = 2000; at <= 900_000; at += 1000) window.want(at, at + 30);
  await window.settled();
  expect(asked).toEqual([
    [1000, 50],
    [900_000, 50],
  ]);
});

test("going up, the rows above come along", async () => {
  const { window, asked } = windowOn(1000);
  window.reset([]);
  window.want(500, 530);
  await window.settled();
  window.want(480, 510);
  await window.settled();
  expect(asked.at(-1)).toEqual([460, 50]);
  expect(window.row(480)).toEqual(rowOf(480));
});

test("a table that ends before what was wanted is not asked again and again", async () => {
  const { window, asked } = windowOn(20);
  window.reset([]);
  window.want(0, 30);
  await window.settled();
  expect(asked).toEqual([[0, 50]]);
});

test("rows that the table turned out not to have are not asked for again, until it is another", async () => {
  const { window, asked } = windowOn(360);
  for (let again = 0; again < 3; again++) {
    window.want(1200, 1250);
    await window.settled();
  }
  window.want(340, 400);
  await window.settled();
  expect(asked).toEqual([
    [1200, 50],
    [340, 60],
  ]);
  expect([window.row(359), window.row(360)]).toEqual([rowOf(359), null]);
  window.reset([]);
  window.want(1200, 1250);
  await window.settled();
  expect(asked).toHaveLength(3);
});

test("an answer to an earlier table is dropped", async () => {
  const { window } = windowOn(1000);
  window.want(100, 130);
  window.reset([[0, rowOf(-1)]]);
  await window.settled();
  expect([window.row(0), window.row(100)]).toEqual([rowOf(-1), null]);
});

test("few rows are kept, those near the reader", async () => {
  const { window } = windowOn(1_000_000);
  window.reset([]);
  for (let at = 0; at < 5000; at += 50) {
    window.want(at, at + 50);
    await window.settled();
  }
  expect([window.row(0), window.row(4960)]).toEqual([null, rowOf(4960)]);
});

test("a failure is told once", async () => {
  const failures: Error[] = [];
  const fail = (): Promise<never> => Promise.reject(new Error("boom"));
  const window = new RowWindow(
    fail,
    () => undefined,
    (error) => failures.push(error),
  );
  window.want(0, 10);
  await window.settled();
  expect(failures.map((error) => error.message)).toEqual(["boom"]);
});

test("the failure of a question to an earlier table says nothing of the rows that are wanted now", async () => {
  const failures: Error[] = [];
  let fail: (error: Error) => void = () => undefined;
  const answers: Promise<number[]>[] = [
    new Promise((_, reject) => (fail = reject)),
    Promise.resolve(Array.from({ length: 50 }, (_, index) => index)),
  ];
  const window = new RowWindow(
    () => answers.shift()!,
    () => undefined,
    (error) => failures.push(error),
  );
  window.want(0, 10);
  window.reset([]);
  window.want(0, 10);
  fail(new Error("the table is gone"));
  await window.settled();
  expect([window.row(0), window.row(9)]).toEqual([0, 9]);
  expect(failures).toEqual([]);
});
