import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "views/**/*.test.ts", "tests/**/*.test.ts"],
    // Nothing else is run meanwhile; left to itself, Vitest keeps a core free.
    maxWorkers: "100%",
    setupFiles: ["tests/breathe.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TZ: "America/New_York" },
  },
});
