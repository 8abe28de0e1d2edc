import { createHash, createHmac } from "node:crypto";
import { keyedHash } from "../auth/keyed-hash.ts";
import type { StoredSecret } from "../db/invitation-moves.ts";

/** 192 bits: nobody finds a token by trying. */
const TOKEN_BYTES = 24;
const CODES = 1_000_000;
const CODE_TTL_MS = 15 * 60_000;

/** A new secret in the forms that people get, once, and in the form that is stored. */
export interface InvitationSecret {
  token: string;
  code: string;
  stored: StoredSecret;
}

/** @param invitationExpiresAt a code never outlives its invitation */
export function newSecret(pepper: string, now: number, invitationExpiresAt: number): InvitationSecret {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))).toString("base64url");
  const { code, codeHmac, codeExpiresAt } = newCode(pepper, now, invitationExpiresAt);
  return { token, code, stored: { tokenHash: hashToken(token), codeHmac, codeExpiresAt } };
}

export function newCode(
  pepper: string,
  now: number,
  invitationExpiresAt: number,
): { code: string; codeHmac: string; codeExpiresAt: number } {
  const code = String(randomBelow(CODES)).padStart(6, "0");
  return { code, codeHmac: hashCode(pepper, code), codeExpiresAt: Math.min(now + CODE_TTL_MS, invitationExpiresAt) };
}

/** A token has too many bits to be guessed from its hash, so it needs no pepper. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** A million codes are hashed in a moment: without the pepper, a copy of the database would betray them all. */
export function hashCode(pepper: string, code: string): string {
  return createHmac("sha256", pepper).update(`invitation-code\n${code}`).digest("base64url");
}

/** The address of somebody who is erased, as what is kept of it can be compared with an invited one. */
export function hashKeptAddress(pepper: string, email: string): string {
  return keyedHash(pepper, "kept_away", email.toLowerCase());
}

// Numbers above the last full multiple are drawn again, so that no code is likelier than another.
function randomBelow(limit: number): number {
  const usable = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const [drawn = usable] = crypto.getRandomValues(new Uint32Array(1));
    if (drawn < usable) return drawn % limit;
  }
}
