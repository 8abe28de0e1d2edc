import type { Couple } from "../couple.ts";
import { holdsContent, insertLease } from "./state-store.ts";

/** Long enough for one batch of D1; a lease whose holder died lapses by itself. */
const LEASE_MS = 60_000;

export type LeaseReply = { granted: true; expiresAt: number } | { granted: false; reason: "has_rows" | "leased" };

/** Stops writes for a minute while the only member moves elsewhere; refused when rows of theirs would be left behind. */
export function takeLease(couple: Couple, holder: string, now: number): LeaseReply {
  if (holdsContent(couple.sql)) return { granted: false, reason: "has_rows" };
  if (couple.isLeased(now, holder)) return { granted: false, reason: "leased" };
  const expiresAt = now + LEASE_MS;
  insertLease(couple.sql, { holder, expiresAt });
  return { granted: true, expiresAt };
}
