import { createHmac, timingSafeEqual } from "node:crypto";
import { assert } from "../../lib/assert.ts";

/** Long enough to load a page of pictures, too short to be worth passing on. */
export const ADDRESS_TTL_MS = 5 * 60_000;

export interface AddressParts {
  relationshipId: string;
  photoId: string;
  /** For whom it was made; it is worth nothing when this person is no member any more. */
  memberId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** The key of addresses, which is good for nothing else. @param secret the deployment's own */
export function addressKeyOf(secret: string): string {
  return createHmac("sha256", secret).update("addresses of photos").digest("base64url");
}

function signatureOf(key: string, { relationshipId, photoId, memberId, expiresAt }: AddressParts): Buffer {
  assert(key !== "", "addresses are signed with a key");
  const text = [relationshipId, photoId, memberId, String(expiresAt)].join("\n");
  return createHmac("sha256", key).update(text).digest();
}

/** The path from which whoever has it can fetch the photo until it expires. HMAC-SHA256, in base64url. */
export function photoAddress(key: string, parts: AddressParts): string {
  const query = new URLSearchParams({
    member: parts.memberId,
    expires: String(parts.expiresAt),
    signature: signatureOf(key, parts).toString("base64url"),
  });
  return `/api/photos/${parts.relationshipId}/${parts.photoId}?${query.toString()}`;
}

/** Whether we made the address and it has not expired at `now`. */
export function isGoodAddress(key: string, parts: AddressParts, signature: string, now: number): boolean {
  const given = Buffer.from(signature, "base64url");
  const expected = signatureOf(key, parts);
  return given.length === expected.length && timingSafeEqual(given, expected) && parts.expiresAt > now;
}
