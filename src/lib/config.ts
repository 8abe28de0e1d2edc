import * as z from "zod";
import { AppError } from "../protocol/errors.ts";

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

interface SecretRule {
  minLength: number;
  /** Known to everybody who reads this file, and therefore good for development only. */
  development: string;
}

const SECRETS = {
  AUTH_SECRET: { minLength: 32, development: "development-only-auth-secret-0123456789abcdef" },
  CODE_PEPPER: { minLength: 32, development: "development-only-code-pepper-0123456789abcdef" },
  RESEND_API_KEY: { minLength: 8, development: "" },
  STRIPE_SECRET_KEY: { minLength: 8, development: "" },
  STRIPE_WEBHOOK_SECRET: { minLength: 8, development: "" },
} satisfies Record<string, SecretRule>;

type SecretName = keyof typeof SECRETS;

const PLACEHOLDER = /change[-_ ]?me|placeholder|example|your[-_ ]|xxx|dummy|(test|development)-only/i;

export type Config = z.infer<typeof variables> &
  Record<SecretName, string> & {
    /** Origins of browsers that may talk to us. */
    allowedOrigins: readonly string[];
  };

/**
 * Parsed variables and secrets.
 * @throws AppError `misconfigured` naming each variable that is missing, malformed or, outside development, a placeholder.
 */
export function parseConfig(env: Record<string, unknown>): Config {
  const plain = variables.safeParse(env);
  const isDevelopment = plain.success && plain.data.ENVIRONMENT === "development";
  const problems = plain.success ? [] : plain.error.issues.map((issue) => String(issue.path[0]));
  const secrets = Object.fromEntries(
    Object.entries(SECRETS).map(([name, rule]) => {
      const given = env[name];
      const value = typeof given === "string" && given !== "" ? given : isDevelopment ? rule.development : "";
      if (!isDevelopment && (value.length < rule.minLength || PLACEHOLDER.test(value))) problems.push(name);
      return [name, value];
    }),
  ) as Record<SecretName, string>;
  if (!plain.success || problems.length > 0) {
    const names = [...new Set(problems)].toSorted().join(", ");
    throw new AppError("misconfigured", `Missing, malformed or placeholder configuration: ${names}`);
  }
  const allowedOrigins = plain.data.ALLOWED_ORIGINS.split(",").map((origin) => origin.trim());
  return { ...plain.data, ...secrets, allowedOrigins: allowedOrigins.filter((origin) => origin !== "") };
}

// The Worker and its objects are handed bindings of their own, so that one isolate sees a few of these.
const configs = new WeakMap<object, Config>();

/** The configuration of this isolate, checked on first use. */
export function config(env: Env): Config {
  let known = configs.get(env);
  if (known === undefined) {
    known = parseConfig({ ...env });
    configs.set(env, known);
  }
  return known;
}
