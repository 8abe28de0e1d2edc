import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.jsonc" },
      // Hides the runtime's own report of exceptions that tests provoke on purpose.
      verbose: false,
      miniflare: {
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations("./migrations"),
          AUTH_SECRET: "test-only-secret-with-more-than-32-characters",
          CODE_PEPPER: "test-only-pepper-with-more-than-32-characters",
        },
        // No test reaches the network: whatever was not doubled ends here.
        outboundService: (request: Request) => new Response(`blocked ${request.url}`, { status: 599 }),
      },
    })),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**"],
    setupFiles: ["./test/setup/apply-migrations.ts"],
    coverage: { provider: "istanbul", include: ["src/**/*.ts"], reporter: ["text-summary", "json-summary"] },
  },
});
