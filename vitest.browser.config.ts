import { defineConfig } from "vitest/config";

/** Suites that drive a real browser against the built pages and a local server. Apart from `npm test`, which needs neither. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/global-setup.ts"],
    // One server and one demo couple for all.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 180_000,
  },
});
