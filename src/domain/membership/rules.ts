/** What a member may be allowed to do, by the state of the relationship. */
export type Capability = "read" | "write" | "profile" | "inbox" | "export" | "exit" | "resume";

export const RELATIONSHIP_STATUSES = ["solo", "active", "paused", "frozen", "ended"] as const;
export type RelationshipStatus = (typeof RELATIONSHIP_STATUSES)[number];

/** State -> what its members may do. Whoever is not a member gets `not_found` before this is asked. */
export const STATE_CAPABILITIES: Record<RelationshipStatus, readonly Capability[]> = {
  solo: ["read", "write", "profile", "inbox", "export"],
  active: ["read", "write", "profile", "inbox", "export", "exit"],
  paused: ["read", "write", "profile", "inbox", "export", "exit", "resume"],
  frozen: ["read", "inbox", "export", "resume"],
  ended: [],
};

export function can(status: RelationshipStatus, capability: Capability): boolean {
  return STATE_CAPABILITIES[status].includes(capability);
}
