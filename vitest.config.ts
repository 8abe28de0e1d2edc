import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Declared as required, so that a deploy without them fails; tests bring their own.
const SECRETS = {
  AUTH_SECRET: "test-only-secret-with-more-than-32-characters",
  CODE_PEPPER: "test-only-pepper-with-more-than-32-characters",
  RESEND_API_KEY: "re_test_only",
  STRIPE_SECRET_KEY: "sk_test_only",
  STRIPE_WEBHOOK_SECRET: "whsec_test_only",
};
for (const [name, value] of Object.entries(SECRETS)) process.env[name] ??= value;

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.jsonc" },
      // Hides the runtime's own report of exceptions that tests provoke on purpose.
      verbose: false,
      miniflare: {
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations("./migrations"),
          ...SECRETS,
        },
        // No test reaches the network: whatever was not doubled ends here.
        outboundService: (request: Request) => new Response(`blocked ${request.url}`, { status: 599 }),
      },
    })),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**"],
    // One runtime for all files: starting one for each would take half of the time. So files share D1 and objects, and
    // every test makes ids of its own. A second core is used by a second process (scripts/test.ts): two runtimes under
    // one process often wait for each other for ever.
    maxWorkers: 1,
    isolate: false,
    setupFiles: ["./test/setup/apply-migrations.ts"],
    coverage: { provider: "istanbul", include: ["src/**/*.ts"], reporter: ["text-summary", "json-summary"] },
  },
});
