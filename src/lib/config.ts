import * as z from "zod";
import { AppError } from "../protocol/errors.ts";

const PLACEHOLDER = /change[-_ ]?me|placeholder|example|your[-_ ]|xxx|dummy|test-only/i;

const secret = (minLength: number): z.ZodString => z.string().min(minLength);
const milliseconds = z.coerce.number().int().min(1_000).max(86_400_000);

const variables = z.object({
  ENVIRONMENT: z.enum(["development", "staging", "production"]),
  APP_URL: z.url(),
  ALLOWED_ORIGINS: z.string().min(1),
  MAIL_FROM: z.string().min(3),
  /** Empty for the real provider; a test or an outage drill points it elsewhere. */
  RESEND_BASE_URL: z.union([z.literal(""), z.url()]).default(""),
  FLUSH_INTERVAL_MS: milliseconds,
  OBJECT_JURISDICTION: z.enum(["", "eu", "us"]).default(""),
  SOCKET_MESSAGES_PER_SECOND: z.coerce.number().positive().default(20),
  SOCKET_MESSAGES_BURST: z.coerce.number().positive().default(60),
  FEATURE_FLAGS: z.string().default(""),
});

const secrets = z.object({
  AUTH_SECRET: secret(32),
  CODE_PEPPER: secret(32),
  RESEND_API_KEY: secret(8),
  STRIPE_SECRET_KEY: secret(8),
  STRIPE_WEBHOOK_SECRET: secret(8),
});

// Known to everybody who reads this file, and therefore accepted in development only.
const DEVELOPMENT_SECRETS = {
  AUTH_SECRET: "development-only-auth-secret-0123456789abcdef",
  CODE_PEPPER: "development-only-code-pepper-0123456789abcdef",
  RESEND_API_KEY: "",
  STRIPE_SECRET_KEY: "",
  STRIPE_WEBHOOK_SECRET: "",
};

export type Config = z.infer<typeof variables> & z.infer<typeof secrets> & { allowedOrigins: readonly string[] };

/**
 * Parsed variables and secrets.
 * @throws AppError `misconfigured` naming each variable that is missing, malformed or, outside development, a placeholder.
 */
export function parseConfig(env: Record<string, unknown>): Config {
  const plain = variables.safeParse(env);
  const development = plain.success && plain.data.ENVIRONMENT === "development";
  const given = Object.fromEntries(
    Object.keys(secrets.shape).map((name) => [name, env[name] || (development ? undefined : env[name])]),
  );
  const source = development ? { ...DEVELOPMENT_SECRETS, ...dropUndefined(given) } : given;
  const hidden = development ? secrets.partial().safeParse(dropEmpty(source)) : secrets.safeParse(source);

  const problems = [...issueNames(plain), ...issueNames(hidden)];
  if (!development) {
    for (const [name, value] of Object.entries(given)) {
      if (
        typeof value === "string" &&
        (PLACEHOLDER.test(value) || Object.values(DEVELOPMENT_SECRETS).includes(value))
      ) {
        problems.push(name);
      }
    }
  }
  if (!plain.success || !hidden.success || problems.length > 0) {
    const names = [...new Set(problems)].sort();
    throw new AppError("misconfigured", `Missing, malformed or placeholder configuration: ${names.join(", ")}`);
  }
  const allowedOrigins = plain.data.ALLOWED_ORIGINS.split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  return {
    ...DEVELOPMENT_SECRETS,
    ...(hidden.data as Partial<z.infer<typeof secrets>>),
    ...plain.data,
    allowedOrigins,
  } as Config;
}

let cached: { env: object; config: Config } | undefined;

/** The configuration of this isolate, checked on first use. */
export function config(env: Env): Config {
  if (cached?.env !== env) cached = { env, config: parseConfig({ ...env }) };
  return cached.config;
}

function issueNames(result: z.ZodSafeParseResult<unknown>): string[] {
  return result.success ? [] : result.error.issues.map((issue) => String(issue.path[0]));
}

function dropUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function dropEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}
