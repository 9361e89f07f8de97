/** Lets a worker hear its runner between tests: many in a row that never wait would outlast the runner's patience. */
import { setImmediate } from "node:timers/promises";
import { afterEach } from "vitest";

afterEach(async () => {
  await setImmediate();
});
