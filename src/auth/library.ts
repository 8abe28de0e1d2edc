import type { BetterAuthOptions } from "better-auth";
import { betterAuth } from "better-auth";
import { createEmailVerificationToken } from "better-auth/api";
import { bearer } from "better-auth/plugins/bearer";
import { coarseDevice } from "./device.ts";
import {
  mailAlreadyRegistered,
  mailPasswordReset,
  mailVerification,
  mailVerificationAgain,
  passwordWasReset,
} from "./account-mail.ts";
import { endSessionsAndTell } from "./end-sessions.ts";
import { COOKIE_PREFIX, SESSION_TTL_MS } from "./session-token.ts";
import { now } from "../lib/clock.ts";
import { config } from "../lib/config.ts";
import { log } from "../lib/log.ts";
import { newId, uuidv7 } from "../protocol/ids.ts";

const SECOND_MS = 1_000;
const VERIFICATION_TTL_SECONDS = 24 * 3_600;
const RESET_TTL_SECONDS = 3_600;
const SIGN_IN_PATH = "/sign-in/email";

const TIMES = { createdAt: "created_at", updatedAt: "updated_at" } as const;

/** Our names of the library's four tables (migrations 0001 and 0004). */
const TABLES = {
  user: {
    modelName: "users",
    fields: { ...TIMES, emailVerified: "email_verified", image: "profile_photo_url" },
    additionalFields: { timezone: { type: "string", required: false, defaultValue: "UTC" } },
  },
  session: {
    modelName: "sessions",
    fields: { ...TIMES, userId: "user_id", expiresAt: "expires_at" },
    expiresIn: SESSION_TTL_MS / SECOND_MS,
    // Ours extends sessions, in src/http/middleware/session.ts.
    disableSessionRefresh: true,
    cookieCache: { enabled: false },
    additionalFields: {
      deviceClass: { type: "string", required: false, input: false, fieldName: "device_class" },
      browserFamily: { type: "string", required: false, input: false, fieldName: "browser_family" },
      osFamily: { type: "string", required: false, input: false, fieldName: "os_family" },
    },
  },
  account: {
    modelName: "accounts",
    fields: {
      ...TIMES,
      userId: "user_id",
      accountId: "account_id",
      providerId: "provider_id",
      accessToken: "access_token",
      refreshToken: "refresh_token",
      idToken: "id_token",
      accessTokenExpiresAt: "access_token_expires_at",
      refreshTokenExpiresAt: "refresh_token_expires_at",
    },
  },
  verification: {
    modelName: "verifications",
    fields: { ...TIMES, expiresAt: "expires_at" },
    storeIdentifier: "hashed",
    // The maintenance job does it (src/auth/clean-up.ts).
    disableCleanup: true,
  },
} as const satisfies Partial<BetterAuthOptions>;

/**
 * The auth library on our tables. It is imported by `instance.ts` only, on first use, since evaluating it costs tens of
 * milliseconds that no relationship object should pay for.
 *
 * Passwords: the library's native scrypt, N=16384 r=16 p=1, 64-byte key, 16-byte salt, stored as `salt:key`; about 70 ms
 * and 32 MiB a hash. Its own rate limiter, cookie cache and schema check are off: ours counts exactly and stores no
 * address, a cached session would outlive its revocation, and the schema is ours and tested.
 *
 * Confirmed addresses: only who confirmed theirs is signed in. Anybody else is told that the password is wrong, since
 * "right, but not confirmed" after a sign-up would say that the address was new. So no session of an unconfirmed person
 * exists, and `findLiveSession` would not find one. There is no way to change an address yet; the one to come must
 * confirm the new address before it takes the place of the old one, never mark a person as unconfirmed.
 */
export function buildAuthLibrary(env: Env) {
  const { AUTH_SECRET, APP_URL, allowedOrigins } = config(env);
  return betterAuth({
    appName: "Better Together",
    baseURL: APP_URL,
    basePath: "/api/auth",
    secret: AUTH_SECRET,
    database: env.DB,
    trustedOrigins: [...allowedOrigins],
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    // Its messages quote addresses and tokens; only the fact that something went wrong is ours to log.
    logger: { level: "error", log: (level) => log.warn("auth.library", { kind: level }) },
    plugins: [bearer({ requireSignature: true })],
    ...TABLES,
    emailAndPassword: passwordOptions(env),
    emailVerification: {
      sendOnSignUp: true,
      sendOnSignIn: true,
      autoSignInAfterVerification: false,
      expiresIn: VERIFICATION_TTL_SECONDS,
      sendVerificationEmail: async ({ user, token }, request) => {
        const isSignIn = request?.url.endsWith(SIGN_IN_PATH) ?? false;
        if (isSignIn) mailVerificationAgain(env, user, token, now());
        else await mailVerification(env, user, token, now());
      },
    },
    databaseHooks: { session: sessionHooks(env) },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: APP_URL.startsWith("https://"),
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true, path: "/" },
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { disableIpTracking: true },
      database: { joins: true, validateSchema: false, generateId },
    },
  });
}

export type AuthLibrary = ReturnType<typeof buildAuthLibrary>;

function passwordOptions(env: Env) {
  return {
    enabled: true,
    // A sign-up that signs in would tell a new address from a known one.
    autoSignIn: false,
    requireEmailVerification: true,
    minPasswordLength: 8,
    maxPasswordLength: 128,
    resetPasswordTokenExpiresIn: RESET_TTL_SECONDS,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: ({ user, token }) => mailPasswordReset(env, user, token, now()),
    onPasswordReset: ({ user }) => passwordWasReset(env, user, now()),
    onExistingUserSignUp: async ({ user }) => {
      if (user.emailVerified) return mailAlreadyRegistered(env, user, now());
      const token = await createEmailVerificationToken(
        config(env).AUTH_SECRET,
        user.email,
        undefined,
        VERIFICATION_TTL_SECONDS,
        { userId: user.id },
      );
      return mailVerification(env, user, token, now());
    },
  } satisfies BetterAuthOptions["emailAndPassword"];
}

function sessionHooks(env: Env) {
  return {
    create: {
      // Undefined fields are not written, and the table has no columns for them.
      before: (session) =>
        Promise.resolve({
          data: { ...session, ipAddress: undefined, userAgent: undefined, ...coarseDevice(session.userAgent) },
        }),
    },
    delete: {
      // Whatever path of the library ends a session, its sockets close: the row goes here, in one batch with the
      // message to the object, and the library's own delete then finds nothing.
      before: async (session) => {
        await endSessionsAndTell(env, { userId: session.userId, sessionId: session.id }, now());
      },
    },
  } satisfies NonNullable<BetterAuthOptions["databaseHooks"]>["session"];
}

function generateId({ model }: { model: string }): string {
  if (model === "user" || model === "users") return newId("user", now());
  if (model === "session" || model === "sessions") return newId("session", now());
  return uuidv7(now());
}
