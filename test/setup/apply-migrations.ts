import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { emptyDatabase } from "../support/empty-database.ts";

// Safe to repeat: what is already applied is skipped.
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
await emptyDatabase();
