import { createHmac, timingSafeEqual } from "node:crypto";
import { config } from "../lib/config.ts";
import { idSchema } from "../protocol/ids.ts";

/** What the link of a mail may do; a link for one purpose is worth nothing for the other. */
export type RecoveryPurpose = "cancel" | "finish";

/**
 * `<recovery id>.<HMAC-SHA256 under AUTH_SECRET>`: nothing has to be stored, so that who reads the database can neither
 * stop nor finish a recovery. How often and how long it works is decided by the recovery's own state.
 */
export function recoveryToken(env: Env, purpose: RecoveryPurpose, recoveryId: string): string {
  return `${recoveryId}.${mac(env, purpose, recoveryId).toString("base64url")}`;
}

/** The recovery that `token` is for, or null when it was not made by us for this purpose. */
export function verifyRecoveryToken(env: Env, purpose: RecoveryPurpose, token: string): string | null {
  const dot = token.indexOf(".");
  const recoveryId = token.slice(0, Math.max(0, dot));
  if (!idSchema("recovery").safeParse(recoveryId).success) return null;
  const given = Buffer.from(token.slice(dot + 1), "base64url");
  const expected = mac(env, purpose, recoveryId);
  return given.length === expected.length && timingSafeEqual(given, expected) ? recoveryId : null;
}

function mac(env: Env, purpose: RecoveryPurpose, recoveryId: string): Buffer {
  return createHmac("sha256", config(env).AUTH_SECRET).update(`recovery.${purpose}\n${recoveryId}`).digest();
}
