import { expect, test } from "vitest";
import { sheetOf } from "./sheet.ts";

test("charts that begin together stand in a row, the others below it", () => {
  const chart = (width: number, height: number, top: number) => ({ width, height, top });
  const sheet = sheetOf([chart(100, 50, 0), chart(80, 70, 3), chart(300, 40, 200)], 48);
  expect(sheet).toEqual({
    ...{ width: 300, height: 48 + 70 + 16 + 40 },
    places: [
      { left: 0, top: 48 },
      { left: 116, top: 48 },
      { left: 0, top: 134 },
    ],
  });
  expect(sheetOf([], 48)).toEqual({ width: 0, height: 48, places: [] });
});
