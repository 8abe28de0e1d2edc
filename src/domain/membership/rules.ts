/** What a member may be allowed to do, by the state of the relationship. */
export type Capability =
  | "read"
  | "write"
  | "profile"
  | "inbox"
  | "export"
  | "pause"
  | "resume"
  /** Leaving, alone and at once. */
  | "exit"
  /** Saying what is to become of one's own part of a parted space. */
  | "parting";

export const RELATIONSHIP_STATUSES = ["solo", "active", "paused", "frozen", "ended"] as const;
export type RelationshipStatus = (typeof RELATIONSHIP_STATUSES)[number];

/**
 * State -> what its members may do. Whoever is not a member gets `not_found` before this is asked. Leaving a space that
 * the other has just left is allowed, and says nothing but yes.
 */
export const STATE_CAPABILITIES: Record<RelationshipStatus, readonly Capability[]> = {
  solo: ["read", "write", "profile", "inbox", "export"],
  active: ["read", "write", "profile", "inbox", "export", "exit", "pause"],
  paused: ["read", "write", "profile", "inbox", "export", "exit", "resume"],
  frozen: ["read", "inbox", "export", "exit", "parting"],
  ended: [],
};

export function can(status: RelationshipStatus, capability: Capability): boolean {
  return STATE_CAPABILITIES[status].includes(capability);
}

const MOVING: readonly Capability[] = ["pause", "resume", "exit", "parting"];

/** Whether `capability` is a step between states: one that is refused can only succeed from another state. */
export function isStep(capability: Capability): boolean {
  return MOVING.includes(capability);
}
