/** The wire format of protocol buffers, as much as ONNX needs of it: fields of a message, one after the other, within bounds. */
import { ProblemError, told } from "../../problem.ts";

export interface Field {
  number: number;
  /** A whole number; NaN for what is none, or too large to be exact. */
  value: number;
  /** The bytes of a text or a message; empty for numbers. */
  bytes: Uint8Array;
}

const broken = (): ProblemError => new ProblemError(told("it ends too early or is damaged"));

/** A whole number and the place behind it. Negative ones take all of ten bytes; one too large to be exact is NaN. */
function varintAt(bytes: Uint8Array, start: number): [value: number, end: number] {
  let [value, scale] = [0, 1];
  for (let length = 1; length <= 10; length++) {
    const byte = bytes[start + length - 1];
    if (byte === undefined) throw broken();
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    const exact = length < 10 ? value : negativeIn(bytes.subarray(start, start + length));
    return [Math.abs(exact) <= Number.MAX_SAFE_INTEGER ? exact : Number.NaN, start + length];
  }
  throw broken();
}

function negativeIn(bytes: Uint8Array): number {
  const bits = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, bits));
}

/** Fields of a message. Numbers of 4 and 8 bytes are passed over with their bytes. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    const [value, end] = varintAt(bytes, at);
    at = end;
    return value;
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
  for (let at = 0; at < bytes.length;) {
    const [number, end] = varintAt(bytes, at);
    found.push(number);
    at = end;
  }
  return found;
}

/** Repeated numbers of 4 or 8 bytes, written one behind the other; none of a kind that is not known. */
export function numbersIn(bytes: Uint8Array, kind: "int32" | "int64" | "float" | undefined): number[] {
  if (kind === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = kind === "int64" ? 8 : 4;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => {
    if (kind === "int64") return Number(view.getBigInt64(index * 8, true));
    return kind === "int32" ? view.getInt32(index * 4, true) : view.getFloat32(index * 4, true);
  });
}
