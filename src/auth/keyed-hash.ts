import { createHmac } from "node:crypto";

/** What a hashed value is used for; the same address under two purposes gives two unrelated keys. */
export type HashPurpose = "account" | "address" | "kept_away";

/** A value that can be compared but not read back: HMAC-SHA256 under the deployment's pepper, in base64url. */
export function keyedHash(pepper: string, purpose: HashPurpose, value: string): string {
  return createHmac("sha256", pepper).update(`${purpose}\n${value}`).digest("base64url");
}

/**
 * The part of an IP address that one subscriber or office shares: /24 of IPv4, /48 of IPv6. A single IPv6 customer owns
 * 2^80 addresses, so counting whole addresses would count nothing.
 */
export function addressPrefix(address: string | null | undefined): string {
  if (!address) return "none";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  const plain = mapped?.[1] ?? address;
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(plain);
  if (v4?.[1] !== undefined) return v4[1];
  return expandedGroups(plain).slice(0, 3).join(":");
}

function expandedGroups(address: string): string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: gap }, () => "0"), ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
