import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";

// Safe to repeat: what is already applied is skipped.
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
