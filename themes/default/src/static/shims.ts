/** What a bare V8 lacks and the bundle needs; imported before everything else. */

const host = globalThis as unknown as Record<string, unknown>;

/** Copies plain data, sets and maps in it included: Vega-Lite clones specs, and what it has read of them. */
export function clonePlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clonePlain);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Set) return new Set([...value].map(clonePlain));
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [clonePlain(key), clonePlain(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clonePlain(item)]));
}

/** UTF-8 to text, for Arrow's string columns; malformed bytes become U+FFFD. */
class Utf8Decoder {
  decode(bytes: Uint8Array): string {
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const [code, length] = readCode(bytes, at);
      text += String.fromCodePoint(code);
      at += length;
    }
    return text;
  }
}

function readCode(bytes: Uint8Array, at: number): [number, number] {
  const first = bytes[at]!;
  if (first < 0x80) return [first, 1];
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  let code = first & (0xff >> (length + 1));
  for (let offset = 1; offset < length; offset++) {
    const next = bytes[at + offset];
    if (next === undefined || (next & 0xc0) !== 0x80) return [0xfffd, offset];
    code = (code << 6) | (next & 0x3f);
  }
  return [code > 0x10ffff ? 0xfffd : code, length];
}

/** Text to UTF-8, for the PNG writer's chunk names. */
class Utf8Encoder {
  encode(text: string): Uint8Array {
    const escaped = unescape(encodeURIComponent(text));
    return Uint8Array.from(escaped, (character) => character.charCodeAt(0));
  }
}

const ignore = (): void => undefined;

host["structuredClone"] ??= clonePlain;
host["TextDecoder"] ??= Utf8Decoder;
host["TextEncoder"] ??= Utf8Encoder;
host["console"] ??= { log: ignore, warn: ignore, error: ignore, info: ignore, debug: ignore };
host["setTimeout"] ??= ignore;
host["clearTimeout"] ??= ignore;
host["setInterval"] ??= ignore;
host["clearInterval"] ??= ignore;
