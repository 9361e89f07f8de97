import { expect, test } from "vitest";
import { columnOf } from "../tests/tables.ts";
import { formatIn, formatTimeRange, formatUnit, valueInWords } from "./values.ts";

const NOON = Date.UTC(2021, 2, 5, 13, 7);
const seconds = { ...columnOf("duration", "float32"), unit: "s" };

test.each([
  [columnOf("n", "int64"), 2 ** 53 - 1, "9,007,199,254,740,991"],
  [columnOf("id", "int64", "id"), 1_700_000_000, "1700000000"],
  [columnOf("p", "float32", "confidence"), 0.2234, "22.3%"],
  [columnOf("p", "float32", "confidence"), Number.NaN, "NaN"],
  [columnOf("day", "date"), Date.UTC(2021, 2, 5), "2021-03-05"],
  [columnOf("when", "timestamp"), NOON, "2021-03-05 13:07:00 UTC"],
  [columnOf("text", "string"), "", "(empty)"],
  [columnOf("text", "string"), null, "–"],
  [seconds, 1.5, "1.5 s"],
  [seconds, null, "–"],
])("a value of the column %j is written so", (column, value, said) => {
  expect(valueInWords(column, value)).toBe(said);
});

test.each([
  ["year", "2021"],
  ["yearquarter", "2021 Q1"],
  ["yearmonth", "2021-03"],
  ["yearmonthdate", "2021-03-05"],
  ["yearmonthdatehours", "2021-03-05 13:07 UTC"],
  ["quarter", "Q1"],
  ["month", "Mar"],
  ["date", "5"],
  ["day", "Fri"],
  ["hours", "13:07 UTC"],
  ["minutes", ":07"],
])("a time by its %s is %s", (unit, said) => {
  expect(formatUnit(NOON, unit)).toBe(said);
});

test.each([
  [2, 300, "2"],
  [-0, 300, "0"],
  [-1999, 2024, "−1999"],
  [2024, 20_000, "2,024"],
  [5e17, 5e17, "500000000000000000"],
])("of floats that are all whole, %d beside %d is %s", (value, high, written) => {
  expect(formatIn(value, columnOf("price", "float64"), { low: 0, high, isWhole: true })).toBe(written);
});

test.each([
  [9 * 24 * 3600, "2021-03-05", "2021-03-14"],
  [2 * 3600, "2021-03-05 13:07", "2021-03-05 15:07 UTC"],
  [90, "2021-03-05 13:07:00", "2021-03-05 13:08:30 UTC"],
  [0.25, "2021-03-05 13:07:00.000", "2021-03-05 13:07:00.250 UTC"],
])("a range of %d seconds is told as exactly as it needs, in UTC", (width, low, high) => {
  expect(formatTimeRange(NOON, NOON + width * 1000, false)).toEqual([low, high]);
});

test("a range of days has no time", () => {
  const day = Date.UTC(2021, 2, 5);
  expect(formatTimeRange(day, day, true)).toEqual(["2021-03-05", "2021-03-05"]);
});
