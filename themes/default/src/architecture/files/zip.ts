/** Takes the configuration out of a Keras archive; nothing else of it is unpacked. */
import { unzipSync } from "fflate";
import { ProblemError, told } from "../../problem.ts";

const CONFIG = "config.json";
/** Bytes that it may unpack to, and how many times as long as it is packed. */
const LARGEST = 64_000_000;
const MOST_RATIO = 200;

export function configOf(bytes: Uint8Array): Uint8Array {
  let found: Record<string, Uint8Array>;
  try {
    found = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (name !== CONFIG) return false;
        if (originalSize > LARGEST || originalSize > Math.max(size, 1000) * MOST_RATIO)
          throw new ProblemError(told("its configuration unpacks to far more than it is"));
        return true;
      },
    });
  } catch (error) {
    throw error instanceof ProblemError
      ? error
      : new ProblemError(told("it is no archive, or a damaged one"));
  }
  const config = found[CONFIG];
  if (!config) throw new ProblemError(told("the archive has no {name}", { name: CONFIG }));
  return config;
}
