import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "views/**/*.test.ts", "tests/**/*.test.ts"],
    env: { TZ: "America/New_York" },
  },
});
