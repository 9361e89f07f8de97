import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { withDots } from "./png.ts";

test("the dots of an inch stand behind the header, with the checksum of the format", () => {
  const png = Uint8Array.from({ length: 60 }, (_, index) => index);
  const made = withDots(png, 300);
  const part = made.subarray(33, 54);
  expect([...made.subarray(0, 33), ...made.subarray(54)]).toEqual([...png]);
  const view = new DataView(part.buffer, part.byteOffset);
  expect(new TextDecoder().decode(part.subarray(4, 8))).toBe("pHYs");
  expect([view.getUint32(0), view.getUint32(8), view.getUint32(12), view.getUint8(16)]).toEqual([
    9, 11811, 11811, 1,
  ]);
  expect(view.getUint32(17)).toBe(crc32(part.subarray(4, 17)));
});
