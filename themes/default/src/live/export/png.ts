/** Writes into a PNG how many of its dots make an inch, so that it is as wide on paper as it was drawn for. */

/** Bytes of the signature, and of the header's part that follows it: what comes behind may say more. */
const HEADER = 8 + 25;
const INCH = 0.0254;

export function withDots(png: Uint8Array, dpi: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(21);
  const view = new DataView(part.buffer);
  const perMetre = Math.round(dpi / INCH);
  view.setUint32(0, 9);
  part.set(new TextEncoder().encode("pHYs"), 4);
  view.setUint32(8, perMetre);
  view.setUint32(12, perMetre);
  // The unit is the metre.
  view.setUint8(16, 1);
  view.setUint32(17, checksum(part.subarray(4, 17)));
  const made = new Uint8Array(png.length + part.length);
  made.set(png.subarray(0, HEADER));
  made.set(part, HEADER);
  made.set(png.subarray(HEADER), HEADER + part.length);
  return made;
}

/** CRC-32, bit by bit: the part is short. */
function checksum(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
