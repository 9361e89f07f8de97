/** The wire format of protocol buffers, as much as ONNX needs of it: fields of a message, one after the other, within bounds. */
import { ProblemError } from "../../problem.ts";

export interface Field {
  number: number;
  /** A whole number; NaN for what is none, or too large to be exact. */
  value: number;
  /** The bytes of a text or a message; empty for numbers. */
  bytes: Uint8Array;
}

const broken = (): ProblemError => new ProblemError("it ends too early or is damaged");

/** Fields of a message. Numbers of 4 and 8 bytes are passed over with their bytes. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (let length = 0; length < 10; length++) {
      const byte = bytes[at++];
      if (byte === undefined) throw broken();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
      scale *= 128;
    }
    throw broken();
  };
  const take = (length: number): Uint8Array => {
    if (!(length >= 0 && at + length <= bytes.length)) throw broken();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const none = new Uint8Array(0);
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (number === 0) throw broken();
    if (key % 8 === 0) yield { number, value: varint(), bytes: none };
    else if (key % 8 === 2) yield { number, value: Number.NaN, bytes: take(varint()) };
    else if (key % 8 === 1) yield { number, value: Number.NaN, bytes: take(8) };
    else if (key % 8 === 5) yield { number, value: Number.NaN, bytes: take(4) };
    else throw broken();
  }
}

const decoder = new TextDecoder();

/** Text of a name; of one that is far too long its beginning. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes.subarray(0, 10_000));

/** Repeated whole numbers: packed into bytes, or one. */
export function wholeIn({ value, bytes }: Field): number[] {
  if (bytes.length === 0) return [value];
  const found: number[] = [];
  let [number, scale] = [0, 1];
  for (const byte of bytes) {
    number += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    found.push(number);
    [number, scale] = [0, 1];
  }
  return found;
}
